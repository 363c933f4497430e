"""What other services and upstream systems tell, and what follows from it for transitions; what commands lead to."""

from functools import partial

from services.transition_review.domain.policy import Policy
from services.transition_review.handlers import (
    afterwards,
    alternatives,
    announcing,
    desk,
    documents,
    following,
    opening,
    reviewing,
    sharing,
    talking,
    writing,
)
from services.transition_review.store import known
from shared import people
from shared.casework import Casework
from shared.contracts.endings import commands
from shared.contracts.health import HealthScored
from shared.contracts.plans.facts import FACTS, CaseFact, EligibilityConfirmed, EligibilityRefused
from shared.contracts.topics import CUSTOMERS, PEOPLE, PLANS, SCORES, TRANSITION_REVIEW_COMMANDS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction

NAME = "transition_review"
ROOMS = (afterwards, announcing, opening, reviewing, sharing, talking, writing)  # where rules of commands live


def casework(policy: Policy, company: str, page_origin: str) -> Casework:
    """Return the lane of this service: every type that it takes, with what it does.

    company: in mails for customers; page_origin: what links to the customer's page begin with.
    """
    lane = Casework(NAME)
    for kind in FACTS:
        if issubclass(kind, CaseFact):
            lane.on(PLANS, kind)(partial(following.keep_case, company))
    lane.on(PLANS, EligibilityConfirmed)(opening.take_answer)
    lane.on(PLANS, EligibilityRefused)(opening.take_answer)
    lane.on(SCORES, HealthScored)(_keep_health)
    lane.on(CUSTOMERS, CustomerChanged)(following.keep_customer)
    lane.on(PEOPLE, PersonChanged)(_keep_person)
    lane.on(TRANSITION_REVIEW_COMMANDS, commands.ProposeTransition)(partial(opening.propose, policy))
    lane.on(TRANSITION_REVIEW_COMMANDS, commands.KeepAlternative)(alternatives.keep)
    lane.on(TRANSITION_REVIEW_COMMANDS, commands.RequestEndingDocument)(documents.request)
    for command in desk.RULES:
        lane.on(TRANSITION_REVIEW_COMMANDS, command)(partial(desk.carry_out, company, page_origin))
    return lane


async def _keep_health(event: HealthScored, tx: Transaction) -> None:
    await known.keep_health(tx, event)


async def _keep_person(event: PersonChanged, tx: Transaction) -> None:
    """Roles and teams are taken from here, never from a command."""
    await people.keep(tx, event)
    await known.describe_person(tx, event)
