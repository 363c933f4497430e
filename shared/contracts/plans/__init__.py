"""What action_plans says (plans.v1) and is asked (action_plans.commands.v1): the case, its facts, its commands."""
