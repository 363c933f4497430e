"""A playbook's file is read as it is meant, or refused by a sentence for each slip."""

import json
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from services.action_plans.domain.playbook import Clue, Player, SuggestedCommitment, SuggestedExpectation
from services.action_plans.playbooks import templates
from services.action_plans.playbooks.form import FORM
from services.action_plans.playbooks.reading import load
from services.action_plans.playbooks.shipped import NAMES, text_of
from shared.yaml_files.problems import WrongFile

ROOT = Path(__file__).parents[3]
SCHEMA = Draft7Validator(json.loads((ROOT / "services/action_plans/playbooks/schema.json").read_text()))

PLAYBOOK = """\
name: lost_keys
version: 3
title: They have lost the keys
applies: Nobody there can get in.
reasons:
  - {code: silence, sign: clear, why: Nobody has been in for days.}
  - {code: csat, sign: possible, why: They may be angry about it.}
questions:
  - Who had the keys?
  - Who needs them?
  - What did we do to make it hard?
expectations:
  - {side: customer, kind: outcome, text: Everybody gets in, target: Within two days}
  - side: us
    kind: expectation
    text: A key has an owner
    norm: "Usually {{ usual }} keys are lost; of yours {{ yours }}."
commitments:
  - {what: Make new keys, side: us, owner: support, due_days: 2, done_when: They open}
  - {what: Name the owners, side: customer, owner: main_contact, due_days: 14, done_when: There is a list}
involve:
  - {side: customer, role: main_contact, why: They need keys.}
  - {side: customer, role: executive_contact, why: They pay for keys.}
frame_days: 30
cadence: weekly
agenda: |
  Keys for {{ customer_name }}

  1. What went wrong with us ({{ csm_name }})
  2. New keys{% if sponsor_name %} ({{ sponsor_name }}){% endif %}
letter: |
  Dear {{ contact_name }},
  {% if executive_name %}Dear {{ executive_name }},{% else %}Dear all,{% endif %}

  Shall we talk about keys?

  {{ company }}
avoid:
  - That keys are cheap.
purpose: Everybody gets in.
"""


def problems(text: str) -> tuple[str, ...]:
    """Return what is wrong with the text of my.yaml."""
    with pytest.raises(WrongFile) as refused:
        load(text, "my.yaml")
    return refused.value.problems


def test_a_playbook_is_read_as_it_is_written() -> None:
    one = load(PLAYBOOK, "my.yaml")
    assert (one.name, one.version, one.title, one.applies, one.purpose) == (
        "lost_keys", 3, "They have lost the keys", "Nobody there can get in.", "Everybody gets in."
    )  # fmt: skip
    assert one.reasons[1] == Clue("csat", "possible", "They may be angry about it.")
    assert one.questions[2] == "What did we do to make it hard?"
    assert one.expectations == (
        SuggestedExpectation("customer", "outcome", "Everybody gets in", target="Within two days"),
        SuggestedExpectation(
            "us", "expectation", "A key has an owner", norm="Usually {{ usual }} keys are lost; of yours {{ yours }}."
        ),
    )
    assert one.commitments[0] == SuggestedCommitment("Make new keys", "us", "support", 2, "They open")
    assert one.involve[1] == Player("customer", "executive_contact", "They pay for keys.")
    assert (one.frame_days, one.cadence, one.avoid) == (30, "weekly", ("That keys are cheap.",))


WRONG = yaml.safe_load(Path(__file__).with_name("wrong_playbooks.yaml").read_text())


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong["instead"] or wrong["written"] for wrong in WRONG])
def test_a_slip_is_answered_by_one_sentence(wrong: dict[str, Any]) -> None:
    assert wrong["written"] in PLAYBOOK
    told = problems(PLAYBOOK.replace(wrong["written"], wrong["instead"], 1))
    assert told == tuple(f"my.yaml {sentence}" for sentence in wrong["says"])


def test_every_slip_is_told_in_the_order_of_lines() -> None:
    text = PLAYBOOK.replace("version: 3", "version: x").replace("due_days: 2", "due_days: -1")
    text = text.replace("cadence: weekly", "cadence: daily")
    assert [problem.split(":")[0] for problem in problems(text)] == [
        "my.yaml line 2, version",
        "my.yaml line 19, commitments/0/due_days",
        "my.yaml line 25, cadence",
    ]


EMPTY = "my.yaml: is empty: begin as the example in docs/architecture/playbooks.md."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", EMPTY),
        ("- a\n", "my.yaml line 1: must be a mapping of fields, not a list."),
        ("x" * 200_001, "my.yaml: has more than 200,000 bytes, and no playbook has: is it another file."),
        (PLAYBOOK + "---\na: 1", "my.yaml line 41: begins a second document: write one playbook a file."),
        ("[" * 1000, "my.yaml line 1, 0/0/0/0/0/0/0/0/0/0/0/0: is nested deeper than 12 levels: no playbook is."),
    ],
    ids=["nothing", "a list", "large", "two", "deep"],
)
def test_what_is_no_playbook_at_all_is_answered_by_a_sentence_too(text: str, says: str) -> None:
    assert says in problems(text)


HOSTILE = [
    "{{ ''.__class__ }}",
    "{{ customer_name.__class__.__mro__[1].__subclasses__() }}",
    "{{ self._TemplateReference__context }}",
    "{{ ().__class__ }}",
    "{% for each in range(999999999) %}x{% endfor %}",
    "{{ 'x' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% set company = 'x' %}",
    "{% macro again() %}{{ again() }}{% endmacro %}",
    "{{ company | upper }}",
    "{{ company ~ company }}",
    "{{ namespace() }}",
    "{{ lipsum(999999) }}",
    "{% if company.x %}{% endif %}",
    "{% if company == 'a' %}{% endif %}",
    "{{ " + "(" * 3000 + " }}",
    "{{ " + "9" * 3700 + " }}",
    "{{ company",
    "{% if company %}",
    "{% if company %}" * 60 + "{% endif %}" * 60,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[each[:30] for each in HOSTILE])
def test_a_template_may_name_what_is_allowed_and_nothing_else(hostile: str) -> None:
    told = problems(PLAYBOOK.replace("Shall we talk about keys?", hostile, 1))
    assert len(told) == 1
    assert re.match(r"my\.yaml line 3[1257], letter: (does more|is no template|has conditions)", told[0])


@pytest.mark.parametrize("hostile", ["{{ company.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ salary }}"])
def test_what_got_past_the_reading_is_refused_by_the_sandbox(hostile: str) -> None:
    with pytest.raises(jinja2.TemplateError):
        templates.render(hostile, {"company": "Acme"})


def test_a_template_leaves_out_who_is_not_known() -> None:
    one = load(PLAYBOOK, "my.yaml")
    few = templates.Names("Nordwind", "Ana", "Kim", "Acme")
    assert templates.agenda(one, few) == "Keys for Nordwind\n\n1. What went wrong with us (Kim)\n2. New keys"
    assert templates.letter(one, few) == "Dear Ana,\nDear all,\n\nShall we talk about keys?\n\nAcme"
    all_ = templates.Names("Nordwind", "Ana", "Kim", "Acme", executive_name="Lena", sponsor_name="Sam")
    assert templates.agenda(one, all_).endswith("2. New keys (Sam)")
    assert templates.letter(one, all_).startswith("Dear Ana,\nDear Lena,\n")


def test_a_name_is_filled_in_as_it_is_and_never_read_as_a_template() -> None:
    odd = templates.Names("{{ company }} <b>&", "Ana", "Kim", "Acme")
    assert "Keys for {{ company }} <b>&\n" in templates.agenda(load(PLAYBOOK, "my.yaml"), odd)


def test_a_norm_is_said_with_places_for_what_nobody_knows_yet() -> None:
    norm = load(PLAYBOOK, "my.yaml").expectations[1].norm or ""
    assert templates.norm(norm, templates.Comparison("2", "9")) == "Usually 2 keys are lost; of yours 9."
    assert templates.norm(norm) == "Usually [what is usual] keys are lost; of yours [how it is with you]."


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_file_is_answered_by_anything_but_sentences(data: st.DataObject) -> None:
    lines = PLAYBOOK.splitlines()
    odd = st.sampled_from(
        ["", "[]", "{}", "x", "-1", "~", "&a", "{a: 1}", "'", "{{", "{% if x %}", "{{ x }}", "|", "!"]
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
    for text in [PLAYBOOK, *map(text_of, NAMES)]:
        assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("version: 3", "version: 0"),
        ("version: 3", "version: 3\nscore: 1"),
        ("name: lost_keys", "name: Lost keys"),
        ("sign: clear", "sign: sure"),
        ("owner: support", "owner: somebody"),
        ("cadence: weekly", "cadence: daily"),
        ("frame_days: 30\n", ""),
        ("  - That keys are cheap.\n", "  []\n"),
    ],
)
def test_the_schema_for_editors_refuses_what_reading_refuses(written: str, instead: str) -> None:
    text = PLAYBOOK.replace(written, instead, 1)
    assert problems(text)
    assert not SCHEMA.is_valid(yaml.safe_load(text))


def test_the_schema_for_editors_is_current() -> None:
    assert SCHEMA.schema == FORM.schema, "write it anew: .venv/bin/amicable contracts write"
    Draft7Validator.check_schema(FORM.schema)


DOCUMENT = (ROOT / "docs/architecture/playbooks.md").read_text()


def test_the_example_in_the_document_is_a_playbook() -> None:
    (example,) = re.findall(r"^```yaml\n(name: .*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert load(example, "example").commitments


def test_every_field_role_and_name_is_in_the_document() -> None:
    parts = [FORM.schema, *FORM.schema["definitions"].values()]
    named = {name for part in parts for name in part["properties"]}
    values = {value for part in parts for field in part["properties"].values() for value in field.get("enum", ())}
    wanted = named | values | set(templates.OF_LETTERS.always) | set(templates.OF_LETTERS.perhaps) | {"usual", "yours"}
    assert sorted(name for name in wanted if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", DOCUMENT)) == []
