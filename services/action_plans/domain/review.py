"""Review meetings on cadence: made ahead, held with the result of every commitment due, moved or missed by a side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Literal

from services.action_plans.domain import calendar
from services.action_plans.domain.conversation import Move, Side, require_ahead
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import CADENCE_DAYS, Terms

ABANDONED = 2  # reviews in a row that the customer missed
MOST_AHEAD = 60  # planned reviews of one plan
MOST_REVIEWS = 300  # of a case, before another version adds its own


@dataclass(frozen=True)
class Result:
    """What a review said of a commitment that was due."""

    commitment_id: str
    status: Literal["done", "late", "open", "missed", "waived"]
    note: str = ""


@dataclass(frozen=True)
class Review:
    """A review meeting of the plan; attendees: ids of stakeholders."""

    review_id: str
    planned_for: datetime
    state: Literal["planned", "held", "missed"] = "planned"
    moves: tuple[Move, ...] = ()
    held_at: datetime | None = None
    attendees: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    decided: tuple[str, ...] = ()
    missed_by: Side | None = None
    by_hand: bool = False


def series(case_id: str, number: int, terms: Terms, time_zone: str, after: datetime) -> tuple[Review, ...]:
    """Return the reviews of a version that lie ahead: each on its day of the cadence, or the next working day.

    Their ids follow from the version and the day, so that making them again makes the same ones. Long holidays put two
    of them on one day: they are one.
    """
    found: list[Review] = []
    day, step = terms.first_review_on, timedelta(days=CADENCE_DAYS[terms.cadence])
    while day <= terms.ends_on and len(found) < MOST_AHEAD:
        at = calendar.at_hour(calendar.working_day(day, time_zone), terms.review_hour, time_zone)
        if at > after and not (found and found[-1].planned_for == at):
            found.append(Review(f"{case_id}-v{number}-{day.isoformat()}", at))
        day += step
    return tuple(found)


def hold(
    known: Review,
    held_at: datetime,
    *,
    attendees: Sequence[str],
    results: Sequence[Result],
    decided: Sequence[str],
    asked: Iterable[str],
) -> Review:
    """Record that it was held, with the result of every commitment that was due (`asked`: their ids)."""
    _require_planned(known)
    told = {result.commitment_id for result in results}
    missing = [id_ for id_ in asked if id_ not in told]
    if missing:
        raise NotPossible(
            "results_missing",
            "The result of every commitment that was due belongs into the record.",
            *(f"the result of commitment {id_} is given" for id_ in missing),
        )
    return replace(
        known,
        state="held",
        held_at=held_at,
        attendees=tuple(dict.fromkeys(attendees)),
        results=tuple(results),
        decided=tuple(decided),
    )


def move(known: Review, to: datetime, by: Side, now: datetime) -> Review:
    """Move it; that it was moved, and by whom, stays in the record."""
    _require_planned(known)
    require_ahead(to, now)
    if to == known.planned_for:
        raise NotPossible("no_change", "The review is at that time already.", "it moves to another time")
    return replace(known, planned_for=to, moves=(*known.moves, Move(by, known.planned_for, now)))


def miss(known: Review, by: Side, now: datetime) -> Review:
    """Record that a side did not come. Before its time it is moved or called off, not missed."""
    _require_planned(known)
    if now < known.planned_for:
        raise NotPossible("not_yet", "The review is still to come: move it instead.", "its time has passed")
    return replace(known, state="missed", missed_by=by)


def last_missed_in_a_row(reviews: Iterable[Review], since: datetime, now: datetime) -> tuple[Review, ...]:
    """Return the last reviews after `since`, the latest first, as far as the customer missed all of them.

    One that was held, that we missed, or of which nobody has recorded what became of it ends the row.
    """
    over = [one for one in reviews if one.planned_for > since and (one.state != "planned" or one.planned_for <= now)]
    latest_first = sorted(over, key=lambda one: one.planned_for, reverse=True)
    return tuple(takewhile(lambda one: one.missed_by == "customer", latest_first))


def due_by(commitments: Iterable[tuple[str, date]], day: date) -> tuple[str, ...]:
    """Return the ids of commitments due on or before the day."""
    return tuple(id_ for id_, due in commitments if due <= day)


def _require_planned(known: Review) -> None:
    if known.state != "planned":
        raise NotPossible("not_planned", f"The review was {known.state} already.", "the review is still to come")
