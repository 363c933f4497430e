"""The commands that transition_review takes."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field

from shared.contracts.endings.clauses import contract_day
from shared.contracts.endings.parts import (
    Communication,
    Contracts,
    PartNames,
    Referral,
    Refunds,
    SomeText,
    Support,
    Timeline,
)
from shared.contracts.endings.transition import People, Says, TalkChannel, TalkTopic
from shared.contracts.event import Command, CustomerCommand, StrictContract
from shared.contracts.fields import Day, Flag, Id, Line, Moment, PersonalLine, PlanText, ShortId
from shared.contracts.plans.case import ContentHash

EndingDocument = Literal["agenda", "preparation", "plan", "notice"]
EndingFormat = Literal["pdf", "docx", "md", "html"]


P = TypeVar("P", bound=BaseModel)


def _with_days_of_today(part: P) -> P:
    """Return a part unchanged; ValueError where a day of it is none that a contract of today can mean.

    It is bounded as it is written, not as it is told: what was told before has to stay readable.
    """
    for where, value in _days(part.model_dump()):
        try:
            contract_day(value)
        except ValueError as why:
            raise ValueError(f"{where} {why}") from None
    return part


def _days(value: Any, where: str = "") -> Iterator[tuple[str, date]]:
    """Return each day within, with the name of its field."""
    if isinstance(value, date):
        yield where, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _days(one, name)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _days(one, where)


class NamedOverride(StrictContract):
    """A condition of the checklist to go on without, and why."""

    condition: Id
    reason: SomeText


class WrittenItem(StrictContract):
    """One of the five parts of the agenda, as people have edited it."""

    topic: TalkTopic
    title: Line
    points: Annotated[tuple[SomeText, ...], Field(min_length=1, max_length=50)]


class LikelyQuestion(StrictContract):
    """A question that the customer is likely to ask, and our answer."""

    question: SomeText
    answer: SomeText


class Speaker(StrictContract):
    """Who of ours does what in the talk."""

    person: Id
    does: PersonalLine


class WrittenPreparation(StrictContract):
    """What our people have at hand, and the customer never sees."""

    questions: Annotated[tuple[LikelyQuestion, ...], Field(max_length=50)] = ()
    roles: Annotated[tuple[Speaker, ...], Field(max_length=20)] = ()
    words_to_avoid: Annotated[tuple[PersonalLine, ...], Field(max_length=50)] = ()


class Outcome(StrictContract):
    """What came of a part of the agenda."""

    topic: TalkTopic
    outcome: SomeText


class TransitionCommand(CustomerCommand):
    """A command about a transition of the customer."""

    transition_id: ShortId


class ProposeTransition(TransitionCommand):
    """Propose to end the relationship. transition_id: a new one. overrides: for an executive alone."""

    type: Literal["ProposeTransition"] = "ProposeTransition"
    case_id: Id
    why: SomeText
    overrides: Annotated[tuple[NamedOverride, ...], Field(max_length=20)] = ()


class OverrideCondition(TransitionCommand):
    """Go on without a condition of the checklist; for an executive."""

    type: Literal["OverrideCondition"] = "OverrideCondition"
    condition: Id
    reason: SomeText


class WriteTimeline(TransitionCommand):
    """Write the part."""

    type: Literal["WriteTimeline"] = "WriteTimeline"
    timeline: Annotated[Timeline, AfterValidator(_with_days_of_today)]


class WriteContracts(TransitionCommand):
    """Write the part."""

    type: Literal["WriteContracts"] = "WriteContracts"
    contracts: Contracts


class WriteRefunds(TransitionCommand):
    """Write the part; its lines are computed, with the last day of the timeline."""

    type: Literal["WriteRefunds"] = "WriteRefunds"
    refunds: Refunds


class WriteSupport(TransitionCommand):
    """Write the part."""

    type: Literal["WriteSupport"] = "WriteSupport"
    support: Annotated[Support, AfterValidator(_with_days_of_today)]


class WriteCommunication(TransitionCommand):
    """Write the part."""

    type: Literal["WriteCommunication"] = "WriteCommunication"
    communication: Annotated[Communication, AfterValidator(_with_days_of_today)]


class WriteReferral(TransitionCommand):
    """Write the part."""

    type: Literal["WriteReferral"] = "WriteReferral"
    referral: Referral


class SubmitPlan(TransitionCommand):
    """Put the plan as it is written to the teams, as its next version."""

    type: Literal["SubmitPlan"] = "SubmitPlan"


class GiveReview(TransitionCommand):
    """Say what a team says of the version that you saw; a reason is needed unless it approves."""

    type: Literal["GiveReview"] = "GiveReview"
    team: ShortId
    says: Says
    content_hash: ContentHash
    why: PlanText = ""


class OverruleObjection(TransitionCommand):
    """Go on in spite of a team's objection; for an executive."""

    type: Literal["OverruleObjection"] = "OverruleObjection"
    team: ShortId
    why: SomeText


class NameStandIn(TransitionCommand):
    """Let somebody answer for a team until a moment; for its people, a manager of one of them, and admins."""

    type: Literal["NameStandIn"] = "NameStandIn"
    team: ShortId
    person: Id
    until: Moment
    why: SomeText


class ApprovePlan(TransitionCommand):
    """Approve, last of all, the version that you saw; for an executive."""

    type: Literal["ApprovePlan"] = "ApprovePlan"
    content_hash: ContentHash


class ArrangeTalk(TransitionCommand):
    """Arrange the talk, or move it. speakers: of ours; contacts: of the customer."""

    type: Literal["ArrangeTalk"] = "ArrangeTalk"
    planned_for: Moment
    channel: TalkChannel
    speakers: People
    contacts: People


class PrepareTalk(TransitionCommand):
    """Edit the agenda or the preparation; what is absent stays."""

    type: Literal["PrepareTalk"] = "PrepareTalk"
    agenda: Annotated[tuple[WrittenItem, ...], Field(min_length=5, max_length=5)] | None = None
    preparation: WrittenPreparation | None = None


class RecordTalk(TransitionCommand):
    """The talk was held. agreed_changes: parts that it was agreed to change."""

    type: Literal["RecordTalk"] = "RecordTalk"
    held_at: Moment
    channel: TalkChannel
    speakers: People
    contacts: People
    outcomes: Annotated[tuple[Outcome, ...], Field(max_length=5)]
    reaction: PlanText
    agreed_changes: PartNames = ()


class AnnounceEnding(TransitionCommand):
    """Tell revenue and operations, and send the written notice to these contacts; again after an approved change."""

    type: Literal["AnnounceEnding"] = "AnnounceEnding"
    contacts: Annotated[People, Field(min_length=1)]


class ShareEnding(TransitionCommand):
    """Mail each of these contacts a link of their own to the customer's plan, good for so many days; once announced."""

    type: Literal["ShareEnding"] = "ShareEnding"
    contacts: Annotated[People, Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=366, strict=True)] = 180


class RevokeEndingLink(TransitionCommand):
    """The link opens nothing any more, from now on."""

    type: Literal["RevokeEndingLink"] = "RevokeEndingLink"
    link_id: ShortId


class RequestEndingDocument(TransitionCommand):
    """Have a document of an ending, to be fetched for some minutes. token_hash: SHA-256 of the token."""

    type: Literal["RequestEndingDocument"] = "RequestEndingDocument"
    document: EndingDocument
    format: EndingFormat
    token_hash: ContentHash


class RecordNotice(TransitionCommand):
    """The customer has received the written notice."""

    type: Literal["RecordNotice"] = "RecordNotice"
    received_on: Day
    how: SomeText


class ReachMilestone(TransitionCommand):
    """A milestone is done; for the responsible team and its stand-ins."""

    type: Literal["ReachMilestone"] = "ReachMilestone"
    milestone_id: ShortId
    on: Day
    evidence: SomeText


class WithdrawTransition(TransitionCommand):
    """Call it off; until the last day is over."""

    type: Literal["WithdrawTransition"] = "WithdrawTransition"
    why: SomeText


class RecordPostMortem(TransitionCommand):
    """Record what was learned."""

    type: Literal["RecordPostMortem"] = "RecordPostMortem"
    missed_signals: SomeText
    misfit_at_sale: SomeText
    do_differently: SomeText


class RecordReferral(TransitionCommand):
    """Record the customer's consent to a referral, the introduction, and what became of it."""

    type: Literal["RecordReferral"] = "RecordReferral"
    consent: Literal["given", "declined"]
    alternative: ShortId | None = None
    introduced_on: Day | None = None
    outcome: PlanText = ""


class RecordReturn(TransitionCommand):
    """A customer whose relationship was ended is back, or has sent another one: `about` is the new customer."""

    type: Literal["RecordReturn"] = "RecordReturn"
    how: Literal["returned", "referred"]
    about: Id


class KeepAlternative(Command):
    """Put an alternative into the catalogue, or change what is said of it; for managers, executives and admins."""

    key_field: ClassVar[str] = "alternative_id"

    type: Literal["KeepAlternative"] = "KeepAlternative"
    alternative_id: ShortId
    name: PersonalLine
    fits: SomeText
    retired: Flag = False


COMMANDS = (
    ProposeTransition,
    OverrideCondition,
    WriteTimeline,
    WriteContracts,
    WriteRefunds,
    WriteSupport,
    WriteCommunication,
    WriteReferral,
    SubmitPlan,
    GiveReview,
    OverruleObjection,
    NameStandIn,
    ApprovePlan,
    ArrangeTalk,
    PrepareTalk,
    RecordTalk,
    AnnounceEnding,
    ShareEnding,
    RevokeEndingLink,
    RequestEndingDocument,
    RecordNotice,
    ReachMilestone,
    WithdrawTransition,
    RecordPostMortem,
    RecordReferral,
    RecordReturn,
    KeepAlternative,
)
