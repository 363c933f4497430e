"""A customer's health, and many customers' in lines, as people read it in a hundred columns."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.health_scoring.domain.course import WINDOW
from services.health_scoring.domain.reasons import sentence
from services.health_scoring.domain.score import Reading, points
from services.health_scoring.explanation import Explanation, Then
from services.health_scoring.store.customers import Entry, Row

STYLE = {"green": "green", "yellow": "yellow", "red": "bold red", "unknown": "magenta"}
WIDTH = 100
_BAR = 20
_NOTHING = "·"
_NAMED = 3  # changes that are shown of each span


def explained(told: Explanation) -> RenderableType:
    """Return the whole explanation."""
    parts: list[RenderableType] = [_head(told), ""]
    if told.judgement.standing.open_since is not None:
        parts += [_risk(told), ""]
    parts += [_measures(told), "", _moves(told)]
    return Group(*parts)


def _head(told: Explanation) -> Text:
    judged = told.judgement
    band, scored = judged.standing.band, judged.score
    entry = told.entry
    head = Text.assemble((entry.name, "bold"), (f"  {entry.customer_id} · {entry.segment} · CSM {entry.csm}\n", "dim"))
    head.append(f"{points(scored.hundredths) or 'no score'} ", "bold")
    head.append(_bar(scored.hundredths), STYLE[band])
    head.append(f" {band}", STYLE[band]).append(f" {_since(told, judged.standing.since)}\n")
    head.append(f"{scored.confidence / 100:.0f}% of the weight is known", "dim")
    head.append(f" · card {told.card.name} version {told.card.version} · {_moment(scored.at)}", "dim")
    head.append("\nAgainst what was usual: ", "dim").append(_trend(told))
    if told.word is not None:
        head.append(f"\n{told.word.by} says {told.word.band} until {told.word.expires_at:%-d %b %Y}: ", "bold")
        head.append(told.word.reason)
    if told.ending is not None and told.ending.is_going_on:
        head.append("\nThe relationship is being ended: the score goes on, and nobody is alarmed.", "yellow")
    if told.is_past:
        head.append(f"\n{_judged_with(entry, scored.at)}", "yellow")
    return head


def _judged_with(entry: Entry, at: datetime) -> str:
    after = ", after that moment" if entry.announced_at > at else ""
    announced = f"{entry.announced_at:%-d %b %Y}{after}"
    return f"Judged with today's segment, seats and contacts, announced on {announced}: former ones are not kept."


def _since(told: Explanation, at: datetime) -> str:
    """What was so in all of the days that are looked at may have been so for longer."""
    return f"for at least {WINDOW.days} days" if at <= told.judgement.course.begins else f"since {_moment(at)}"


def _moment(at: datetime) -> str:
    return f"{at:%-d %b %Y %H:%M} UTC"


def _trend(told: Explanation) -> str:
    """The trend as it is published: against the median of a week, so that one odd night is no change."""
    return ", ".join(
        f"{_NOTHING if moved is None else _signed(moved)} in {days} days"
        for days, moved in told.judgement.trend.items()
    )


def _bar(hundredths: int | None) -> str:
    full = round((hundredths or 0) / 10_000 * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _risk(told: Explanation) -> Text:
    standing = told.judgement.standing
    style = STYLE["red"] if standing.severity == "risk" else STYLE["yellow"]
    head = "At risk" if standing.severity == "risk" else "Watched"
    text = Text.assemble((f"{head} {_since(told, standing.open_since or standing.since)}", style))
    told_once = dict.fromkeys(reason.text for reason in told.judgement.reasons)  # a rule and a measure may say the same
    for reason in told_once:
        text.append(f"\n  • {reason}")
    return text


def _measures(told: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_footer=True)
    table.add_column(
        "Measure", ratio=10, footer="The points add up exactly; what rounding leaves goes to the largest rest."
    )
    table.add_column("Good", justify="right", no_wrap=True)
    table.add_column("Weight", justify="right", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True, footer=points(told.judgement.score.hundredths) or "")
    parts = iter(told.contributions)
    for group in told.card.groups:
        table.add_row(Text(group.name.capitalize(), style="bold"), "", "", "")
        for measure in group.measures:
            part = next(parts)
            reading = part.reading
            known = reading.points is not None
            what = Text(measure.name.replace("_", " ").capitalize(), style="" if known else "dim")
            what.append(f"\n{sentence(reading)}", style="dim")
            if reading.evidence:
                what.append(f"\nlast: {reading.evidence[0]}", style="dim italic")
            table.add_row(
                what,
                _good(reading),
                f"{part.weight / 100:.1f}%" if part.weight else _NOTHING,
                points(part.hundredths) if known else _NOTHING,
            )
    return table


def _good(reading: Reading) -> Text:
    """What is only assumed is in brackets, and has no colour."""
    good = reading.points
    if good is None:
        return Text(_NOTHING, style="dim")
    if reading.is_assumed:
        return Text(f"({good / 100:.0f})", style="dim")
    return Text(f"{good / 100:.0f}", STYLE["green" if good >= 7000 else "yellow" if good >= 5000 else "red"])


def _moves(told: Explanation) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("Against", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Change", justify="right", no_wrap=True)
    table.add_column("What moved it", ratio=1)
    now = told.judgement.score.hundredths
    for days, then in told.since.items():
        if now is None or then.hundredths is None:
            table.add_row(f"{days} days ago", points(then.hundredths) or _NOTHING, _NOTHING, _doubt(then))
            continue
        what = Text(_moved(then)) if then.is_known else Text.assemble(_moved(then), "\n", _doubt(then))
        table.add_row(f"{days} days ago", points(then.hundredths), _signed(now - then.hundredths), what)
    if told.judgement.standing.band == "unknown":
        return Group(table, Text("Too little is known now for a band: no change here is certain.", STYLE["unknown"]))
    return table


def _doubt(then: Then) -> Text:
    """Why the score of then is no firm ground to compare with."""
    if then.is_known:
        return Text()
    if then.hundredths is None:
        return Text("nothing was known then", style="dim")
    return Text(f"uncertain: the band was unknown then, with {then.confidence / 100:.0f}% known", STYLE["unknown"])


def _moved(then: Then) -> str:
    told = [f"{change.measure.replace('_', ' ')} {_signed(change.hundredths)}" for change in then.moved[:_NAMED]]
    left = sum(change.hundredths for change in then.moved[_NAMED:])
    if len(then.moved) > _NAMED:
        told.append(f"{len(then.moved) - _NAMED} others {_signed(left)}")
    return ", ".join(told) or "nothing"


def _signed(hundredths: int) -> str:
    return f"{'+' if hundredths >= 0 else ''}{points(hundredths)}"


def listed(rows: Sequence[Row], total: int) -> RenderableType:
    """Return customers in lines; of a risk the first reason, and beside the band what a person says instead."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("Customer", ratio=1)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Band", no_wrap=True)
    table.add_column("7 days", justify="right", no_wrap=True)
    table.add_column("Known", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_line(row))
    shown = f"{total} customers" if total == len(rows) else f"The first {len(rows)} of {total} customers"
    return Group(table, Text(shown if total else "No customer fits.", style="dim"))


def _line(row: Row) -> Iterable[RenderableType]:
    who = Text.assemble((row.name, "bold"), (f"\n{row.customer_id} · {row.segment} · {row.csm}", "dim"))
    if row.risk:
        who.append(f"\n{row.risk}", STYLE["red"] if row.severity == "risk" else STYLE["yellow"])
    yield who
    yield points(row.hundredths) or _NOTHING
    yield _band(row)
    yield _NOTHING if row.moved is None else _signed(row.moved)
    yield f"{row.confidence / 100:.0f}%" if row.confidence is not None else _NOTHING


def _band(row: Row) -> Text:
    """The computed band, and beside it what a person says instead: it replaces nothing."""
    band = row.band or "not judged"
    text = Text(band, STYLE.get(band, "dim"))
    if row.since_or_before:
        text.append(f" for {WINDOW.days}+ days", "dim")
    elif row.band_since:
        text.append(f" since {row.band_since:%-d %b}", "dim")
    if row.word is not None:
        by = "CSM" if row.word.by == row.csm else row.word.by
        text.append(f"\n({by}: ").append(row.word.band, STYLE[row.word.band])
        text.append(f" until {row.word.expires_at:%-d %b})")
    return text
