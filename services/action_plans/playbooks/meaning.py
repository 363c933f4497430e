"""What the fields of a playbook mean together, and what the customer must never read."""

import re
from collections.abc import Iterator

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.playbook import ROLES
from services.action_plans.playbooks import form
from services.action_plans.playbooks.templates import OF_LETTERS, OF_NORMS, slips
from shared.yaml_files.checks import Found, repeated
from shared.yaml_files.problems import Path

Row = int  # in a block of text, from 1; 0: not known
_UNSAID = re.compile(r"\b(terminat\w*|churn\w*|health[ -]scores?|scorecards?)\b", re.IGNORECASE)
_NEEDED = {"main_contact", "executive_contact"}  # the main contact's view is one view


def contradictions(read: form.Playbook) -> Found:
    """Yield the path of each field that does not go with the others, and what to do."""
    yield from _repetitions(read)
    for name in ("expectations", "commitments"):
        there = {one.side for one in getattr(read, name)}
        for side, called in (("us", "ours"), ("customer", "the customer's")):
            if side not in there:
                yield (name,), f"must have one of {called} too: add one with side: {side}"
    for at, one in enumerate(read.commitments):
        yield from _role(("commitments", at, "owner"), one.side, one.owner)
        if one.due_days > read.frame_days:
            yield ("commitments", at, "due_days"), f"must be at most frame_days ({read.frame_days}), not {one.due_days}"
    for at, player in enumerate(read.involve):
        yield from _role(("involve", at, "role"), player.side, player.role)
    for role in sorted(_NEEDED - {player.role for player in read.involve}):
        yield ("involve",), f"must have the {role}: one person's view is one view"


def _repetitions(read: form.Playbook) -> Found:
    yield from repeated(("questions",), read.questions)
    yield from repeated(("avoid",), read.avoid)
    for name, key in (("reasons", "code"), ("expectations", "text"), ("commitments", "what"), ("involve", "role")):
        values = [getattr(one, key) for one in getattr(read, name)]
        for path, what in repeated((name,), values):
            yield (*path, key), what


def _role(path: Path, side: Side, role: str) -> Found:
    other: Side = "customer" if side == "us" else "us"
    if role in ROLES[other]:
        yield path, f"is a role of side {other}, and side is {side}: one of {', '.join(ROLES[side])}"


def wrong_texts(read: form.Playbook) -> Iterator[tuple[Path, str, Row]]:
    """Yield what is wrong with templates, and each word that the customer must not read, with its row."""
    for path, text in _customers_texts(read):
        for found in _UNSAID.finditer(text):
            row = text.count("\n", 0, found.start()) + 1
            yield path, f"says '{found.group()}', and the customer reads this: find other words", row
    for at, one in enumerate(read.expectations):
        for row, what in slips(one.norm or "", OF_NORMS):
            yield ("expectations", at, "norm"), what, row
    for name in ("agenda", "letter"):
        for row, what in slips(getattr(read, name), OF_LETTERS):
            yield (name,), what, row


def _customers_texts(read: form.Playbook) -> Iterator[tuple[Path, str]]:
    yield ("purpose",), read.purpose
    for at, expectation in enumerate(read.expectations):
        for name in ("text", "target", "norm"):
            yield ("expectations", at, name), getattr(expectation, name) or ""
    for at, commitment in enumerate(read.commitments):
        for name in ("what", "done_when"):
            yield ("commitments", at, name), getattr(commitment, name)
    yield ("agenda",), read.agenda
    yield ("letter",), read.letter
