"""All SQL of transition_review."""
