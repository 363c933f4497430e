"""The shared plan: all that the customer may see of a case, and nothing else. Page and documents show this alone.

Ids, scores, reasons, drafts, views, notes, conversations, offers and how the case itself is judged are not in it.
`sharing.shared` builds it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.progress import Status
from services.action_plans.domain.shared_changes import Difference
from services.action_plans.domain.terms import Cadence

Standing = Literal["waiting", "agreed", "refused"]
Change = Literal["none", "new", "changed", "dropped"]


@dataclass(frozen=True)
class SharedPromise:
    """What a side expects, as both agreed to write it."""

    side: Side
    kind: ExpectationKind
    text: str
    norm: str | None
    target: str | None
    by_day: date | None


@dataclass(frozen=True)
class SharedCommitment:
    """What a side does, and how it goes. key: what a calendar knows it by, through all versions; nobody reads it.

    change: against the version in force, while another waits. due_before: its day in the version in force, where that
    is another. slippage: days put off against the first agreed version (negative: brought forward), None where that
    version did not have it. on: the day it was done, missed or waived. cause: why it was missed or waived.
    undeliverable: why we cannot do it, once the customer was told, and when.
    """

    number: int
    side: Side
    what: str
    owner: str
    due_on: date
    done_when: str
    status: Status
    days_late: int
    change: Change
    due_before: date | None
    slippage: int | None
    on: date | None
    evidence: str | None
    cause: str | None
    undeliverable: str | None
    told_at: datetime | None
    key: str


@dataclass(frozen=True)
class SharedMove:
    """A review was moved: by which side, and from when."""

    by: Side
    planned_for: datetime


@dataclass(frozen=True)
class SharedResult:
    """What a review said of a commitment. number: of the commitment, None where it is no longer listed."""

    number: int | None
    what: str
    status: Status
    note: str


@dataclass(frozen=True)
class SharedReview:
    """A review meeting. key: what a calendar knows it by, through all versions; nobody reads it."""

    planned_for: datetime
    state: Literal["planned", "held", "missed"]
    moves: tuple[SharedMove, ...]
    held_at: datetime | None
    attendees: tuple[str, ...]
    results: tuple[SharedResult, ...]
    decided: tuple[str, ...]
    missed_by: Side | None
    key: str


@dataclass(frozen=True)
class Signature:
    """A named person of a side accepted the version shown."""

    side: Side
    name: str
    at: datetime


@dataclass(frozen=True)
class No:
    """Somebody of the customer refused a version, in their own words."""

    version: int
    name: str
    at: datetime
    why: str


@dataclass(frozen=True)
class SharedComment:
    """What somebody of the customer wrote here."""

    name: str
    text: str
    at: datetime
    proposes: bool


@dataclass(frozen=True)
class Counts:
    """What a side promised and did; the same counts for both."""

    side: Side
    name: str
    commitments: int
    met: int
    late: int
    missed: int
    waived: int
    open: int
    days_late: int
    undeliverable: int
    meetings_missed: int
    meetings_moved: int


@dataclass(frozen=True)
class SharedPlan:
    """A plan as both sides read it, at a moment.

    version, content_hash, standing: of the version shown: the one that waits, else the one in force, else the one that
    was refused. in_force: the number of the version in force. answerable: the customer can sign or refuse it now.
    frame_slipped_days: by how much the end was put off since the first agreed version. earlier: commitments that an
    earlier version had, of which something came. changes: against the version before.
    """

    us: str
    customer: str
    partner: str
    time_zone: str
    as_of: datetime
    today: date
    version: int
    content_hash: str
    standing: Standing
    in_force: int | None
    answerable: bool
    proposed_at: datetime
    agreed_at: datetime | None
    purpose: str
    starts_on: date
    ends_on: date
    ends_before: date | None
    frame_slipped_days: int
    cadence: Cadence
    first_review_on: date
    review_hour: int
    promises: tuple[SharedPromise, ...]
    commitments: tuple[SharedCommitment, ...]
    earlier: tuple[SharedCommitment, ...]
    reviews: tuple[SharedReview, ...]
    changes: tuple[Difference, ...]
    signatures: tuple[Signature, ...]
    refusal: No | None
    comments: tuple[SharedComment, ...]
    counts: tuple[Counts, Counts]

    @property
    def title(self) -> str:
        """What it is called on a cover or in a mail."""
        return f"The plan of {self.customer} and {self.us}"

    @property
    def next_review(self) -> SharedReview | None:
        """The next review that is still to come."""
        return next((one for one in self.reviews if one.state == "planned" and one.planned_for >= self.as_of), None)

    def name(self, side: Side) -> str:
        """Return what a side is called."""
        return self.us if side == "us" else self.customer

    def of(self, side: Side) -> tuple[SharedCommitment, ...]:
        """Return the commitments of a side, by their days."""
        return tuple(one for one in self.commitments if one.side == side)

    def has_signed(self, side: Side) -> bool:
        """Tell whether a side has accepted the version shown."""
        return any(one.side == side for one in self.signatures)
