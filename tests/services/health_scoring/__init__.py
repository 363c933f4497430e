"""health_scoring."""
