"""Cases as no person would make them, for what must hold of every case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from services.action_plans.domain.case import Case, Comment
from services.action_plans.domain.conversation import Conversation, Move
from services.action_plans.domain.plan import Offer, Plan
from services.action_plans.domain.progress import Progress, Undeliverable
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import Commitment, Promise, Terms
from tests.services.action_plans.examples import ELIGIBLE, OPENED, baseline, version

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "Africa/Cairo", "Asia/Kolkata")
SIDES = st.sampled_from(["us", "customer"])
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
DAYS = st.dates(date(2026, 3, 1), date(2026, 6, 30))
MOMENTS = st.integers(0, 120 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def _moves() -> Any:
    return st.lists(st.builds(Move, SIDES, MOMENTS, MOMENTS), max_size=2).map(tuple)


def _outcome(draw: Any, at: datetime) -> dict[str, Any]:
    state = draw(st.sampled_from(["planned", "held", "missed"]))
    return {
        "state": state,
        "moves": draw(_moves()),
        "held_at": at if state == "held" else None,
        "attendees": draw(st.sampled_from([("s-main",), ("s-main", "s-exec")])) if state == "held" else (),
        "missed_by": draw(SIDES) if state == "missed" else None,
    }


@st.composite
def commitments(draw: Any, prefix: str, most: int = 4) -> tuple[Commitment, ...]:
    """Return commitments of both sides."""
    count = draw(st.integers(0, most))
    return tuple(
        Commitment(f"{prefix}-{number}", draw(SIDES), draw(TEXTS), draw(TEXTS), draw(DAYS), draw(TEXTS))
        for number in range(count)
    )


@st.composite
def terms(draw: Any, most: int = 4) -> Terms:
    """Return terms of a plan."""
    kinds = st.sampled_from(["outcome", "initiative", "expectation"])
    promises = tuple(
        Promise(
            f"e-{number}",
            draw(SIDES),
            draw(kinds),
            draw(TEXTS),
            draw(st.none() | TEXTS),
            draw(st.none() | TEXTS),
            draw(st.none() | DAYS),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return Terms(
        draw(TEXTS),
        draw(DAYS),
        draw(DAYS),
        draw(st.sampled_from(["weekly", "every_two_weeks"])),
        draw(DAYS),
        draw(st.integers(0, 23)),
        promises,
        draw(commitments("c", most)),
    )


@st.composite
def _progress(draw: Any, commitment_id: str) -> Progress:
    state = draw(st.sampled_from(["open", "done", "missed", "waived"]))
    made = draw(MOMENTS)
    settled = draw(st.sampled_from([None, made]))
    given_up = Undeliverable("It cannot be done.", "ana", made, "mo", settled, settled)
    return Progress(
        commitment_id,
        state,
        None if state == "open" else draw(DAYS),
        undeliverable=draw(st.sampled_from([None, given_up])),
    )


@st.composite
def plans(draw: Any) -> Plan:
    """Return a plan: none, proposed, agreed, or both."""
    agreed = draw(st.none() | terms().map(lambda one: version(one, 1, OPENED + timedelta(days=4))))
    proposed = draw(st.none() | terms().map(lambda one: version(one, 2, None)))
    offers = draw(st.lists(st.builds(Offer, st.just(2), DAYS, TEXTS, TEXTS), max_size=4, unique_by=lambda one: one.on))
    return Plan(
        proposed=proposed,
        agreed=agreed,
        baseline=baseline(version(draw(terms()), 1, OPENED)) if agreed else None,
        retired=draw(commitments("old")) if agreed else (),
        versions=2,
        offers=tuple(offers),
    )


@st.composite
def cases(draw: Any) -> Case:
    """Return a case, open or failed, in any state of its parts."""
    plan = draw(plans())
    known = (*(plan.agreed.terms.commitments if plan.agreed else ()), *plan.retired)
    talks = []
    for number in range(draw(st.integers(0, 3))):
        at = draw(MOMENTS)
        told = draw(st.booleans())
        talks.append(Conversation(f"talk-{number}", at, "video", (), told_ending_possible=told, **_outcome(draw, at)))
    reviews = []
    for number in range(draw(st.integers(0, 5))):
        at = draw(MOMENTS)
        reviews.append(Review(f"r-{number}", at, **_outcome(draw, at)))
    comments = draw(st.lists(st.builds(Comment, TEXTS, TEXTS, TEXTS, MOMENTS), max_size=1))
    return replace(
        ELIGIBLE,
        time_zone=draw(st.sampled_from(ZONES)),
        conversations=tuple(talks),
        plan=plan,
        progress=tuple(draw(_progress(one.commitment_id)) for one in known if draw(st.booleans())),
        reviews=tuple(reviews),
        comments=tuple(comments),
        failure=draw(st.sampled_from([None, None, ELIGIBLE.failure])),
        band=draw(st.sampled_from(["red", "unknown"])),
    )
