"""transition_review: follows the cases, so that an ending can be prepared where a case has honestly failed."""
