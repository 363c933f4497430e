"""The telling is clear on a terminal, whole where it is none, and fits its width."""

import io
import re
from typing import Literal

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

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


def told(*days: tuple[Day, list[Message]], width: int = WIDTH, terminal: bool = False) -> str:
    colours: Literal["standard"] | None = "standard" if terminal else None
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=colours)
    teller = Teller(console)
    for one, followed in days:
        teller.day(one, followed)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_what_followed_is_told_in_the_order_in_which_it_followed() -> None:
    assert consequences(FOLLOWED)[NORDLICHT].line.plain == "yellow → red 46.31 · at risk · case opened · ✉ Ana Ruiz"


def test_a_known_risk_with_new_reasons_is_no_new_one() -> None:
    followed = consequences([facts.risk(NORDLICHT, kind=RiskUpdated)])
    assert followed[NORDLICHT].line.plain == "still at risk"


def test_a_line_stands_beside_what_followed_from_it() -> None:
    lines = told((day(3, Note(NORDLICHT, "calls off its meeting", "bad")), FOLLOWED)).splitlines()
    assert lines[1] == "Thu 26 Nov 2026 · day 3 · 0 events"
    assert lines[2].split("▼") == ["  Nordlicht Energie".ljust(31), " calls off its meeting"]
    assert lines[3].strip() == "↳ yellow → red 46.31 · at risk · case opened · ✉ Ana Ruiz"
    assert lines[4].strip() == "why: Usage is at 41% of its usual level"
    assert lines[5].split("•") == ["  Vinhos do Vale".ljust(31), " out of danger"]


def test_a_quiet_day_is_one_line() -> None:
    assert len(told((day(1), []), (day(2), []), (day(3), [])).splitlines()) == 1 + 3


LONG = "Usage is at 41% of its usual level (last 2 weeks against the 12 before them), and nobody has told us why"


@pytest.mark.parametrize("width", [70, WIDTH])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_line_is_longer_than_its_place_and_no_word_is_lost(width: int, *, terminal: bool) -> None:
    note = Note(NORDLICHT, "opens an urgent ticket: dispatchers keep their own spreadsheet, for it is quicker", "bad")
    risk = facts.risk(NORDLICHT, reasons=[facts.reason("usage_level", LONG)], cause=facts.CLOCK)
    shown = told((day(1, note), [risk]), width=width, terminal=terminal)
    plain = Text.from_ansi(shown).plain
    assert max(cell_len(line) for line in plain.splitlines()) <= width
    words = " ".join(plain.split())
    assert LONG in words
    assert note.text in words
    assert ("\x1b[" in shown) is terminal
    beside = [line for line in plain.splitlines()[2:] if not line.startswith("  Nordlicht")]
    assert all(line.startswith(" " * 31) for line in beside)


def test_reasons_are_sentences_the_chief_ones_and_of_a_known_risk_the_new_ones() -> None:
    given = [facts.reason(code, f"Sentence {code}") for code in "abcde"]
    detected = facts.risk(NORDLICHT, reasons=given)
    again = facts.risk(NORDLICHT, kind=RiskUpdated, reasons=[*given, facts.reason("f", "Sentence f")])
    lines = [line.strip() for line in told((day(1), [detected]), (day(2), [again])).splitlines()]
    assert lines[3:7] == ["why: Sentence a", "Sentence b", "Sentence c", "and 2 more reasons"]
    assert lines[-1] == "why: Sentence f"


def test_a_sentence_is_said_once() -> None:
    risk = facts.risk(NORDLICHT, reasons=[facts.reason("rule", "It is late"), facts.reason("measure", "It is late")])
    assert told((day(1), [risk])).count("It is late") == 1


def test_a_new_risk_says_how_long_before_the_renewal_it_was_found_and_if_by_the_clock() -> None:
    registered = facts.customer(NORDLICHT, NAME, ANA, renews_in=83)
    one = Day(1, facts.NOW, (Happening(facts.NOW, (registered,)),))
    assert "  found 83 days before renewal\n" in told((one, [facts.risk(NORDLICHT)]))
    found = facts.risk(NORDLICHT, cause=facts.CLOCK)
    assert "  found 83 days before renewal, by the clock: no event told of it\n" in told((one, [found]))
    assert "found" not in told((one, [facts.risk(NORDLICHT, kind=RiskUpdated)]))


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
        published += [facts.customer(name, customer.name, ANA, renews_in=1000), facts.scored(name, "red")]
        published += [facts.risk(name), facts.case(name, "jonas.weber"), facts.notice(name, "jonas.weber")]
        mails.append(facts.mail(name, customer.name, "jonas.weber"))
    shown = shown_tables(published, mails)
    assert max(cell_len(line) for line in shown.splitlines()) <= WIDTH
    assert "…" not in shown
    assert "everybody else" in shown


def test_tables_name_the_band_the_case_the_mail_and_what_tells_of_the_risk() -> None:
    registered = facts.customer(NORDLICHT, NAME, ANA, renews_in=83)
    low = facts.reason("usage_level", LONG, f"{NORDLICHT}/survey")
    published = [facts.person(ANA), registered, facts.scored(NORDLICHT, "red"), *FOLLOWED]
    published.append(facts.risk(NORDLICHT, cause="the latest event", reasons=[low]))
    shown = " ".join(shown_tables(published, [facts.mail(NORDLICHT, NAME, ANA)]).replace("│", " ").split())
    assert "Nordlicht Energie (46)" in shown
    assert "its case, opened on 26" in shown
    assert "ana.ruiz@brightwater.example" in shown
    assert "Nordlicht Energie in 83 days Usage is at 41%" in shown
    assert "NPS 2, 26 Nov" in shown


def test_a_summary_says_who_was_found_how_early_and_who_by_the_clock() -> None:
    published: list[Message] = [
        facts.customer("a", "Alder", ANA, renews_in=83),
        facts.customer("b", "Birch", ANA, renews_in=41),
        facts.customer("c", "Cedar", ANA, renews_in=-2),
        facts.risk("a", cause=facts.CLOCK),
        facts.risk("b"),
        facts.risk("c"),
    ]
    assert shown_tables(published, []).splitlines()[-2:] == [
        "2 of 3 found before renewal, the nearest 41 days before: Birch.",
        "Found by the clock alone, since no event told of it: Alder.",
    ]


def test_who_was_never_announced_is_counted_and_has_no_score() -> None:
    shown = shown_tables([facts.scored("stranger", "green"), facts.scored("other", "red")], [])
    assert re.search(r"not announced yet +│ +2 ", shown)
    assert "(46)" not in shown


def test_beside_unknown_there_is_no_score() -> None:
    shown = shown_tables([facts.customer(NORDLICHT, NAME, ANA), facts.scored(NORDLICHT, "unknown")], [])
    assert NAME in shown
    assert "(46)" not in shown


@pytest.mark.parametrize("title", ["Mails sent", "Found at risk"])
def test_an_empty_table_says_none(title: str) -> None:
    below = shown_tables([], []).partition(title)[2]
    assert "none" in below.partition("╰")[0]
