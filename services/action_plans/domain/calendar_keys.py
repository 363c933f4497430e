"""What calendars know reviews and due days by: the same through all versions, and nothing of our own ids in it."""

import hashlib

from services.action_plans.domain.review import Review


def calendar_key(case_id: str, *what: str) -> str:
    """Return an opaque name of something in a case."""
    return hashlib.sha256("/".join((case_id, *what)).encode()).hexdigest()[:32]


def review_key(case_id: str, review: Review) -> str:
    """Return the name of a review: by its day on the cadence, so that a new version does not make it another one."""
    if review.by_hand:
        return calendar_key(case_id, "extra", review.review_id)
    return calendar_key(case_id, "review", review.review_id[-len("2026-03-09") :])
