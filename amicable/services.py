"""The services there are, in the order of an event's way."""

# They take commands, and so know the keys of who may sign them.
COMMANDED = ("health_scoring", "action_plans", "transition_review", "notifications")
NAMES = ("health_scoring", "action_plans", "transition_review", "notifications", "console")
