"""All SQL of health_scoring, by what it is about."""
