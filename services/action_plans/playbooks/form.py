"""The form of a playbook's file: field by field, with what each may hold. What they mean together: meaning.py."""

import re
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.playbook import Role, Sign
from services.action_plans.domain.terms import Cadence
from shared.yaml_files.fields import Name, Part, Whole, Words
from shared.yaml_files.form import Form
from shared.yaml_files.problems import shown

SITUATION = r"^[a-z][a-z0-9_]{0,63}$"
_SITUATION = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
LONGEST_FRAME = 180  # days: what has not turned for the better by then needs another plan


def _situation(value: object) -> str:
    if not isinstance(value, str) or not _SITUATION.fullmatch(value):
        raise ValueError(
            "must be a name of small letters, digits and _, beginning with a letter, at most 64 characters, "
            f"not {shown(value)}"
        )
    return value


Sentence = Annotated[str, Words(300)]
Situation = Annotated[str, PlainValidator(_situation), WithJsonSchema({"type": "string", "pattern": SITUATION})]


class Reason(Part):
    """A code of a risk's reason that suggests the playbook: a clear sign of the situation, or a possible one."""

    code: Name
    sign: Sign
    why: Sentence


class Expectation(Part):
    """What success looks like for a side. target: measurable. norm: a template, what is usual beside how it is."""

    side: Side
    kind: ExpectationKind
    text: Sentence
    target: Sentence | None = None
    norm: Sentence | None = None


class Commitment(Part):
    """What one side does by when, who by role, and how both see that it is done."""

    what: Sentence
    side: Side
    owner: Role
    due_days: Annotated[int, Whole(0, LONGEST_FRAME)]
    done_when: Sentence


class Player(Part):
    """Whom to involve, and why."""

    side: Side
    role: Role
    why: Sentence


class Playbook(Part):
    """What to do in one situation.

    version: raised with every change. applies: for our people alone. purpose: what both sides want to reach.
    agenda, letter: templates of the candid conversation and of what is written about it. frame_days: how long the plan
    may take. avoid: what not to say.
    """

    name: Situation
    version: Annotated[int, Whole(1, 10_000)]
    title: Annotated[str, Words(80)]
    applies: Annotated[str, Words(600)]
    purpose: Annotated[str, Words(600)]
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=30)]
    questions: Annotated[list[Sentence], Field(min_length=3, max_length=12)]
    expectations: Annotated[list[Expectation], Field(min_length=2, max_length=20)]
    commitments: Annotated[list[Commitment], Field(min_length=2, max_length=20)]
    involve: Annotated[list[Player], Field(min_length=2, max_length=15)]
    frame_days: Annotated[int, Whole(14, LONGEST_FRAME)]
    cadence: Cadence
    agenda: Annotated[str, Words(4000, lines=True)]
    letter: Annotated[str, Words(4000, lines=True)]
    avoid: Annotated[list[Sentence], Field(min_length=1, max_length=12)]


FORM = Form(Playbook, "playbook", "docs/architecture/playbooks.md")
