"""The services there are, in the order of an event's way."""

NAMES = ("health_scoring", "action_plans", "transition_review", "notifications")
