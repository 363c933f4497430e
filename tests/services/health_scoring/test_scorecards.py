"""A card's file is read as it is meant, or refused by a sentence for each slip."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from services.health_scoring.domain.scorecard import Aggregate, Hold, Normalise, Rule, Source, Thresholds
from services.health_scoring.scorecards.card import FORM
from services.health_scoring.scorecards.reading import load
from services.health_scoring.scorecards.shipped import NAMES, text_of
from shared.yaml_files.problems import WrongFile

ROOT = Path(__file__).parents[3]
SCHEMA = Draft7Validator(json.loads((ROOT / "services/health_scoring/scorecards/schema.json").read_text()))

CARD = """\
name: mine
version: 3
segments: [smb, "*"]
thresholds:
  - {from_months: 0, green: 60, yellow: 40.5}
  - {from_months: 9, green: 70, yellow: 50}
rules:
  - name: fast_fall
    kind: fall
    band: yellow
    severity: watch
    points: 15
    days: 7
    says: "Down by {value:.0f} in {days} days"
groups:
  - name: usage
    weight: 60
    measures:
      - name: level
        weight: 3
        source: {events: [UsageRecorded]}
        aggregate: {kind: sum, days: 14}
        normalise:
          baseline_days: 84
          curve: [[0.3, 0], [1, 100]]
        says: "At {ratio:.0%}"
      - name: load
        weight: 1
        source: {events: [TicketOpened], where: {severity: [high, urgent]}}
        aggregate: {kind: open_load, load: {low: 1, normal: 2, high: 4, urgent: 8}, escalated: 2}
        normalise: {curve: [[0, 100], [12, 0]], step: true}
        says: "Load {value:.1f}"
  - name: other
    weight: 40
    measures:
      - name: nps
        weight: 1
        source: {events: [SurveyAnswered], where: {kind: [nps]}}
        aggregate: {kind: latest, days: 365}
        normalise: {curve: [[0, 0], [10, 100]]}
        missing: 80
        stale_days: 200
        half_life_days: 90
        says: "{value:.0f} of 10"
"""


def problems(text: str) -> tuple[str, ...]:
    """Return what is wrong with the text of my.yaml."""
    with pytest.raises(WrongFile) as refused:
        load(text, "my.yaml")
    return refused.value.problems


def test_a_card_is_read_as_it_is_written() -> None:
    card = load(CARD, "my.yaml")
    assert (card.name, card.version, card.segments, card.known_from) == ("mine", 3, ("smb", "*"), 6000)
    assert card.thresholds == (Thresholds(0, 6000, 4050), Thresholds(9, 7000, 5000))
    assert card.hold == Hold(worse_hours=24, better_by=500, better_hours=168)
    fall = Rule("fast_fall", "fall", "yellow", "watch", "Down by {value:.0f} in {days} days", days=7, points=1500)
    assert card.rules == (fall,)
    assert [(group.name, group.weight) for group in card.groups] == [("usage", 60), ("other", 40)]
    level, load_, nps = card.measures
    assert level.source == Source(("UsageRecorded",))
    assert level.aggregate == Aggregate("sum", 14)
    assert level.normalise == Normalise(((0.3, 0.0), (1.0, 100.0)), baseline_days=84)
    assert (level.missing, level.stale_days, level.stale, level.half_life_days) == (None, None, None, None)
    assert load_.source.where == {"severity": ("high", "urgent")}
    assert load_.aggregate.load == {"low": 1, "normal": 2, "high": 4, "urgent": 8}
    assert (load_.aggregate.escalated, load_.normalise.step) == (2, True)
    assert (nps.missing, nps.stale_days, nps.stale, nps.half_life_days) == (8000, 200, None, 90)


GOOD = [
    ("weight: 3", "weight: 1000"),
    ("events: [UsageRecorded]", "events: [UsageRecorded], metric: reports_exported"),
    ("baseline_days: 84", "baseline_days: 84\n          baseline_blocks: 6"),
    ("baseline_days: 84", "baseline_days: 126"),
    ("missing: 80", "missing: unknown"),
    ("missing: 80", "missing: 99.99"),
    ("stale_days: 200", "stale_days: 200\n        stale: 0"),
    ('"At {ratio:.0%}"', '"{{At}} {ratio:.0%} of the usual, over {days} days"'),
    ('segments: [smb, "*"]', "segments: ['on', yes, 010]"),
]


@pytest.mark.parametrize(("written", "instead"), GOOD, ids=[instead for _, instead in GOOD])
def test_what_a_card_may_say(written: str, instead: str) -> None:
    assert written in CARD
    load(CARD.replace(written, instead, 1), "my.yaml")


LEVEL, LOAD, NPS = "groups/0/measures/0", "groups/0/measures/1", "groups/1/measures/0"
WRONG = yaml.safe_load(Path(__file__).with_name("wrong_cards.yaml").read_text())


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong["instead"] for wrong in WRONG])
def test_a_slip_is_answered_by_one_sentence(wrong: dict[str, Any]) -> None:
    assert wrong["written"] in CARD
    told = problems(CARD.replace(wrong["written"], wrong["instead"], 1))
    assert told == tuple(f"my.yaml {sentence}" for sentence in wrong["says"])


def test_every_slip_is_told_in_the_order_of_lines() -> None:
    text = CARD.replace("version: 3", "version: x").replace("weight: 3", "weight: 0").replace("days: 365", "days: 0")
    assert [problem.split(":")[0] for problem in problems(text)] == [
        "my.yaml line 2, version",
        f"my.yaml line 20, {LEVEL}/weight",
        f"my.yaml line 39, {NPS}/aggregate/days",
    ]


def test_of_a_file_full_of_slips_fifty_are_told() -> None:
    told = problems(CARD + "".join(f"more_{number}: 1\n" for number in range(120)))
    assert len(told) == 51
    assert told[-1] == "my.yaml: has 70 problems more; mend these first."


NO_ESCAPE = "my.yaml: is not YAML: an escape or a directive names a number that is none."
EMPTY = "my.yaml: is empty: begin as the example in docs/architecture/scorecards.md."
NO_CARD = [
    ("", EMPTY),
    ("# nothing\n", EMPTY),
    ("just words", "my.yaml line 1: must be a mapping of fields, not 'just words'."),
    ("- a\n- b\n", "my.yaml line 1: must be a mapping of fields, not a list."),
    ("x" * 200_001, "my.yaml: has more than 200,000 bytes, and no card has: is it another file."),
    (CARD + "---\n" + CARD, "my.yaml line 45: begins a second document: write one card a file."),
    ("a: [&a [1, 1], &b [*a, *a], *b]", "my.yaml line 1, a/0: sets the anchor &a: write the value out."),
    ("[" * 100_000, "my.yaml line 1, 0/0/0/0/0/0/0/0/0/0/0/0: is nested deeper than 12 levels: no card is."),
    ('name: "\\UFFFFFFFF"', NO_ESCAPE),
    (f"%YAML {'9' * 5000}.1\n---\na: 1", NO_ESCAPE),
    (f"version: {'9' * 5000}", "my.yaml line 1, version: must be a whole number from 1 to 10000, not inf."),
    (
        "a: !!python/object:os.x []",
        "my.yaml line 1, a: has the tag tag:yaml.org,2002:python/object:os.x: write the plain value.",
    ),
    ("\ud800: 1", "my.yaml line 1, column 1: holds the character U+D800, which YAML does not allow: remove it."),
    (CARD.replace("[smb", '["\\uD800"'), "my.yaml line 3, segments/0: must not contain half of a surrogate pair."),
    (
        CARD.replace("At {", "At\\n{"),
        f"my.yaml line 26, {LEVEL}/says: must be on one line, without control characters.",
    ),
]


@pytest.mark.parametrize(("text", "says"), NO_CARD, ids=[text[:30] for text, _ in NO_CARD])
def test_what_is_no_card_at_all_is_answered_by_a_sentence_too(text: str, says: str) -> None:
    assert says in problems(text)


def test_a_merge_key_merges_nothing() -> None:
    assert problems(CARD.replace("version: 3", "<<: {version: 3}"))[0].startswith("my.yaml line 1, version: is missing")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_file_is_answered_by_anything_but_sentences(data: st.DataObject) -> None:
    lines = CARD.splitlines()
    odd = st.sampled_from(
        ["", "[]", "{}", "x", "-1", "1e400", "~", "&a", "*a", "{a: 1}", "[1]", "'", "\t", "{value}", "!"]
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        head, colon, _ = lines[at].partition(": ")
        lines[at] = data.draw(st.sampled_from([head + colon + data.draw(odd), data.draw(odd), "", lines[at][2:]]))
    told: tuple[str, ...] = ()
    try:
        load("\n".join(lines), "my.yaml")
    except WrongFile as refused:
        told = refused.problems
    assert all(problem.startswith("my.yaml") and problem.endswith(".") for problem in told)


def test_what_is_read_fits_the_schema_for_editors() -> None:
    for text in [CARD, *(CARD.replace(written, instead, 1) for written, instead in GOOD[:-1]), *map(text_of, NAMES)]:
        assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("weight: 3", "weight: 0"),
        ("weight: 3", "wieght: 3"),
        ("[1, 100]", "[1, 101]"),
        ("[1, 100]", "[1]"),
        ("kind: sum", "kind: total"),
        ("days: 14", "days: 14, percentile: 90"),
        ("missing: 80", "missing: never"),
        ("band: yellow", "band: green"),
        ("[high, urgent]", "[]"),
        ("    points: 15\n", ""),
        ("points: 15\n    days: 7", "points: 15\n    days: 57"),
    ],
)
def test_the_schema_for_editors_refuses_what_reading_refuses(written: str, instead: str) -> None:
    text = CARD.replace(written, instead, 1)
    assert problems(text)
    assert not SCHEMA.is_valid(yaml.safe_load(text))


def test_the_schema_for_editors_is_current() -> None:
    assert SCHEMA.schema == FORM.schema, "write it anew: .venv/bin/amicable contracts write"
    Draft7Validator.check_schema(FORM.schema)


def test_the_example_in_the_document_is_a_card() -> None:
    document = (ROOT / "docs/architecture/scorecards.md").read_text()
    (example,) = re.findall(r"^```yaml\n(name: .*?)^```", document, re.MULTILINE | re.DOTALL)
    assert load(example, "example").measures


def test_every_field_of_a_card_is_in_the_document() -> None:
    document = (ROOT / "docs/architecture/scorecards.md").read_text()
    parts = [FORM.schema, *FORM.schema["definitions"].values()]
    named = {name for part in parts for name in part["properties"]}
    kinds = {kind for part in parts for kind in _kinds(part["properties"].get("kind", {}))}
    assert sorted(name for name in named | kinds if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", document)) == []


def _kinds(field: dict[str, Any]) -> list[str]:
    return field.get("enum") or ([field["const"]] if "const" in field else [])
