"""The key players: who they are, how each sees it, and going on without an executive."""

from services.action_plans.domain import players
from services.action_plans.domain.case import (
    Case,
    MissingData,
    Sentiment,
    put,
    require_new,
    require_open,
)
from services.action_plans.domain.players import Attempt, Stakeholder
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.handlers.desk import Desk, by_manager, decided, rule
from services.action_plans.keeping import Decided
from shared.contracts.plans import commands, facts

MOST_STAKEHOLDERS = 100
MOST_VIEWS = 50
MOST_SENTIMENTS = 200


@rule(commands.AddStakeholder)
async def add_stakeholder(case: Case, asked: commands.AddStakeholder, desk: Desk) -> Decided:
    """Name a key player of either side."""
    require_open(case)
    require_new(case.stakeholders, "stakeholder", asked.stakeholder_id, MOST_STAKEHOLDERS)
    if any(one.person_id == asked.person_id and one.side == asked.side for one in case.stakeholders):
        raise NotPossible("no_change", f"{asked.person_id} is a player already.", "another person is named")
    if asked.side == "us":
        await desk.require_of_ours(asked.person_id)
    else:
        desk.require_contact(asked.person_id)
        _require_role(desk, asked)
    new = Stakeholder(asked.stakeholder_id, asked.side, asked.role, asked.person_id)
    return decided(case.next(stakeholders=(*case.stakeholders, new)), facts.StakeholderAdded, asked.stakeholder_id)


def _require_role(desk: Desk, asked: commands.AddStakeholder) -> None:
    """An executive is one by the customer's master data, not by being called so in a case."""
    contact = desk.customer.contact(asked.person_id) if desk.customer else None
    known = contact.role if contact else "nobody"
    if asked.role in players.EXECUTIVE and known not in players.EXECUTIVE:
        raise NotPossible(
            "not_executive",
            f"{asked.person_id} is announced as {known}, not as an executive or sponsor.",
            "the contact's role in the customer's master data (customers.v1) is executive or sponsor",
        )


@rule(commands.RecordView)
async def record_view(case: Case, asked: commands.RecordView, desk: Desk) -> Decided:
    """How a player sees it."""
    require_open(case)
    player = case.player(asked.stakeholder_id)
    if len(player.views) >= MOST_VIEWS:
        raise NotPossible("too_many", f"A player has at most {MOST_VIEWS} views.", "there are fewer")
    seen = players.add_view(player, asked.fit, asked.sentiment, asked.wants, asked.on, case.today(desk.tx.now))
    changed = case.next(stakeholders=put(case.stakeholders, "stakeholder", seen))
    return decided(changed, facts.ViewRecorded, asked.stakeholder_id)


@rule(commands.RequestException)
async def request_exception(case: Case, asked: commands.RequestException, desk: Desk) -> Decided:
    """Ask to go on without an executive contact."""
    require_open(case)
    if case.exception is not None and case.exception.allowed_by is not None:
        raise NotPossible("no_change", "The exception is allowed already.", "there is none yet")
    attempts = [Attempt(one.on, one.how) for one in asked.attempts]
    wanted = players.ask_exception(desk.by, attempts, asked.why, case.today(desk.tx.now), desk.tx.now)
    return decided(case.next(exception=wanted), facts.ExceptionRequested)


@rule(commands.ApproveException, by_manager)
async def approve_exception(case: Case, asked: commands.ApproveException, desk: Desk) -> Decided:
    """The manager allows it."""
    require_open(case)
    allowed = players.allow_exception(case.exception, desk.by, asked.statement, desk.tx.now)
    return decided(case.next(exception=allowed), facts.ExceptionApproved)


@rule(commands.RecordSentiment)
async def record_sentiment(case: Case, asked: commands.RecordSentiment, desk: Desk) -> Decided:
    """How the CSM feels about the relationship."""
    require_open(case)
    if len(case.sentiments) >= MOST_SENTIMENTS:
        raise NotPossible("too_many", f"A case holds at most {MOST_SENTIMENTS} of them.", "there are fewer")
    felt = Sentiment(asked.value, asked.why, desk.by, desk.tx.now)
    return decided(case.next(sentiments=(*case.sentiments, felt)), facts.SentimentRecorded)


@rule(commands.ExplainMissingData, by_manager)
async def explain_missing_data(case: Case, asked: commands.ExplainMissingData, desk: Desk) -> Decided:
    """A manager states why nothing is known of the customer's health."""
    require_open(case)
    stated = MissingData(asked.why, desk.by, desk.tx.now)
    return decided(case.next(missing_data=stated), facts.MissingDataExplained)
