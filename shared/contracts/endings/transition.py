"""A transition as it is told after every change: internal, for those who prepare and review it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.endings.parts import PartNames, Parts, SomeText
from shared.contracts.endings.reckoned import Reckoned
from shared.contracts.event import Contract
from shared.contracts.fields import (
    Day,
    Flag,
    Id,
    Line,
    Moment,
    PersonalLine,
    PlanText,
    Revision,
    ShortId,
    TimeZone,
)
from shared.contracts.health import Band, Points
from shared.contracts.plans.case import ContentHash

State = Literal[
    "proposed", "draft", "in_review", "approved", "announced", "ending", "ended", "refused", "withdrawn", "lost"
]
TalkChannel = Literal["in_person", "phone", "video"]
TalkTopic = Literal["ending", "reasons", "final", "plan", "open_talk"]
Says = Literal["approve", "change", "object"]
Standing = Literal["waiting", "approved", "change_requested", "objected", "overruled"]
People = Annotated[tuple[Id, ...], Field(max_length=50)]
Unmet = Annotated[tuple[PlanText, ...], Field(max_length=20)]


class Override(Contract):
    """An executive goes on without a condition of the last-resort checklist."""

    condition: Id
    reason: PlanText
    by: Id
    at: Moment


class FrozenHealth(Contract):
    """The customer's health when the transition was opened."""

    band: Band
    score: Points | None = None
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)] | None = None
    card: Id | None = None
    card_version: Revision | None = None
    scored_at: Moment | None = None


class TeamReview(Contract):
    """Where a required team stands on the version that waits; since when it is waited for, and by when."""

    team: ShortId
    standing: Standing
    since: Moment
    due_on: Day
    by: Id | None = None
    why: PlanText = ""


class VersionRef(Contract):
    """A version of the plan."""

    number: Revision
    content_hash: ContentHash
    submitted_by: Id
    at: Moment


class ApprovalRef(Contract):
    """An executive's approval of a version."""

    version: Revision
    content_hash: ContentHash
    by: Id
    at: Moment


class AgendaItem(Contract):
    """One of the five parts of the talk. outcome: what came of it, once it was held."""

    topic: TalkTopic
    title: Line
    points: Annotated[tuple[PlanText, ...], Field(max_length=50)]
    outcome: PlanText = ""


class AnsweredQuestion(Contract):
    """A question that the customer is likely to ask, and our answer."""

    question: PlanText
    answer: PlanText


class TalkRole(Contract):
    """Who of ours does what in the talk."""

    person: Id
    does: PersonalLine


class PreparationRef(Contract):
    """What our people have at hand in the talk, and the customer never sees."""

    questions: Annotated[tuple[AnsweredQuestion, ...], Field(max_length=50)] = ()
    roles: Annotated[tuple[TalkRole, ...], Field(max_length=20)] = ()
    words_to_avoid: Annotated[tuple[PersonalLine, ...], Field(max_length=50)] = ()


class TalkRef(Contract):
    """The talk: planned, or held. agenda, preparation: made from the record, or as people have edited them since."""

    planned_for: Moment
    channel: TalkChannel
    speakers: People
    contacts: People
    held_at: Moment | None = None
    reaction: PlanText = ""
    agreed_changes: PartNames = ()
    agenda: Annotated[tuple[AgendaItem, ...], Field(max_length=5)] = ()
    preparation: PreparationRef | None = None


class Reached(Contract):
    """A milestone that is done, with its proof."""

    milestone_id: ShortId
    on: Day
    evidence: SomeText
    by: Id
    at: Moment


class AnnouncedRef(Contract):
    """What was announced last."""

    version: Revision
    revision: Revision
    at: Moment
    by: Id
    last_day: Day


class NoticeRef(Contract):
    """The written notice as it was received."""

    received_on: Day
    how: PlanText
    by: Id
    at: Moment


class ReferralOutcome(Contract):
    """What became of the referral."""

    consent: Literal["given", "declined"]
    at: Moment
    by: Id
    alternative: ShortId | None = None
    introduced_on: Day | None = None
    outcome: PlanText = ""


class PostMortem(Contract):
    """What was learned."""

    missed_signals: PlanText
    misfit_at_sale: PlanText
    do_differently: PlanText
    by: Id
    at: Moment


MOST_INVOLVED = 500


class TransitionSnapshot(Contract):
    """A transition after a change. written_on: its parts are other than what was submitted last.

    reckoned: what follows from its parts; involved: who of ours has a part in it by name, but for who stands in for a
    while. Both are absent in what was published before they were told.
    """

    stands_apart: ClassVar[bool] = True

    transition_id: Id
    case_id: Id
    case_revision: Revision
    revision: Revision
    state: State
    proposed_at: Moment
    proposed_by: Id
    why: PlanText
    csm: Id | None = None
    time_zone: TimeZone
    policy: Id
    policy_version: Revision
    overrides: Annotated[tuple[Override, ...], Field(max_length=50)] = ()
    health: FrozenHealth | None = None
    opened_at: Moment | None = None
    stopped: Unmet = ()
    written_on: Flag
    parts: Parts
    authors: People = ()
    submitted: VersionRef | None = None
    reviews: Annotated[tuple[TeamReview, ...], Field(max_length=50)] = ()
    approval: ApprovalRef | None = None
    talk: TalkRef | None = None
    announced: AnnouncedRef | None = None
    notice: NoticeRef | None = None
    reached: Annotated[tuple[Reached, ...], Field(max_length=50)] = ()
    over_at: Moment | None = None
    over_why: PlanText | None = None
    post_mortem: PostMortem | None = None
    referral: ReferralOutcome | None = None
    reckoned: Reckoned | None = None
    involved: Annotated[tuple[Id, ...], Field(max_length=MOST_INVOLVED)] | None = None
