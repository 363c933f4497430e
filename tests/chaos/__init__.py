"""Services killed at the worst moments: nothing is lost, nothing is doubled."""
