"""`amicable playbook`: shows the playbooks that come with the product, and says what is wrong with one of your own."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from amicable import yaml_check
from amicable.output import AsJson, console, print_json
from amicable.problems import USAGE, Problem
from services.action_plans.domain.playbook import Playbook, SuggestedExpectation
from services.action_plans.playbooks import templates
from services.action_plans.playbooks.reading import load
from services.action_plans.playbooks.shipped import NAMES, shipped_playbooks

app = typer.Typer(help="Show the playbooks that come with the product, or check one of your own.", no_args_is_help=True)

SIDES = {"us": "us", "customer": "the customer"}
CADENCES = {"weekly": "every week", "every_two_weeks": "every two weeks"}
STAND_INS = templates.Names(
    customer_name="[customer]",
    contact_name="[main contact]",
    csm_name="[CSM]",
    company="[our company]",
    executive_name="[executive contact]",
    sponsor_name="[our executive sponsor]",
)


@app.command("list")
def list_(as_json: AsJson = False) -> None:  # a flag
    """List the playbooks: each is for one situation in which a relationship goes downhill."""
    if as_json:
        print_json([{"name": one.name, "version": one.version, "title": one.title, "applies": one.applies,
                     "reasons": [asdict(clue) for clue in one.reasons]} for one in shipped_playbooks()])  # fmt: skip
        return
    table = Table("Name", "Situation", "Days", "Clear signs", box=None, header_style="bold")
    for one in shipped_playbooks():
        clear = ", ".join(clue.code for clue in one.reasons if clue.sign == "clear")
        table.add_row(one.name, one.title, str(one.frame_days), clear or Text("none: people know", style="dim"))
    console.print(table)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="YAML files, a playbook each.")],
    as_json: AsJson = False,  # a flag
) -> None:
    """Say what is wrong with each playbook, by line and field; exit code 1 if anything is, 2 if one cannot be read."""
    yaml_check.check(files, load, _praise, as_json=as_json)


def _praise(one: Playbook) -> str:
    held = f"{len(one.questions)} questions, {len(one.expectations)} expectations, {len(one.commitments)} commitments"
    return f"{one.name}, version {one.version}, {held}"


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of those that `amicable playbook list` names.")],
    as_json: AsJson = False,  # a flag
) -> None:
    """Show a playbook: what to ask, what to agree on, whom to involve, what to write, and what not to say."""
    if name not in NAMES:
        raise Problem(f"There is no playbook {name}: the ones here are {', '.join(NAMES)}.", USAGE)
    one = next(playbook for playbook in shipped_playbooks() if playbook.name == name)
    if as_json:
        print_json(asdict(one))
    else:
        _print(one)


def _print(one: Playbook) -> None:
    console.print(Text(one.title, style="bold"), Text(f"{one.name}, version {one.version}", style="dim"))
    console.print(Padding(Text(one.applies), (1, 0, 0, 0)))
    _head("What the plan says that both sides want to reach")
    console.print(Padding(Text(one.purpose), (0, 0, 0, 2)))
    _head("Suggested when a risk says")
    _rows(*((clue.code, clue.sign, clue.why) for clue in one.reasons))
    _head("Ask, and listen")
    _rows(*((f"{number}.", question) for number, question in enumerate(one.questions, start=1)))
    for side, called in (("customer", "What the customer expects"), ("us", "What we expect")):
        _head(called)
        _rows(*((each.kind, _expected(each)) for each in one.expectations if each.side == side))
    _head(f"Agree on, for {one.frame_days} days, with a review {CADENCES[one.cadence]}")
    _rows(*((f"day {each.due_days}", f"{SIDES[each.side]}: {_spoken(each.owner)}", f"{each.what}\n→ {each.done_when}")
            for each in one.commitments))  # fmt: skip
    _head("Involve")
    _rows(*((f"{SIDES[each.side]}: {_spoken(each.role)}", each.why) for each in one.involve))
    for title, text in (("Agenda", templates.agenda(one, STAND_INS)), ("Letter", templates.letter(one, STAND_INS))):
        console.print(Panel(Text(text), title=title, title_align="left", border_style="dim", padding=(1, 2)))
    _head("Do not say")
    _rows(*(("·", each) for each in one.avoid))


def _expected(each: SuggestedExpectation) -> str:
    norm = templates.norm(each.norm) if each.norm else None
    return "\n".join([each.text, *(f"→ {part}" for part in (each.target, norm) if part)])


def _head(title: str) -> None:
    console.print(Padding(Text(title, style="bold"), (1, 0, 0, 0)))


def _rows(*rows: tuple[str, ...]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in rows[0][:-1]:
        table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(Padding(table, (0, 0, 0, 2)))


def _spoken(role: str) -> str:
    return {"csm": "CSM", "it_contact": "IT contact"}.get(role, role.replace("_", " "))
