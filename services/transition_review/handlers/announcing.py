"""How revenue, operations and the customer are told, of the ending, its changes, its milestones and its end.

The only place that makes anything which leaves the house; the rule that it calls first refuses before approval and
talk, and so does the database.
"""

from dataclasses import replace
from typing import Any

from services.transition_review.domain import announcing, approving, ending, lawful, told
from services.transition_review.domain.involved import involved
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Announcement, Transition
from services.transition_review.handlers.desk import Desk, decided, rule
from services.transition_review.handlers.reviewing import by_team
from services.transition_review.keeping import Decided, Public, Release, Told
from services.transition_review.store import told_inside, transitions
from services.transition_review.store.known import Customer
from shared.contracts.endings import commands, facts, terminations
from shared.database import Transaction

MOST_TOLD = 500  # ids in a fact


@rule(commands.AnnounceEnding)
async def announce(transition: Transition, asked: commands.AnnounceEnding, desk: Desk) -> Decided:
    """Tell revenue and operations, and send the written notice; after an approved change, what is new to whom."""
    for contact in asked.contacts:
        desk.require_contact(contact, with_address=True)
    standings = approving.reviews(transition, desk.recurring)
    moved = announcing.announce(transition, asked.contacts, standings, desk.by, desk.tx.now)
    announced = announcing.require_announced(moved)
    before = transition.announced
    first = before is None
    kind: Any = terminations.TerminationAnnounced if first else terminations.TerminationChanged
    public = Public(kind, announced.revision, str(announced.revision), {"termination": _termination(moved, desk)})
    had_it = before.notified if before else ()
    notices = tuple(
        Release(one, "ending_changed" if one in had_it else "ending_notice", _fields(announced, desk))
        for one in announced.notified
    )
    fact = Told(facts.TransitionAnnounced if first else facts.TransitionChanged)
    return Decided(moved, (fact,), (public,), notices)


def _fields(announced: Announcement, desk: Desk) -> dict[str, str]:
    timeline, support, contracts = announced.parts.timeline, announced.parts.support, announced.parts.contracts
    if timeline is None or support is None or contracts is None or desk.customer is None:
        raise LookupError("an announced plan has all its parts")
    end = lawful.end_of(announced.parts)
    return {
        "contract": contracts.contract_id,
        "clause": end.chosen.title if end and end.chosen else "",
        "company": desk.company,
        "customer": desk.customer.name,
        "last_day": timeline.last_day.isoformat(),
        "support_until": support.until.isoformat(),
        "export_on": support.export_on.isoformat(),
        "export_format": support.export_format,
        "access_ends_on": support.access_ends_on.isoformat(),
    }


def _termination(transition: Transition, desk: Desk) -> dict[str, Any]:
    announced = announcing.require_announced(transition)
    parts, customer = announced.parts, desk.customer
    timeline, contracts, refunds, support = parts.timeline, parts.contracts, parts.refunds, parts.support
    if timeline is None or contracts is None or refunds is None or support is None:
        raise LookupError("an announced plan has all its parts")
    received = transition.notice.received_on if transition.notice else contracts.notice.received_on
    end = lawful.end_of(parts, received)
    return {
        "effective_on": timeline.last_day,
        "last_day_of_support": support.until,
        "access_ends_on": support.access_ends_on,
        "data_returned_on": support.export_on,
        "data_deleted_on": support.deleted_on,
        "time_zone": transition.time_zone,
        "contract_id": contracts.contract_id,
        "clause_id": end.chosen.clause_id if end and end.chosen else None,
        "notice_on": received,
        "recurring_revenue": customer.revenue if customer else None,
        "settlement": transitions.plain(lawful.settlement_of(parts)),
        "milestones": transitions.plain(timeline.milestones),
        "csm": desk.csm,
        "support_contact": support.contact,
    }


@rule(commands.RecordNotice)
async def record_notice(transition: Transition, asked: commands.RecordNotice, desk: Desk) -> Decided:
    """The customer has received the notice; a last day that is too early for it has to be changed first.

    Where it came on another day than was told, revenue and operations are told.
    """
    moved = announcing.notice(transition, asked.received_on, asked.how, desk.by, desk.tx.now)
    if unmet := lawful.too_early(announcing.require_announced(transition).parts, asked.received_on):
        raise NotPossible("too_early", "The announced last day is too early for a notice received then.", *unmet)
    if asked.received_on == announcing.day_of_notice(transition):
        return decided(moved, facts.NoticeReceived)
    moved = announcing.with_another_day(moved)
    changed = announcing.require_announced(moved)
    news = {"termination": _termination(moved, desk)}
    public = Public(terminations.TerminationChanged, changed.revision, str(changed.revision), news)
    return Decided(moved, (Told(facts.NoticeReceived),), (public,))


@rule(commands.ReachMilestone, by_team)
async def reach_milestone(transition: Transition, asked: commands.ReachMilestone, desk: Desk) -> Decided:
    """A milestone is done."""
    moved = ending.reach(transition, asked.milestone_id, asked.on, asked.evidence, desk.by, desk.tx.now)
    kind = next(one.kind for one in ending.milestones(moved) if one.milestone_id == asked.milestone_id)
    more = {"milestone_id": asked.milestone_id, "kind": kind, "on": asked.on, "evidence": asked.evidence}
    public = Public(terminations.MilestoneReached, _revision(moved), f"milestone/{asked.milestone_id}", more)
    return Decided(moved, (Told(facts.MilestoneDone, asked.milestone_id),), (public,))


@rule(commands.WithdrawTransition)
async def withdraw(transition: Transition, asked: commands.WithdrawTransition, desk: Desk) -> Decided:
    """Call it off, and tell everyone who was told."""
    moved = ending.withdraw(transition, asked.why, desk.by, desk.tx.now)
    return await called_off(moved, asked.why, desk.company, desk.customer, desk.tx)


async def called_off(
    withdrawn: Transition, why: str, company: str, customer: Customer | None, tx: Transaction
) -> Decided:
    """Return a transition that was withdrawn, with what is told to everyone who was told. company: in mails."""
    mails, untold = _called_off_to(withdrawn, company, customer, tx)
    fact = Told(facts.TransitionWithdrawn, None, {"reason": why, "untold": untold, **await _inside(withdrawn, tx)})
    announced = withdrawn.announced
    if announced is None:
        return Decided(withdrawn, (fact,), (), mails)
    public = Public(terminations.TerminationWithdrawn, announced.revision + 1, "withdrawn", {"withdrawn_at": tx.now})
    return Decided(withdrawn, (fact,), (public,), mails)


def _called_off_to(
    withdrawn: Transition, company: str, customer: Customer | None, tx: Transaction
) -> tuple[tuple[Release, ...], tuple[str, ...]]:
    """Return the mails to whoever knows of it, and the contacts who know, or may, and whom no mail reaches."""
    fields = {"company": company, "customer": customer.name if customer else withdrawn.customer_id}
    templates = dict.fromkeys(told.by_word(withdrawn), "ending_called_off")
    templates |= dict.fromkeys(told.in_writing(withdrawn), "ending_withdrawn")
    known = {one.contact_id: one for one in customer.contacts} if customer else {}
    reached = [one for one in templates if one in known and known[one].has_address]
    untold = [one for one in (*templates, *told.perhaps(withdrawn, tx.now)) if one not in reached]
    return tuple(Release(one, templates[one], fields) for one in reached), tuple(dict.fromkeys(untold))


async def _inside(withdrawn: Transition, tx: Transaction) -> dict[str, Any]:
    """Return who of ours was told, or has a part in it."""
    known = await told_inside.find(tx, withdrawn.transition_id)
    teams = [*known.teams, *(one.team for one in ending.milestones(withdrawn))]
    parts = withdrawn.parts
    if withdrawn.announced is None:  # whom the plan names for afterwards, nobody has told
        parts = replace(parts, support=None, communication=None)
    people = [*known.people, *sorted(involved(replace(withdrawn, parts=parts), tx.now))]
    return {
        "teams": tuple(dict.fromkeys(teams))[:MOST_TOLD],
        "people": tuple(dict.fromkeys(people))[:MOST_TOLD],
        "executives": known.executives,
    }


def complete(transition: Transition, tx: Transaction) -> Decided:
    """The last day is over and everything is done: the relationship has ended."""
    moved, last = ending.complete(transition, tx.now), ending.last_day(transition)
    public = Public(terminations.TerminationCompleted, _revision(transition) + 1, "completed", {"effective_on": last})
    return Decided(moved, (Told(facts.TransitionCompleted),), (public,))


def _revision(transition: Transition) -> int:
    return announcing.require_announced(transition).revision
