"""`amicable scorecard`: says what is wrong with a card's file, and shows the cards that come with the product."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.table import Column, Table
from rich.text import Text

from amicable import health_asking, yaml_check
from amicable.output import AsJson, console, print_json
from amicable.problems import USAGE, Problem
from services.health_scoring.domain.scorecard import POINT, Measure, Rule, Scorecard
from services.health_scoring.scorecards.reading import load
from services.health_scoring.scorecards.shipped import NAMES, default_cards, text_of

app = typer.Typer(
    help="Check scorecards, show those that come with the product, or put one into force.", no_args_is_help=True
)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="YAML files, a card each.")],
    as_json: AsJson = False,  # a flag
) -> None:
    """Say what is wrong with each card, by line and field; exit code 1 if anything is, 2 if a file cannot be read."""
    yaml_check.check(files, load, _praise, as_json=as_json)


def _praise(card: Scorecard) -> str:
    return f"{card.name}, version {card.version}, {len(card.measures)} measures in {len(card.groups)} groups"


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=f"one of {', '.join(NAMES)}; else all")] = None,
    as_json: AsJson = False,  # a flag
) -> None:
    """Show the cards that come with the product: what is measured, and what of 100 points it can give."""
    if name not in (None, *NAMES):
        raise Problem(f"There is no scorecard {name}: the ones here are {', '.join(NAMES)}.", USAGE)
    if as_json:
        cards: list[Any] = [yaml.safe_load(text_of(each)) for each in NAMES if name in (None, each)]
        print_json(cards[0] if name else cards)
        return
    for card in default_cards():
        if name in (None, card.name):
            _print(card)


def _print(card: Scorecard) -> None:
    segments = ", ".join("all others" if segment == "*" else segment for segment in card.segments)
    console.print(Text(f"{card.name}, version {card.version}, for {segments}", style="bold"))
    for bounds in card.thresholds:
        green, yellow = bounds.green / POINT, bounds.yellow / POINT
        console.print(f"  from month {bounds.from_months}: green from {green:g}, yellow from {yellow:g}, else red")
    table = _table("Group", "Measure", "Points", "Window", "From … to", "Says")
    for group in card.groups:
        total = sum(measure.weight for measure in group.measures)
        for place, measure in enumerate(group.measures):
            points = group.weight * measure.weight / total
            of = f"{group.name} {group.weight}" if place == 0 else ""
            table.add_row(
                of, measure.name, f"{points:.1f}", _window(measure), _curve(measure), Text(measure.says),
                end_section=place == len(group.measures) - 1,
            )  # fmt: skip
    console.print(table)
    rules = _table("Rule", "Band", "Severity", "", "Says")
    for rule in card.rules:
        rules.add_row(rule.name, rule.band, rule.severity, _limit(rule), Text(rule.says))
    console.print(rules, "", sep="\n")


def _table(*columns: str) -> Table:
    """Return a table in which nothing is cut off, however narrow the terminal: names are needed whole."""
    return Table(*(Column(name, overflow="fold") for name in columns), box=None, header_style="bold")


def _window(measure: Measure) -> str:
    days, baseline = measure.aggregate.days, measure.normalise.baseline_days
    if not days:
        return "now"
    return f"{days} d, against {baseline} d" if baseline else f"{days} d"


def _curve(measure: Measure) -> str:
    """Return the numbers at the ends of the curve with their points."""
    (first, worst), (last, best) = measure.normalise.curve[0], measure.normalise.curve[-1]
    return f"{first:g} → {worst:g}, {last:g} → {best:g}"


def _limit(rule: Rule) -> str:
    parts = [f"{rule.points / POINT:g} points" if rule.points else "", f"{rule.count} of" if rule.count else ""]
    parts += [" or ".join(rule.roles), " or ".join(rule.severities), f"{rule.days} d" if rule.days else ""]
    return " ".join(part for part in parts if part)


app.command()(health_asking.activate)
