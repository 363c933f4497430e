"""All SQL of action_plans, by what it is about."""
