"""Reviews and due days as a calendar file (RFC 5545), in the customer's time zone. Made from SharedPlan alone."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from services.action_plans.documents import wording
from services.action_plans.domain.shared_plan import SharedCommitment, SharedPlan, SharedReview
from shared.documents.readable import readable
from shared.documents.wording import moment

LENGTH = timedelta(hours=1)  # of a review: the plan says when it begins
PRODUCT = "-//Amicable//Joint plan//EN"


def render(plan: SharedPlan) -> bytes:
    """Return the calendar; the same plan at the same moment, the same bytes.

    Reviews are events; due days are whole days that keep nobody busy. Imported again, it replaces what was there.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", icalendar.vText(_one_line(plan.title)))
    seen: Counter[str] = Counter()
    for review in plan.reviews:
        seen[review.key] += 1
        calendar.add_component(_review(plan, review, f"{review.key}-{seen[review.key]}"))
    for commitment in (*plan.commitments, *plan.earlier):
        calendar.add_component(_due(plan, commitment))
    calendar.add_missing_timezones(*_years(plan))
    return bytes(calendar.to_ical())


def _years(plan: SharedPlan) -> tuple[date, date]:
    """Return from when to when the time zone is described: nobody needs its rules before and after."""
    days = [plan.starts_on, plan.ends_on, *((one.held_at or one.planned_for).date() for one in plan.reviews)]
    return date(min(days).year - 1, 1, 1), date(max(days).year + 2, 1, 1)


def _review(plan: SharedPlan, review: SharedReview, uid: str) -> icalendar.Event:
    said = {"planned": "Review", "held": "Review (held)", "missed": "Review (missed)"}[review.state]
    if review.missed_by:
        said = f"Review (missed by {plan.name(review.missed_by)})"
    event = _event(plan, uid, f"{said}: {plan.title}", [_moved(plan, review)])
    event.add("sequence", len(review.moves))
    event.add("dtstart", _begins(review.held_at or review.planned_for, plan.time_zone))
    event.add("duration", LENGTH)
    return event


def _begins(at: datetime, time_zone: str) -> datetime:
    """Return the time where the customer is; the second of two equal hours can be said in UTC alone."""
    there = at.astimezone(ZoneInfo(time_zone))
    return at.astimezone(UTC) if there.fold or time_zone == "UTC" else there


def _moved(plan: SharedPlan, review: SharedReview) -> str:
    return "\n".join(
        f"Moved by {plan.name(one.by)} from {moment(one.planned_for, plan.time_zone)} ({plan.time_zone})."
        for one in review.moves
    )


def _due(plan: SharedPlan, one: SharedCommitment) -> icalendar.Event:
    said = wording.status(one).text
    who = f"{one.owner} ({plan.name(one.side)})"
    event = _event(plan, one.key, f"Due: {one.what}", [who, f"Done when: {one.done_when}", said])
    event.add("dtstart", one.due_on)
    event.add("dtend", one.due_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _event(plan: SharedPlan, uid: str, summary: str, described: list[str]) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{uid}@plan")
    event.add("dtstamp", plan.as_of.astimezone(UTC))
    event.add("summary", _one_line(summary))
    if text := "\n".join(part for part in described if part):
        event.add("description", readable(text))
    return event


def _one_line(text: str) -> str:
    return readable(text).replace("\n", " ")
