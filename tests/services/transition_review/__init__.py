"""transition_review."""
