"""What transition_review says (transitions.v1, terminations.v1) and is asked (transition_review.commands.v1)."""
