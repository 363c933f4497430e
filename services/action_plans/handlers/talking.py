"""Candid conversations, and the expectations that come of them."""

from uuid import uuid4

from services.action_plans.domain import conversation, expectation
from services.action_plans.domain.case import Case, find, put, require_new, require_open
from services.action_plans.domain.conversation import Conversation
from services.action_plans.domain.expectation import Expectation
from services.action_plans.handlers.desk import Desk, decided, rule
from services.action_plans.keeping import Decided
from services.action_plans.store import private_notes
from shared import outbox
from shared.contracts.notes import PrivateNoteKept
from shared.contracts.plans import commands, facts
from shared.contracts.topics import NOTES

MOST_CONVERSATIONS = 100
MOST_EXPECTATIONS = 100


def _conversation(case: Case, conversation_id: str) -> Conversation:
    return find(case.conversations, "conversation", conversation_id)


def _with(case: Case, changed: Conversation) -> Case:
    return case.next(conversations=put(case.conversations, "conversation", changed))


@rule(commands.ScheduleConversation)
async def schedule(case: Case, asked: commands.ScheduleConversation, desk: Desk) -> Decided:
    """Arrange a candid conversation."""
    require_open(case)
    require_new(case.conversations, "conversation", asked.conversation_id, MOST_CONVERSATIONS)
    for id_ in asked.invited:
        case.player(id_)
    planned = conversation.plan(asked.conversation_id, asked.planned_for, asked.channel, asked.invited, desk.tx.now)
    return decided(_with(case, planned), facts.ConversationScheduled, asked.conversation_id)


@rule(commands.MoveConversation)
async def move(case: Case, asked: commands.MoveConversation, desk: Desk) -> Decided:
    """Move a conversation to another time."""
    require_open(case)
    moved = conversation.move(_conversation(case, asked.conversation_id), asked.to, asked.by, desk.tx.now)
    return decided(_with(case, moved), facts.ConversationMoved, asked.conversation_id)


@rule(commands.RecordConversation)
async def record(case: Case, asked: commands.RecordConversation, desk: Desk) -> Decided:
    """Record what was talked about; a private note goes its own way."""
    require_open(case)
    case.require_met(asked.held_at, asked.attendees, desk.tx.now)
    held = conversation.hold(
        _conversation(case, asked.conversation_id),
        asked.held_at,
        channel=asked.channel,
        attendees=asked.attendees,
        told_ending_possible=asked.told_ending_possible,
        notes=asked.notes,
    )
    if asked.private_notes:
        await _keep_note(case, asked, asked.private_notes, desk)
    return decided(_with(case, held), facts.ConversationHeld, asked.conversation_id)


async def _keep_note(case: Case, asked: commands.RecordConversation, text: str, desk: Desk) -> None:
    note = str(uuid4())
    about = asked.conversation_id
    await private_notes.add(desk.tx, note, case_id=case.case_id, about=about, by=desk.by, text=text)
    kept = PrivateNoteKept.follow(
        asked, at=desk.tx.now, note_id=note, case_id=case.case_id, about=about, by=desk.by, text=text
    )
    await outbox.add(desk.tx, NOTES.name, kept)


@rule(commands.RecordMissedConversation)
async def miss(case: Case, asked: commands.RecordMissedConversation, desk: Desk) -> Decided:
    """A side did not come, or called it off."""
    del desk
    require_open(case)
    missed = conversation.miss(_conversation(case, asked.conversation_id), asked.by)
    return decided(_with(case, missed), facts.ConversationMissed, asked.conversation_id)


@rule(commands.AddExpectation)
async def add_expectation(case: Case, asked: commands.AddExpectation, desk: Desk) -> Decided:
    """Record what a side expects."""
    require_open(case)
    require_new(case.expectations, "expectation", asked.expectation_id, MOST_EXPECTATIONS)
    await desk.require_author(case, asked.side, asked.author)
    if asked.conversation_id is not None:
        _conversation(case, asked.conversation_id)
    new = Expectation(
        asked.expectation_id,
        asked.side,
        asked.kind,
        asked.text,
        asked.author,
        desk.tx.now,
        asked.conversation_id,
        asked.norm,
        asked.target,
        asked.by_day,
        desk.tx.now if asked.heard else None,
    )
    return decided(case.next(expectations=(*case.expectations, new)), facts.ExpectationAdded, asked.expectation_id)


def _with_expectation(case: Case, changed: Expectation) -> Case:
    return case.next(expectations=put(case.expectations, "expectation", changed))


@rule(commands.MarkExpectationHeard)
async def hear_expectation(case: Case, asked: commands.MarkExpectationHeard, desk: Desk) -> Decided:
    """The other side has heard it."""
    require_open(case)
    known = find(case.expectations, "expectation", asked.expectation_id)
    heard = expectation.hear(known, desk.tx.now)
    return decided(_with_expectation(case, heard), facts.ExpectationHeard, asked.expectation_id)


@rule(commands.RetractExpectation)
async def retract_expectation(case: Case, asked: commands.RetractExpectation, desk: Desk) -> Decided:
    """Take it back."""
    require_open(case)
    known = find(case.expectations, "expectation", asked.expectation_id)
    retracted = expectation.retract(known, asked.reason, desk.tx.now)
    return decided(_with_expectation(case, retracted), facts.ExpectationRetracted, asked.expectation_id)
