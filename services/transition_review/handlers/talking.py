"""How the customer hears it: the talk is arranged, prepared, held and recorded."""

from dataclasses import replace

from services.transition_review.domain import announcing, approving
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.talk import AgendaItem, Preparation, Question
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers.agenda import agenda_of
from services.transition_review.handlers.desk import Desk, decided, rule
from services.transition_review.handlers.preparation import preparation_of
from services.transition_review.keeping import Decided
from services.transition_review.store import known
from shared.contracts.endings import commands, facts
from shared.contracts.plans.case import CaseSnapshot


@rule(commands.ArrangeTalk)
async def arrange(transition: Transition, asked: commands.ArrangeTalk, desk: Desk) -> Decided:
    """Arrange the talk, with an agenda from the record; or move it."""
    await _require_people(asked.speakers, asked.contacts, desk)
    found = await known.find_case(desk.tx, transition.case_id)
    if found is None:
        raise LookupError(transition.case_id)
    parts, case = transition.parts, found[1]
    offered = parts.referral.alternatives if parts.referral else ()
    alternatives = await known.alternatives_of(desk.tx, offered)
    names = await _names(parts, case, asked.speakers, desk)
    moved = announcing.arrange(
        transition,
        asked.planned_for,
        asked.channel,
        asked.speakers,
        asked.contacts,
        agenda_of(parts, case, names, alternatives, transition.today(desk.tx.now)),
        desk.tx.now,
    )
    announcing.require_reviewed(approving.reviews(transition, desk.recurring))
    if transition.talk is None and moved.talk is not None:
        prepared = preparation_of(asked.speakers, parts, names, alternatives)
        moved = replace(moved, talk=replace(moved.talk, preparation=prepared))
    before = transition.talk.speakers if transition.talk else ()
    relieved = tuple(one for one in dict.fromkeys(before) if one not in asked.speakers)
    return decided(moved, facts.TalkArranged, relieved=relieved)


async def _names(parts: Parts, case: CaseSnapshot, speakers: tuple[str, ...], desk: Desk) -> Names:
    ours = [*speakers, *(one.person_id for one in case.stakeholders if one.side == "us")]
    if parts.support is not None:
        ours.append(parts.support.contact)
    return await known.names_of(desk.tx, desk.company, desk.customer, ours)


@rule(commands.PrepareTalk)
async def prepare(transition: Transition, asked: commands.PrepareTalk, desk: Desk) -> Decided:
    """Edit the agenda or the preparation."""
    agenda, preparation = None, None
    if asked.agenda is not None:
        agenda = tuple(AgendaItem(one.topic, one.title, one.points) for one in asked.agenda)
    if asked.preparation is not None:
        for one in asked.preparation.roles:
            await desk.require_of_ours(one.person)
        preparation = Preparation(
            tuple(Question(one.question, one.answer) for one in asked.preparation.questions),
            tuple((one.person, one.does) for one in asked.preparation.roles),
            asked.preparation.words_to_avoid,
        )
    return decided(announcing.prepare(transition, agenda, preparation), facts.TalkPrepared)


@rule(commands.RecordTalk)
async def record(transition: Transition, asked: commands.RecordTalk, desk: Desk) -> Decided:
    """It was held: what came of each part, and what was agreed."""
    await _require_people(asked.speakers, asked.contacts, desk)
    told = announcing.Held(
        asked.held_at,
        asked.channel,
        (asked.speakers, asked.contacts),
        [(one.topic, one.outcome) for one in asked.outcomes],
        asked.reaction,
        asked.agreed_changes,
    )
    return decided(announcing.record_talk(transition, told, desk.by, desk.tx.now), facts.TalkHeld)


async def _require_people(speakers: tuple[str, ...], contacts: tuple[str, ...], desk: Desk) -> None:
    for person in speakers:
        await desk.require_of_ours(person)
    for contact in contacts:
        desk.require_contact(contact)
