"""A transition: one relationship that is to end, from the proposal to its last day and what was learned from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.transition_review.domain.parts import PartName, Parts, changed, hashes
from services.transition_review.domain.policy import Policy
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.review import Opinion, StandIn
from services.transition_review.domain.talk import Talk

State = Literal[
    "proposed", "draft", "in_review", "approved", "announced", "ending", "ended", "refused", "withdrawn", "lost"
]


@dataclass(frozen=True)
class Override:
    """An executive goes on without a condition of the last-resort checklist, for a written reason. Never taken back."""

    condition: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class FrozenHealth:
    """The customer's health when the transition was opened; closing tickets changes it no more."""

    band: str
    score: str | None = None
    confidence: float | None = None
    card: str | None = None
    card_version: int | None = None
    scored_at: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """A question to action_plans that waits for its answer. about: what goes on once it is confirmed."""

    question_id: str
    about: Literal["opening", "approval"]
    at: datetime
    by: str


@dataclass(frozen=True)
class Version:
    """The plan as it was submitted. of_parts: hash of each part; since: for each part, when it became what it is.

    asked: for each team that it requires, since when it does, without a break; empty where it was not noted yet.
    """

    number: int
    submitted_by: str
    at: datetime
    content_hash: str
    of_parts: Mapping[PartName, str]
    since: Mapping[PartName, datetime]
    parts: Parts
    asked: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Approval:
    """An executive's word on a version, once action_plans has confirmed that the relationship may be ended."""

    version: int
    content_hash: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Announcement:
    """What revenue and operations were told last. revision: of what was told; parts: as they were approved.

    notified: contacts of the customer who got the written notice; shared_with: those who got a link to its plan.
    first_at: of the first announcement, where this is of a change.
    """

    version: int
    revision: int
    at: datetime
    by: str
    parts: Parts
    notified: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()
    first_at: datetime | None = None

    @property
    def began_at(self) -> datetime:
        """When the ending was announced, however often it was changed since."""
        return self.first_at or self.at

    @property
    def written_to(self) -> tuple[str, ...]:
        """Everybody on the customer's side who has it in writing."""
        return tuple(dict.fromkeys([*self.notified, *self.shared_with]))


@dataclass(frozen=True)
class Notice:
    """When the customer received the written notice, and how: it starts the contract's clocks."""

    received_on: date
    how: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Reached:
    """A milestone that is done, with its proof."""

    milestone_id: str
    on: date
    evidence: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ReferralOutcome:
    """What became of the referral. Nothing is shared with an alternative before the customer's consent."""

    consent: Literal["given", "declined"]
    at: datetime
    by: str
    alternative: str | None = None
    introduced_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True)
class PostMortem:
    """What was learned."""

    missed_signals: str
    misfit_at_sale: str
    do_differently: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Over:
    """How the transition ended."""

    how: Literal["ended", "refused", "withdrawn", "lost"]
    why: str
    at: datetime
    by: str | None = None


@dataclass(frozen=True)
class Transition:
    """Everything that is known of it; `revision` grows by one with every change.

    case_revision: of the case as last asked about. parts: as they are being written. authors: who wrote any of them.
    stopped: conditions of the checklist that do not hold now, though nobody has overridden them. reminded: what the
    clock has told already.
    """

    transition_id: str
    customer_id: str
    case_id: str
    case_revision: int
    revision: int
    proposed_at: datetime
    proposed_by: str
    why: str
    csm: str | None
    time_zone: str
    policy: Policy
    overrides: tuple[Override, ...] = ()
    health: FrozenHealth | None = None
    asked: Asked | None = None
    opened_at: datetime | None = None
    stopped: tuple[str, ...] = ()
    parts: Parts = field(default_factory=Parts)
    authors: tuple[str, ...] = ()
    versions: int = 0
    submitted: Version | None = None
    opinions: tuple[Opinion, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    approval: Approval | None = None
    first_approved_at: datetime | None = None
    talk: Talk | None = None
    announced: Announcement | None = None
    notice: Notice | None = None
    reached: tuple[Reached, ...] = ()
    over: Over | None = None
    post_mortem: PostMortem | None = None
    referral: ReferralOutcome | None = None
    returned: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Where it stands, from what is known of it."""
        if self.over is not None:
            return self.over.how
        if self.announced is not None:
            return "ending" if self.notice is not None else "announced"
        if self.opened_at is None:
            return "proposed"
        if self.is_written_on:
            return "draft"
        return "approved" if self.is_approved else "in_review"

    @property
    def is_written_on(self) -> bool:
        """Tell whether the parts are other than what was submitted last."""
        return self.submitted is None or bool(changed(self.submitted.of_parts, hashes(self.parts)))

    @property
    def is_approved(self) -> bool:
        """Tell whether the plan as it is now has the approval of an executive, who has not written on it.

        What is taken back through another version is approved anew: the executive comes last.
        """
        return (
            self.submitted is not None
            and self.approval is not None
            and self.approval.version == self.submitted.number
            and self.approval.by not in self.authors
            and not self.is_written_on
        )

    @property
    def is_published(self) -> bool:
        """Tell whether the plan as it is now is what was announced."""
        return self.announced is not None and self.parts == self.announced.parts

    @property
    def is_open(self) -> bool:
        """Tell whether it still takes part."""
        return self.over is None

    @property
    def overridden(self) -> tuple[str, ...]:
        """The conditions that an executive goes on without."""
        return tuple(dict.fromkeys(one.condition for one in self.overrides))

    @property
    def missing_changes(self) -> tuple[PartName, ...]:
        """The parts that were to be changed after the talk, and are as they were when it was held."""
        if self.talk is None or self.talk.held_at is None or self.submitted is None:
            return ()
        held = self.talk.held_at
        return tuple(part for part in self.talk.agreed_changes if self.submitted.since.get(part, held) <= held)

    def today(self, now: datetime) -> date:
        """Return the customer's day at a moment."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def next(self, **changes: object) -> "Transition":
        """Return the transition with these changes, one revision on."""
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]


def require_open(transition: Transition) -> None:
    """Raise NotPossible unless it still takes part."""
    if transition.over is not None:
        raise NotPossible("over", f"The transition is over: it is {transition.state}.", "the transition is open")


def require_opened(transition: Transition) -> None:
    """Raise NotPossible unless action_plans has confirmed that it may be prepared."""
    require_open(transition)
    if transition.opened_at is None:
        raise NotPossible(
            "not_confirmed", "It is not yet confirmed that this relationship may be ended.", "eligibility is confirmed"
        )


def require_going(transition: Transition) -> None:
    """Raise NotPossible where a condition of the checklist was lost: that stops it until it is announced."""
    require_opened(transition)
    if transition.stopped and transition.announced is None:
        raise NotPossible(
            "stopped",
            "The transition is stopped: the last-resort checklist is no longer complete.",
            *transition.stopped,
        )


def write(transition: Transition, name: PartName, part: object, by: str) -> Transition:
    """Return the transition with this part written anew; who writes never approves."""
    require_opened(transition)
    if getattr(transition.parts, name) == part:
        raise NotPossible("no_change", f"The part {name} says this already.", "something of it is another")
    parts = replace(transition.parts, **{name: part})  # type: ignore[arg-type]  # the part of that name
    authors = tuple(dict.fromkeys([*transition.authors, by]))
    return transition.next(parts=parts, authors=authors, asked=None)
