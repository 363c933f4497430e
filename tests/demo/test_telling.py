"""The telling is clear on a terminal, whole where it is none, and fits its width."""

import io
from typing import Literal

import pytest
from rich.cells import cell_len
from rich.console import Console

from amicable.demo.consequences import consequences
from amicable.demo.customers import CUSTOMERS
from amicable.demo.happening import Happening, Note
from amicable.demo.mailbox import Mail
from amicable.demo.outcome import build
from amicable.demo.story import Day
from amicable.demo.tables import WIDTH, tables
from amicable.demo.teller import Teller
from shared.contracts.event import Message
from shared.contracts.health import RiskUpdated
from tests.demo import facts

NORDLICHT, NAME, ANA = "nordlicht-energie", "Nordlicht Energie", "ana.ruiz"
FOLLOWED: list[Message] = [
    facts.notice(NORDLICHT, ANA),  # topics are read in no order
    facts.case(NORDLICHT, ANA),
    facts.band_changed(NORDLICHT, "yellow", "red"),
    facts.risk(NORDLICHT, kind=RiskUpdated),
    facts.cleared("vinhos-do-vale"),
]


def day(number: int, *notes: Note) -> Day:
    return Day(number, facts.NOW, tuple(Happening(facts.NOW, (), note) for note in notes))


def told(*days: tuple[Day, list[Message]], width: int = 80, terminal: bool = False) -> str:
    colours: Literal["standard"] | None = "standard" if terminal else None
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=colours)
    teller = Teller(console)
    for one, followed in days:
        teller.day(one, followed)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_what_followed_is_told_in_the_order_in_which_it_followed() -> None:
    assert consequences(FOLLOWED)[NORDLICHT].plain == (
        "yellow → red 46.31 · at risk · case opened · ✉ Ana Ruiz · why: usage level"
    )


def test_a_known_risk_with_new_reasons_is_no_new_one() -> None:
    followed = consequences([facts.risk(NORDLICHT, kind=RiskUpdated)])
    assert followed[NORDLICHT].plain == "still at risk · why: usage level"


def test_a_line_stands_beside_what_followed_from_it() -> None:
    lines = told((day(3, Note(NORDLICHT, "calls off its meeting", "bad")), FOLLOWED)).splitlines()
    assert lines[1] == "Thu 26 Nov 2026 · day 3 · 0 events"
    assert lines[2].split("▼") == ["  Nordlicht Energie".ljust(31), " calls off its meeting"]
    assert lines[3].strip() == "↳ yellow → red 46.31 · at risk · case opened · ✉ Ana Ruiz · why: usage level"
    assert lines[4].split("•") == ["  Vinhos do Vale".ljust(31), " out of danger"]


def test_a_quiet_day_is_one_line() -> None:
    assert len(told((day(1), []), (day(2), []), (day(3), [])).splitlines()) == 1 + 3


def test_a_terminal_gets_colours_and_no_line_longer_than_itself() -> None:
    note = Note(NORDLICHT, "opens an urgent ticket: " + "x" * 200, "bad")
    shown = told((day(1, note), FOLLOWED), width=70, terminal=True)
    assert "\x1b[" in shown
    assert "…" in shown


def test_a_file_gets_every_word_and_no_colours() -> None:
    note = Note(NORDLICHT, "opens an urgent ticket: " + "x" * 200, "bad")
    shown = told((day(1, note), FOLLOWED), width=70)
    assert "\x1b" not in shown
    assert "x" * 200 in shown


def test_every_customer_s_name_leaves_a_gap_before_its_lines() -> None:
    for customer in CUSTOMERS:
        lines = told((day(1, Note(customer.customer_id, "is here", "good")), [])).splitlines()
        before, _, _ = lines[2].partition("▲")
        assert cell_len(before) == 31
        assert before.endswith("  ")


def shown_tables(published: list[Message], mails: list[Mail]) -> str:
    console = Console(file=io.StringIO(), width=WIDTH)
    console.print(tables(build(published, [facts.survey(NORDLICHT)], mails)))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_tables_fit_a_hundred_columns_whatever_the_names() -> None:
    published: list[Message] = [facts.person(ANA), facts.person("jonas.weber")]
    mails = []
    for customer in CUSTOMERS:
        name = customer.customer_id
        published += [facts.customer(name, customer.name, ANA), facts.scored(name, "red")]
        published += [facts.risk(name), facts.case(name, "jonas.weber"), facts.notice(name, "jonas.weber")]
        mails.append(facts.mail(name, customer.name, "jonas.weber"))
    shown = shown_tables(published, mails)
    assert max(cell_len(line) for line in shown.splitlines()) <= WIDTH
    assert "…" not in shown
    assert "everybody else" in shown


def test_tables_name_the_band_the_case_the_mail_and_their_causes() -> None:
    published = [facts.person(ANA), facts.customer(NORDLICHT, NAME, ANA), facts.scored(NORDLICHT, "red"), *FOLLOWED]
    shown = " ".join(shown_tables(published, [facts.mail(NORDLICHT, NAME, ANA)]).replace("│", " ").split())
    assert "Nordlicht Energie (46)" in shown
    assert "26 Nov 18:00 Ana Ruiz Usage is at 41% of its usual" in shown
    assert "ana.ruiz@brightwater.example" in shown
    assert "RiskUpdated ←" in shown
    assert "SurveyAnswered (NPS 2" in shown


@pytest.mark.parametrize("title", ["Cases opened", "Mails sent"])
def test_an_empty_table_says_none(title: str) -> None:
    below = shown_tables([], []).partition(title)[2]
    assert "none" in below.partition("╰")[0]
