"""The cards that come with the product: fit for a company whose metrics they have never seen."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.health_scoring.domain.scorecard import Scorecard
from services.health_scoring.scorecards.fields import PLACEHOLDERS
from services.health_scoring.scorecards.shipped import NAMES, default_cards, text_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=NAMES)
def card(request: pytest.FixtureRequest) -> Scorecard:
    """Each of the cards that come with the product."""
    return next(card for card in default_cards() if card.name == request.param)


def test_every_segment_has_one_card_and_one_card_is_for_all_others() -> None:
    segments = [segment for card in default_cards() for segment in card.segments]
    assert sorted(segments) == ["*", "enterprise", "mid-market", "smb"]


def test_a_default_card_has_the_weights_of_the_five_groups(card: Scorecard) -> None:
    weights = {group.name: group.weight for group in card.groups}
    assert weights == {"usage": 40, "support": 25, "engagement": 15, "sentiment": 10, "commercial": 10}
    assert len(card.measures) >= 20
    assert {sum(measure.weight for measure in group.measures) for group in card.groups} == {100}


def test_a_default_card_needs_no_name_of_a_metric(card: Scorecard) -> None:
    assert {measure.source.metric for measure in card.measures} == {"*"}


def test_a_quiet_customer_without_talks_surveys_or_named_users_can_still_be_known(card: Scorecard) -> None:
    """Ticket volume needs some months; all else is a count, 0 where there is nothing, or has points for nothing."""
    unknown = {"active_users", "seats_in_use", "ticket_volume", "meetings_called_off", "last_meeting"}
    unknown |= {"nps", "csat", "ces"}
    known = sum(
        group.weight * measure.weight for group in card.groups for measure in group.measures
        if measure.name not in unknown
    )  # fmt: skip
    assert known >= card.known_from


def test_what_is_yellow_in_month_three_is_red_in_month_ten(card: Scorecard) -> None:
    assert (card.band(5500, 3), card.band(5500, 10)) == ("yellow", "red")
    assert (card.band(8000, 3), card.band(8000, 10)) == ("green", "green")


def test_a_default_card_acts_at_once_on_what_cannot_wait(card: Scorecard) -> None:
    rules = {
        rule.name: (rule.kind, rule.band, rule.severity, rule.days, rule.points, rule.count) for rule in card.rules
    }
    assert rules == {
        "fast_fall": ("fall", "yellow", "watch", 7, 1500, 0),
        "steep_fall": ("fall", "red", "risk", 7, 2500, 0),
        "sponsor_left": ("contact_left", "yellow", "risk", 60 if card.name == "enterprise" else 30, 0, 0),
        "emergencies_open": ("open_tickets", "red", "risk", 0, 0, 3),
        "silence": ("silence", "red", "risk", 10 if card.name == "smb" else 14, 0, 0),
        "implementation_late": ("onboarding_overdue", "yellow", "risk", 60, 0, 0),
    }


WORSE_WHEN_MORE = {
    "recency", "support_load", "escalations", "time_to_resolve", "tickets_reopened", "ticket_volume", "urgent_tickets",
    "meetings_called_off", "last_meeting", "meetings_missed_by_us", "contacts_left", "implementation",
    "oldest_unpaid_invoice", "invoices_overdue_in_a_year", "unpaid_invoices",
}  # fmt: skip


def test_a_default_measure_goes_from_worst_to_best_in_the_right_direction(card: Scorecard) -> None:
    for measure in card.measures:
        points = [points for _, points in measure.normalise.curve]
        assert points == sorted(points, reverse=measure.name in WORSE_WHEN_MORE), measure.name
        assert {min(points), max(points)} == {0, 100}, measure.name


def test_a_default_sentence_is_one_that_can_be_said(card: Scorecard) -> None:
    numbers: dict[str, Any] = dict.fromkeys(PLACEHOLDERS, 0.5) | {"days": 28, "count": 3}
    for says in [*(measure.says for measure in card.measures), *(rule.says for rule in card.rules)]:
        said = says.format(**numbers)
        assert "{" not in said
        assert said[0].isupper() or said[0].isdigit()
        assert not said.endswith(".")


def test_every_default_measure_says_why_it_is_there(card: Scorecard) -> None:
    lines = text_of(card.name).splitlines()
    named = [at for at, line in enumerate(lines) if line.startswith("      - name: ")]
    assert len(named) == len(card.measures)
    assert [lines[at] for at in named if not lines[at - 1].startswith("      # ")] == []


def test_a_default_card_names_the_schema_for_editors(card: Scorecard) -> None:
    assert text_of(card.name).startswith("# yaml-language-server: $schema=schema.json\n")


def test_the_cards_are_in_the_wheel(tmp_path: Path) -> None:
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"schema.json", *(f"{name}.yaml" for name in NAMES)}
    assert {f"services/health_scoring/scorecards/{name}" for name in wanted} <= inside
