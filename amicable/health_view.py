"""A customer's health, and many customers' in lines, as people read it in a hundred columns."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.health_scoring.domain.reasons import sentence
from services.health_scoring.domain.score import points
from services.health_scoring.explanation import Explanation, Then
from services.health_scoring.store.customers import Row

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
    head = Text.assemble((told.entry.name, "bold"), (f"  {told.entry.customer_id}", "dim"), "\n")
    head.append(f"{points(scored.hundredths) or 'no score'} ", "bold")
    head.append(_bar(scored.hundredths), STYLE[band])
    head.append(f" {band}", STYLE[band]).append(f" since {judged.standing.since:%-d %b %Y %H:%M} UTC\n")
    head.append(f"{scored.confidence / 100:.0f}% of the weight is known", "dim")
    head.append(f" · card {told.card.name} version {told.card.version}", "dim")
    head.append(f" · {told.entry.segment} · CSM {told.entry.csm} · {scored.at:%-d %b %Y %H:%M} UTC", "dim")
    head.append("\nAgainst what was usual: ", "dim").append(_trend(told))
    if told.word is not None:
        head.append(f"\n{told.word.by} says {told.word.band} until {told.word.expires_at:%-d %b %Y}: ", "bold")
        head.append(told.word.reason)
    return head


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
    text = Text.assemble((f"{head} since {standing.open_since:%-d %b %Y}", style))
    for reason in told.judgement.reasons:
        text.append(f"\n  • {reason.text}")
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
                Text(
                    f"{reading.points / 100:.0f}" if reading.points is not None else _NOTHING,
                    style=_good(reading.points),
                ),
                f"{part.weight / 100:.1f}%" if part.weight else _NOTHING,
                points(part.hundredths) if known else _NOTHING,
            )
    return table


def _good(hundredths: int | None) -> str:
    if hundredths is None:
        return "dim"
    return STYLE["green" if hundredths >= 7000 else "yellow" if hundredths >= 5000 else "red"]


def _moves(told: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("Against", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Change", justify="right", no_wrap=True)
    table.add_column("What moved it", ratio=1)
    now = told.judgement.score.hundredths
    for days, then in told.since.items():
        known = now is not None and then.hundredths is not None
        change = points((now or 0) - (then.hundredths or 0)) if known else _NOTHING
        table.add_row(f"{days} days ago", points(then.hundredths) or _NOTHING, change, _moved(then) if known else "")
    return table


def _moved(then: Then) -> str:
    told = [f"{change.measure.replace('_', ' ')} {_signed(change.hundredths)}" for change in then.moved[:_NAMED]]
    left = sum(change.hundredths for change in then.moved[_NAMED:])
    if len(then.moved) > _NAMED:
        told.append(f"{len(then.moved) - _NAMED} others {_signed(left)}")
    return ", ".join(told) or "nothing"


def _signed(hundredths: int) -> str:
    return f"{'+' if hundredths >= 0 else ''}{points(hundredths)}"


def listed(rows: Sequence[Row], total: int) -> RenderableType:
    """Return customers in lines."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("Customer", ratio=5)
    table.add_column("CSM", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("Band", no_wrap=True)
    table.add_column("Week", justify="right", no_wrap=True)
    table.add_column("Known", justify="right", no_wrap=True)
    table.add_column("Risk", ratio=9, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*_line(row))
    shown = f"{total} customers" if total == len(rows) else f"The first {len(rows)} of {total} customers"
    return Group(table, Text(shown if total else "No customer fits.", style="dim"))


def _line(row: Row) -> Iterable[RenderableType]:
    band = row.band or "not judged"
    since = f" {row.band_since:%-d %b}" if row.band_since else ""
    known = row.hundredths is not None and row.week_ago is not None
    change = (row.hundredths or 0) - (row.week_ago or 0)
    yield Text.assemble(row.name, (f"\n{row.customer_id} · {row.segment}", "dim"))
    yield Text(row.csm)
    yield points(row.hundredths) or _NOTHING
    yield Text(_bar(row.hundredths)[::2], style=STYLE.get(band, "dim"))
    yield Text.assemble((band, STYLE.get(band, "dim")), (since, "dim"))
    yield _signed(change) if known else _NOTHING
    yield f"{row.confidence / 100:.0f}%" if row.confidence is not None else _NOTHING
    yield Text(row.risk or "", style=STYLE["red"] if row.severity == "risk" else STYLE["yellow"])
