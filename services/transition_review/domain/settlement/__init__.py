"""What is owed either way when a relationship ends: every line explained, and their sum exact."""
