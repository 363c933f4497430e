"""The terms in a document: what each side expects and does, and what a version has changed."""

from collections.abc import Iterator
from datetime import date

from services.action_plans.documents import wording
from services.action_plans.domain.shared_changes import Difference, Value
from services.action_plans.domain.shared_plan import SharedCommitment, SharedPlan, SharedPromise
from shared.documents.tree import NOTHING, Block, Column, Heading, Line, Lines, Paragraph, Table, line
from shared.documents.wording import day, local_day

_FIELDS = {
    "purpose": "What we want to reach",
    "starts_on": "Start",
    "ends_on": "End",
    "cadence": "Reviews",
    "first_review_on": "First review",
    "review_hour": "Hour of reviews",
    "kind": "Kind",
    "text": "Words",
    "norm": "In comparison",
    "target": "Measured by",
    "by_day": "By",
    "what": "Words",
    "owner": "Owner",
    "due_on": "Due",
    "done_when": "Done when",
}
_CHOICES = {str(one): word for words in (wording.CADENCE, wording.KIND) for one, word in words.items()}


def expectations_of(plan: SharedPlan) -> Iterator[Block]:
    """Tell what each side expects."""
    yield Heading(1, "What each side expects")
    for side in ("us", "customer"):
        some = [one for one in plan.promises if one.side == side]
        yield Heading(2, f"What {plan.name(side)} expects")
        if some:
            columns = (Column("Expectation", 11), Column("Measured by", 6), Column("By", 4))
            yield Table(columns, tuple(_expectation(one) for one in some))
        else:
            yield Paragraph(line("Nothing is written down.", "quiet"))


def _expectation(one: SharedPromise) -> tuple[Lines, ...]:
    said = [Line(one.text, "strong"), Line(wording.KIND[one.kind], "quiet")]
    if one.norm:
        said.append(Line(f"In comparison: {one.norm}"))
    return tuple(said), line(one.target or NOTHING), line(day(one.by_day) if one.by_day else NOTHING)


def commitments_of(plan: SharedPlan) -> Iterator[Block]:
    """Tell what each side does and how it goes, misses of either side in the same words."""
    yield Heading(1, "What each side does")
    for side in ("us", "customer"):
        some = plan.of(side)
        yield Heading(2, f"What {plan.name(side)} does")
        if some:
            yield _table(plan, some)
        else:
            yield Paragraph(line("Nothing is committed.", "quiet"))
    if plan.earlier:
        yield Heading(2, "From earlier versions")
        yield _table(plan, plan.earlier, with_side=True)


def _table(plan: SharedPlan, some: tuple[SharedCommitment, ...], *, with_side: bool = False) -> Table:
    columns = (Column("Commitment", 10), Column("Owner", 4), Column("Due", 4), Column("How it stands", 5))
    return Table(columns, tuple(_commitment(plan, one, with_side=with_side) for one in some))


def _commitment(plan: SharedPlan, one: SharedCommitment, *, with_side: bool) -> tuple[Lines, ...]:
    side = f" ({plan.name(one.side)})" if with_side else ""
    said = [Line(f"{one.number}. {one.what}", "strong"), Line(f"Done when: {one.done_when}")]
    changed = {"new": "New in", "changed": "Changed in", "dropped": "Left out of"}.get(one.change)
    if changed:
        said.append(Line(f"{changed} version {plan.version}, which waits to be accepted.", "quiet"))
    said += [Line(f"{name}: {text}") for name, text in (("What shows it", one.evidence), ("Why", one.cause)) if text]
    if one.undeliverable and one.told_at:
        told = local_day(one.told_at, plan.time_zone)
        said.append(Line(f"{plan.us} cannot do it, and said so on {day(told)}: {one.undeliverable}"))
    return tuple(said), line(f"{one.owner}{side}"), _due(one), (wording.status(one),)


def _due(one: SharedCommitment) -> Lines:
    said = [Line(day(one.due_on))]
    if one.due_before is not None:
        said.append(Line(f"in force: {day(one.due_before)}", "quiet"))
    if one.slippage:
        said.append(Line(wording.put_off(one.slippage), "quiet"))
    return tuple(said)


def changes_of(plan: SharedPlan) -> Iterator[Block]:
    """Tell what the version has changed."""
    if plan.changes:
        yield Heading(1, f"What version {plan.version} changes")
        columns = (Column("What", 6), Column("Before", 6), Column("Now", 6))
        yield Table(columns, tuple(_change(plan, one) for one in plan.changes))


def _change(plan: SharedPlan, one: Difference) -> tuple[Lines, ...]:
    if one.field is None:
        whose = _whose(plan, one)
        gone, new = (line(one.what), line(NOTHING)) if one.how == "removed" else (line(NOTHING), line(one.what))
        return line(f"{whose}, {one.how}"), gone, new
    what = [Line(_FIELDS[one.field], "strong")]
    if one.of != "frame":
        what += [Line(_whose(plan, one), "quiet"), Line(one.what, "quiet")]
    return tuple(what), line(_value(one.field, one.before)), line(_value(one.field, one.after))


def _whose(plan: SharedPlan, one: Difference) -> str:
    what = "Expectation" if one.of == "promise" else "Commitment"
    return f"{what} of {plan.name(one.side)}" if one.side else what


def _value(field: str, value: Value) -> str:
    if value is None:
        return NOTHING
    if field == "review_hour":
        return f"{value:02}:00"
    if isinstance(value, date):
        return day(value)
    return _CHOICES.get(str(value), str(value)) if field in {"cadence", "kind"} else str(value)
