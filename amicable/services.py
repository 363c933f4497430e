"""The services there are, in the order of an event's way."""

COMMANDED = ("health_scoring", "action_plans", "transition_review")  # they take commands, and so know the keys of who may sign them
NAMES = ("health_scoring", "action_plans", "transition_review", "notifications")
