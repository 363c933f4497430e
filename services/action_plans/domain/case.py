"""A case: one customer that is going downhill, from the first sign to saved, ended, lost or dismissed."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, TypeVar

from services.action_plans.domain import calendar
from services.action_plans.domain.conversation import Conversation
from services.action_plans.domain.expectation import Expectation
from services.action_plans.domain.plan import Plan
from services.action_plans.domain.players import ExecutiveException, Stakeholder
from services.action_plans.domain.progress import Progress
from services.action_plans.domain.refusal import NotPossible, unknown
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import Commitment

State = Literal["at_risk", "conversation", "plan", "reviewing", "failed", "saved", "dismissed", "lost", "ended"]
Severity = Literal["watch", "risk"]
Ground = Literal["time_frame_over", "refused", "unanswered", "abandoned"]
Band = Literal["green", "yellow", "red", "unknown"]


@dataclass(frozen=True)
class Evidence:
    """What a reason stands on: the number, the customer's own usual one, and the newest events behind it."""

    value: float | None = None
    usual: float | None = None
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why the customer is at risk, in words that a CSM can say aloud."""

    code: str
    text: str
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Decision:
    """Something that was decided, by whom, and in which review, if in one."""

    decision_id: str
    text: str
    by: str
    at: datetime
    review_id: str | None = None


@dataclass(frozen=True)
class Sentiment:
    """How the CSM feels about the relationship: 1 (lost) to 5 (warm); kept apart from the computed score."""

    value: int
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Applied:
    """A playbook that filled the draft."""

    playbook: str
    version: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Comment:
    """What the customer wrote on its page; proposes: it asks for a change of the plan."""

    comment_id: str
    contact_id: str
    text: str
    at: datetime
    proposes: bool = False


@dataclass(frozen=True)
class MissingData:
    """A manager's written statement why nothing is known of the customer's health."""

    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Failure:
    """All of it was tried and it still fails. cause: the root cause, a situation of the playbooks."""

    ground: Ground
    why: str
    cause: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Ending:
    """How the case ended. helped: which steps saved the customer; cause: the root cause, a situation."""

    how: Literal["saved", "dismissed", "lost", "ended"]
    why: str
    at: datetime
    by: str | None = None
    cause: str | None = None
    helped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """Everything that is known of a case; `revision` grows by one with every change.

    opened_by: the person, None for a risk. time_zone: the customer's, in which its days are counted.
    announced_at: when an ending was announced while the plan still ran, by an executive's override; nobody works at the
    plan any more, unless that is withdrawn. reminded: what the clock has told already.
    """

    case_id: str
    customer_id: str
    revision: int
    opened_at: datetime
    opened_by: str | None
    csm: str | None
    episode_id: str | None
    severity: Severity | None
    reasons: tuple[Reason, ...]
    band: Band = "unknown"
    time_zone: str = "UTC"
    stakeholders: tuple[Stakeholder, ...] = ()
    exception: ExecutiveException | None = None
    conversations: tuple[Conversation, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    plan: Plan = field(default_factory=Plan)
    progress: tuple[Progress, ...] = ()
    reviews: tuple[Review, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sentiments: tuple[Sentiment, ...] = ()
    playbooks: tuple[Applied, ...] = ()
    comments: tuple[Comment, ...] = ()
    missing_data: MissingData | None = None
    failure: Failure | None = None
    announced_at: datetime | None = None
    ending: Ending | None = None
    eligible: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Which step the case has come to: it follows from what it holds."""
        if self.ending is not None:
            return self.ending.how
        if self.failure is not None:
            return "failed"
        if self.plan.agreed is not None:
            return "reviewing"
        if self.plan.draft is not None or self.plan.versions:
            return "plan"
        return "conversation" if self.conversations else "at_risk"

    @property
    def is_open(self) -> bool:
        """Tell whether it still takes part; a failed case is open until its transition ends or is withdrawn."""
        return self.ending is None

    @property
    def commitments(self) -> tuple[Commitment, ...]:
        """What both sides have agreed to do."""
        return self.plan.agreed.terms.commitments if self.plan.agreed else ()

    @property
    def progress_by_id(self) -> dict[str, Progress]:
        """How each commitment goes that anything was recorded of."""
        return {one.commitment_id: one for one in self.progress}

    def today(self, now: datetime) -> date:
        """Return the customer's day at a moment."""
        return calendar.today(self.time_zone, now)

    def player(self, stakeholder_id: str) -> Stakeholder:
        """Return a player; NotPossible where the case has none of that id."""
        return find(self.stakeholders, "stakeholder", stakeholder_id)

    def require_met(self, held_at: datetime, attendees: Iterable[str], now: datetime) -> None:
        """Raise NotPossible unless a meeting can have been held: since the case was opened, by now, with the customer.

        All who attended are players. Where nobody of the customer came, they have missed it.
        """
        if held_at > now:
            raise NotPossible("in_the_future", "It cannot have been held at a time that is ahead.", "it has happened")
        if held_at < self.opened_at:
            raise NotPossible("before_the_case", "It was held before the case was opened.", "it was held since then")
        if "customer" not in {self.player(id_).side for id_ in attendees}:
            raise NotPossible(
                "nobody_of_theirs", "Nobody of the customer is said to have been there.", "one of theirs attended"
            )

    def next(self, **changes: object) -> "Case":
        """Return the case with these changes, one revision on."""
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]


Thing = TypeVar("Thing")
IDS = {
    "stakeholder": "stakeholder_id",
    "conversation": "conversation_id",
    "expectation": "expectation_id",
    "commitment": "commitment_id",
    "review": "review_id",
}


def find(things: Iterable[Thing], what: str, id_: str) -> Thing:
    """Return the thing of that id; NotPossible where there is none."""
    for one in things:
        if getattr(one, IDS[what]) == id_:
            return one
    raise unknown(what, id_)


def put(things: tuple[Thing, ...], what: str, changed: Thing) -> tuple[Thing, ...]:
    """Return the things with one in the place of that of the same id, or after them."""
    id_ = getattr(changed, IDS[what])
    if not any(getattr(one, IDS[what]) == id_ for one in things):
        return (*things, changed)
    return tuple(changed if getattr(one, IDS[what]) == id_ else one for one in things)


def require_new(things: Iterable[object], what: str, id_: str, most: int) -> None:
    """Raise NotPossible where the id is taken, or there are as many as a case may hold."""
    known = {getattr(one, IDS[what]) for one in things}
    if id_ in known:
        raise NotPossible("id_taken", f"The case has a {what} {id_} already.", f"the id of the {what} is a new one")
    if len(known) >= most:
        raise NotPossible("too_many", f"A case holds at most {most} of each: {what}.", "there are fewer")


def require_open(case: Case) -> None:
    """Raise NotPossible unless the case is open: what happens is recorded until then, in a failed one too."""
    if not case.is_open:
        raise NotPossible("closed", f"The case is over: it is {case.state}.", "the case is open")


def require_working(case: Case) -> None:
    """Raise NotPossible unless the plan is still worked at: nor is the end of the relationship announced."""
    require_undecided(case)
    if case.announced_at is not None:
        needed = "the ending is withdrawn, or the customer is declared saved"
        raise NotPossible("ending_announced", "The end of the relationship is announced.", needed)


def require_undecided(case: Case) -> None:
    """Raise NotPossible unless the outcome is still to be decided: open, and not declared failed."""
    require_open(case)
    if case.failure is not None:
        raise NotPossible("failed", "The case was declared failed.", "the case goes on (its transition is withdrawn)")
