"""A case in which everything was tried and every condition of the checklist is met, to take one away from."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.action_plans.domain.case import Case, Failure, Reason
from services.action_plans.domain.conversation import Conversation, Side
from services.action_plans.domain.eligibility import Condition, checklist
from services.action_plans.domain.expectation import Expectation
from services.action_plans.domain.plan import Acceptance, Baseline, FirstDue, Plan, Version
from services.action_plans.domain.players import Stakeholder
from services.action_plans.domain.progress import Progress
from services.action_plans.domain.review import Result, Review
from services.action_plans.domain.terms import Commitment, Promise, Terms, content_hash

DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
AGREED = datetime(2026, 3, 6, 10, tzinfo=UTC)
ENDS_ON = date(2026, 5, 29)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"

TERMS = Terms(
    purpose="Half of the team uses the product weekly.",
    starts_on=date(2026, 3, 9),
    ends_on=ENDS_ON,
    cadence="weekly",
    first_review_on=date(2026, 3, 16),
    review_hour=10,
    promises=(
        Promise("e-us", "us", "expectation", "Somebody of theirs answers within a day."),
        Promise("e-them", "customer", "outcome", "Half of the team uses it weekly.", "30 %", "50 %", ENDS_ON),
    ),
    commitments=(
        Commitment("c-us", "us", "Two workshops.", "ana", date(2026, 3, 23), "Both took place."),
        Commitment("c-them", "customer", "Name a project lead.", "carla", date(2026, 3, 23), "The name is known."),
    ),
)


def version(terms: Terms = TERMS, number: int = 1, agreed_at: datetime | None = AGREED) -> Version:
    """Return a version, agreed by both sides unless `agreed_at` is None."""
    content = content_hash("acme", "case", terms)
    who: tuple[tuple[Side, str], ...] = (("us", "ana"), ("customer", "carla"))
    signed = tuple(Acceptance(side, person, agreed_at, content) for side, person in who) if agreed_at else ()
    return Version(number, "ana", AGREED - DAY, content, terms, signed, None, agreed_at)


def baseline(agreed: Version) -> Baseline:
    """Return what slippage is measured against."""
    due = tuple(FirstDue(one.commitment_id, one.due_on) for one in agreed.terms.commitments)
    return Baseline(agreed.number, agreed.content_hash, agreed.agreed_at or AGREED, agreed.terms.ends_on, due)


def agreed_plan(terms: Terms = TERMS) -> Plan:
    """Return a plan that both sides have agreed to."""
    return Plan(agreed=version(terms), baseline=baseline(version(terms)), versions=1)


def talk(number: int, at: datetime, *, told: bool = False, **changes: Any) -> Conversation:
    """Return a candid conversation that was held."""
    held = Conversation(
        f"talk-{number}", at, "video", ("s-main",), "held", (), at, ("s-main", "s-exec", "s-us"), told, "We talked."
    )
    return replace(held, **changes)


def review(number: int, at: datetime, missed_by: Any = None, **changes: Any) -> Review:
    """Return a review that was held, or that a side missed."""
    if missed_by is not None:
        return replace(Review(f"r-{number}", at, "missed", missed_by=missed_by), **changes)
    results = (Result("c-us", "done"), Result("c-them", "late"))
    return replace(Review(f"r-{number}", at, "held", (), at, ("s-main", "s-us"), results), **changes)


def monday(week: int) -> datetime:
    """Return the time of the review in a week of the plan: 10 o'clock in Berlin."""
    return datetime(2026, 3, 9, 9 if week < 3 else 8, tzinfo=UTC) + timedelta(weeks=week)


ELIGIBLE = Case(
    case_id="case",
    customer_id="acme",
    revision=40,
    opened_at=OPENED,
    opened_by=None,
    csm="ana",
    episode_id="e1",
    severity="risk",
    reasons=(Reason("usage_level", "Usage fell by 41 %."),),
    band="red",
    time_zone=BERLIN,
    stakeholders=(
        Stakeholder("s-main", "customer", "main", "carla"),
        Stakeholder("s-exec", "customer", "executive", "eddy"),
        Stakeholder("s-us", "us", "main", "ana"),
    ),
    conversations=(talk(1, OPENED + DAY), talk(2, NOW - 20 * DAY, told=True)),
    expectations=(
        Expectation("e-us", "us", "expectation", "Somebody answers within a day.", "ana", OPENED + DAY),
        Expectation("e-them", "customer", "outcome", "Half of the team uses it weekly.", "s-exec", OPENED + DAY),
    ),
    plan=agreed_plan(),
    progress=(
        Progress("c-us", "done", date(2026, 3, 20), "Minutes of both."),
        Progress("c-them", "missed", date(2026, 3, 30), "Nobody was named.", "They were busy."),
    ),
    reviews=(review(1, monday(1)), review(2, monday(2), "customer"), review(3, monday(3))),
    failure=Failure("time_frame_over", "Nothing has changed.", "low_adoption", "ana", NOW - DAY),
)


def condition(name: str, case: Case, now: datetime = NOW) -> Condition:
    """Return one condition of the checklist."""
    return next(one for one in checklist(case, now) if one.name == name)


def unmet(case: Case, now: datetime = NOW) -> set[str]:
    """Return the names of the conditions that are not met."""
    return {one.name for one in checklist(case, now) if not one.met}


def with_progress(case: Case, *changed: Progress) -> Case:
    """Return the case with other progress of some commitments."""
    known = {**case.progress_by_id, **{one.commitment_id: one for one in changed}}
    return replace(case, progress=tuple(known.values()))
