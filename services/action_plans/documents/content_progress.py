"""How it goes, in a document: what each side did of what it promised, and what reviews have said."""

from collections.abc import Iterator

from services.action_plans.domain.shared_plan import SharedPlan, SharedResult, SharedReview
from shared.documents.tree import NOTHING, Block, Column, Heading, Line, Lines, Paragraph, Table, line
from shared.documents.wording import clock, day, local_day, moment, weekday

_COUNTED = (
    ("commitments", "Commitments"),
    ("met", "Done by their day"),
    ("late", "Late, done since or not"),
    ("days_late", "Days late, all together"),
    ("missed", "Missed"),
    ("undeliverable", "Said to be undeliverable"),
    ("waived", "Waived by both sides"),
    ("open", "Open, not yet due"),
    ("meetings_missed", "Meetings missed"),
    ("meetings_moved", "Meetings moved"),
)


def counts_of(plan: SharedPlan) -> Iterator[Block]:
    """Count what both sides did, in the same rows."""
    yield Heading(1, "How both sides have kept to it")
    columns = (Column("Counted", 6), *(Column(one.name, 4) for one in plan.counts))
    rows = ((line(title), *(line(str(getattr(one, name))) for one in plan.counts)) for name, title in _COUNTED)
    yield Table(columns, tuple(rows))


def reviews_of(plan: SharedPlan) -> Iterator[Block]:
    """Tell of the reviews: those that were, then those to come."""
    yield Heading(1, "Reviews")
    over = [one for one in plan.reviews if one.state != "planned"]
    ahead = [one for one in plan.reviews if one.state == "planned"]
    if over:
        columns = (Column("When", 4), Column("Held", 4), Column("What came of it", 12))
        yield Table(columns, tuple((_when(plan, one), _held(plan, one), _came_of(one)) for one in over))
    if ahead:
        yield Heading(2, "Planned")
        yield Table((Column("When", 1), Column("At", 1)), tuple(_planned(plan, one) for one in ahead))
    if not plan.reviews:
        yield Paragraph(line("None is planned yet: they are, once both sides have accepted a version.", "quiet"))


def _when(plan: SharedPlan, one: SharedReview) -> Lines:
    at = one.held_at or one.planned_for
    return Line(day(local_day(at, plan.time_zone)), "strong"), Line(clock(at, plan.time_zone), "quiet")


def _held(plan: SharedPlan, one: SharedReview) -> Lines:
    if one.state == "held":
        said = [Line("Held", "good")]
    else:
        said = [Line(f"Missed by {plan.name(one.missed_by)}" if one.missed_by else "Missed", "bad")]
    return *said, *_moves(plan, one)


def _moves(plan: SharedPlan, one: SharedReview) -> tuple[Line, ...]:
    return tuple(
        Line(f"moved by {plan.name(move.by)} from {moment(move.planned_for, plan.time_zone)}", "quiet")
        for move in one.moves
    )


def _came_of(one: SharedReview) -> Lines:
    said = [_result(result) for result in one.results]
    said += [Line(f"Decided: {decided}") for decided in one.decided]
    if one.attendees:
        said.append(Line(f"There: {', '.join(one.attendees)}", "quiet"))
    return tuple(said) or line(NOTHING)


def _result(one: SharedResult) -> Line:
    number = f"{one.number}. " if one.number else ""
    note = f" ({one.note})" if one.note else ""
    return Line(f"{number}{one.what}: {one.status}{note}")


def _planned(plan: SharedPlan, one: SharedReview) -> tuple[Lines, ...]:
    at = one.planned_for
    when = Line(weekday(local_day(at, plan.time_zone)), "strong")
    return (when,), (Line(clock(at, plan.time_zone)), *_moves(plan, one))
