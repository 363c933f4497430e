"""action_plans."""
