"""The ordinary things of a customer's day: a meeting now and then, a small ticket, a friendly survey."""

from datetime import timedelta

from amicable.demo.life import Life, Move
from amicable.demo.moves import Severity, meeting, missed, quietly, survey, ticket

_DAYS_BETWEEN_MEETINGS = {"smb": 35, "mid-market": 28, "enterprise": 14}
_DAYS_BETWEEN_SURVEYS = 115
_DAYS_BETWEEN_MISSES = 125
_ONE_IN = {"ticket": 26, "we miss a meeting": 30, "they miss a meeting": 12}
_SEVERITIES: tuple[Severity, ...] = ("low", "low", "normal", "normal", "normal", "high")
_SUBJECTS = (
    "A technician cannot see tomorrow's route",
    "Export to the payroll file has an empty column",
    "How do we archive old job sites?",
    "Two jobs shown at the same address",
    "Photos from the field upload slowly",
    "Please add a user group for our new branch",
    "Customer signature is cut off in the report",
    "Calendar feed shows the wrong time zone",
)


def plan(life: Life) -> None:
    """Plan what of this happens on the day that is to be lived next, if it is calm and a working day."""
    if life.calm and life.day >= life.started_on and life.day.weekday() in life.customer.country.working_week:
        for move in _moves(life):
            life.plan.setdefault(life.day, []).append(quietly(move))


def _moves(life: Life) -> list[Move]:
    random, moves = life.random, []
    live = life.live_on is not None and life.day >= life.live_on
    if life.day >= life.next_meeting:
        life.next_meeting = life.day + timedelta(
            days=_DAYS_BETWEEN_MEETINGS[life.customer.segment] + random.randint(-3, 3)
        )
        moves.append(_meeting(life))
    if live and life.day >= life.next_survey:
        life.next_survey = life.day + timedelta(days=_DAYS_BETWEEN_SURVEYS + random.randint(-20, 20))
        moves.append(survey("nps", random.choice((6, 7, 8, 8, 9, 9, 9, 10))))
    if live and not life.tickets and random.randrange(_ONE_IN["ticket"]) == 0:
        severity = random.choice(_SEVERITIES)
        days = random.randint(1, 2) if severity == "high" else random.randint(1, 6)
        moves.append(ticket(severity, random.choice(_SUBJECTS), resolved_after=days))
    return moves


def _meeting(life: Life) -> Move:
    """A meeting is held, as a rule; a customer that is well misses none twice within the months that its score sees."""
    if life.random.randrange(_ONE_IN["we miss a meeting"]) == 0:
        return missed("us")
    if life.day >= life.misses_from and life.random.randrange(_ONE_IN["they miss a meeting"]) == 0:
        life.misses_from = life.day + timedelta(days=_DAYS_BETWEEN_MISSES)
        return missed("customer")
    return meeting()
