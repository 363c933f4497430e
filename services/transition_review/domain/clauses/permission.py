"""Whether a clause gives a right to end the contract at all."""

from datetime import date
from typing import get_args

from services.transition_review.domain.clauses.contract import Cause, Clause, Form, Notice

FORMS: tuple[Form, ...] = get_args(Form)


def why_not(clause: Clause, notice: Notice) -> str | None:
    """Return in one sentence why the clause gives no right to this notice; None where it does."""
    if clause.who not in {notice.by, "either"}:
        return "It is the customer's right, not ours." if notice.by == "us" else "It is our right, not the customer's."
    if clause.ground != "ordinary" and _cause(clause, notice) is None:
        return f"It asks for {_ground(clause)}, and none is recorded."
    if FORMS.index(notice.form) < FORMS.index(clause.form):
        asked = "a signed letter" if clause.form == "written" else "a text, such as an e-mail"
        return f"It asks for {asked}: the notice as planned would not do."
    if clause.cure and notified_on(clause, notice) is None:
        return "Its cure period has not begun: the other side has not been told of the breach."
    return None


def _ground(clause: Clause) -> str:
    return "good cause" if clause.ground == "good_cause" else "unpaid invoices"


def _cause(clause: Clause, notice: Notice) -> Cause | None:
    """Return the cause that the clause asks for: of several the one that the other side was told of first."""
    causes = [cause for cause in notice.causes if cause.ground == clause.ground]
    return min(causes, key=lambda cause: cause.notified_on or date.max, default=None)


def notified_on(clause: Clause, notice: Notice) -> date | None:
    """Return when the other side was told of the breach that the clause asks for."""
    cause = _cause(clause, notice)
    return cause.notified_on if cause else None
