"""What the customer writes on its page: kept as it is, and bounded, so that a case never fills up with it."""

from datetime import datetime

from services.action_plans.domain.case import Case, Comment, require_open
from services.action_plans.domain.refusal import NotPossible

MOST = 100
MOST_BYTES = 100_000  # of all texts of a case together, in UTF-8


def comment(case: Case, comment_id: str, contact_id: str, text: str, now: datetime, *, proposes: bool) -> Case:
    """Return the case with a comment; proposes: it asks for a change of the plan."""
    require_open(case)
    size = sum(len(one.text.encode()) for one in case.comments) + len(text.encode())
    if len(case.comments) >= MOST or size > MOST_BYTES:
        raise NotPossible("too_many", "There is no room for more comments on this plan.", "there are fewer comments")
    return case.next(comments=(*case.comments, Comment(comment_id, contact_id, text, now, proposes)))


def has(case: Case, comment_id: str) -> bool:
    """Tell whether the case has this comment."""
    return any(one.comment_id == comment_id for one in case.comments)
