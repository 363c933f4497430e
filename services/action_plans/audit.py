"""Is the record as it was written? Compares what is kept with itself, and with what was said of it in Kafka.

A row is bound to the one before it, the case to its last row, a version to its terms. Whoever rewrites all of that
consistently still differs from the heads of the chain that every fact on plans.v1 has carried.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

import msgspec

from services.action_plans.domain.terms import hash_of_content
from services.action_plans.store import cases
from services.action_plans.store.kept import KeptCase, KeptVersion
from services.action_plans.store.record import BEGINNING, Entry, Head, state_hash

Fault = Literal["edited", "deleted", "reordered", "cut_off", "content", "version", "rewritten"]
PROPOSED = "PlanProposed"
MOST_TRIED = 200  # rows, each in the place of each other


@dataclass(frozen=True)
class Finding:
    """What is wrong with a case. row: of its record; version: of its plan; says: a sentence without customer data."""

    case_id: str
    customer_id: str
    fault: Fault
    says: str
    row: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class Said:
    """What was last said of a case on plans.v1: the head of its chain; its plan's content hashes by version."""

    head: Head
    versions: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _At:
    """A case, for what is found in it."""

    case_id: str
    customer_id: str

    def row(self, fault: Fault, row: int, says: str) -> Finding:
        return Finding(self.case_id, self.customer_id, fault, says, row=row)

    def version(self, number: int, says: str) -> Finding:
        return Finding(self.case_id, self.customer_id, "version", says, version=number)

    def case(self, fault: Fault, says: str) -> Finding:
        return Finding(self.case_id, self.customer_id, fault, says)


def examine(
    case: KeptCase, rows: Sequence[Entry], versions: Sequence[KeptVersion], said: Said | None
) -> tuple[Finding, ...]:
    """Return everything that is wrong with a case.

    rows, versions: in order of their numbers. said: read from Kafka before the rest was read from Postgres, since facts
    that were not sent yet are no fault; None where nothing was said.
    """
    at = _At(case.case_id, case.customer_id)
    return (
        *_rows(at, rows),
        *_end(at, case, rows),
        *_content(at, case, rows),
        *_versions(at, case, rows, versions, said),
        *(_against(at, case, rows, said.head) if said else ()),
    )


def gone(case_id: str, customer_id: str, said: Said) -> Finding:
    """Return what is found of a case that was told of and is not kept."""
    says = f"The case is not there; Kafka holds its record up to row {said.head.number}."
    return _At(case_id, customer_id).case("deleted", says)


def left_over(case_id: str) -> Finding:
    """Return what is found of a record whose case is not kept."""
    return _At(case_id, "").case("deleted", "The case is not there; its record, or a version of its plan, is.")


def _rows(at: _At, rows: Sequence[Entry]) -> Iterator[Finding]:
    """Each row fits its own hash, and follows the one before it."""
    unfit = [row for row in rows if not _fits(row)]
    for row in unfit:
        place = _place(row, unfit)
        if place is not None:
            yield at.row("reordered", row.number, f"The row was row {place}: rows were put into another order.")
        else:
            yield at.row("edited", row.number, "The row was edited: it does not fit its own hash.")
    numbers = [0, *(row.number for row in rows)]
    for before, after in pairwise(numbers):
        for missing in range(before + 1, after):
            yield at.row("deleted", missing, "The row was deleted.")
    if rows and rows[0].number == 1 and rows[0].previous != BEGINNING:
        yield at.row("deleted", 1, "The row is not the first that was written.")
    fit = {row.number for row in rows} - {row.number for row in unfit}
    for one, two in pairwise(rows):
        if two.number == one.number + 1 and two.previous != one.hash and {one.number, two.number} <= fit:
            yield at.row("edited", one.number, f"The row was replaced: row {two.number} follows on another one.")


def _fits(row: Entry) -> bool:
    try:
        return row.hash == row.expected()
    except ValueError:  # a number beyond what canonical JSON can say
        return False


def _place(row: Entry, unfit: Sequence[Entry]) -> int | None:
    """Return the number under which a row that does not fit its hash would fit it: it changed places with another."""
    if len(unfit) > MOST_TRIED:
        return None
    return next((other.number for other in unfit if _fits(replace(row, number=other.number))), None)


def _end(at: _At, case: KeptCase, rows: Sequence[Entry]) -> Iterator[Finding]:
    """The last row is the one that the case names."""
    last = rows[-1] if rows else None
    if (last.number if last else 0) < case.head.number:
        first = last.number + 1 if last else 1
        until = f" to {case.head.number}" if case.head.number > first else ""
        yield at.row("cut_off", first, f"The record is cut off: row {first}{until} is missing at its end.")
    elif last is not None and (last.number, last.hash) != (case.head.number, case.head.hash):
        yield at.row("edited", last.number, "The row is not the last one that the case names.")


def _content(at: _At, case: KeptCase, rows: Sequence[Entry]) -> Iterator[Finding]:
    """The case is what its last row has hashed, and is found by what it says itself."""
    if not rows or rows[-1].number != case.head.number:
        return  # cut off
    if rows[-1].state_hash != state_hash(case.content.encode()):
        yield at.case("content", f"The case was edited: it is not what row {rows[-1].number} has hashed.")
        return
    try:
        said = cases.decode(case.content)
    except msgspec.DecodeError:
        yield at.case("content", "What is kept of the case is no case.")
        return
    beside = {
        "customer_id": (case.customer_id, said.customer_id),
        "revision": (case.revision, said.revision),
        "state": (case.state, said.state),
        "open": (case.open, said.is_open),
        "csm": (case.csm, said.csm),
    }
    for column, (kept, meant) in beside.items():
        if kept != meant:
            yield at.case("content", f"The column {column} of the case was edited: the case says otherwise.")


def _versions(
    at: _At, case: KeptCase, rows: Sequence[Entry], versions: Sequence[KeptVersion], said: Said | None
) -> Iterator[Finding]:
    """The terms of each version fit its content hash, which is the one that the case, and Kafka, know."""
    known = {**(said.versions if said else {}), **_named(case)}
    for one in versions:
        if one.content_hash != _hash(case, one.terms):
            yield at.version(one.number, f"The terms of version {one.number} do not fit its content hash.")
        elif known.get(one.number, one.content_hash) != one.content_hash:
            yield at.version(one.number, f"The terms of version {one.number} are not those that were proposed.")
    there = {one.number for one in versions}
    proposed = {int(row.about) for row in rows if row.kind == PROPOSED and row.about and row.about.isdecimal()}
    for number in sorted(proposed - there):
        yield at.version(number, f"Version {number} was deleted.")
    for number in sorted(there - proposed) if len(rows) == case.head.number else ():
        yield at.version(number, f"Version {number} was never proposed: the record knows nothing of it.")


def _hash(case: KeptCase, terms: str) -> str | None:
    try:
        return hash_of_content(case.customer_id, case.case_id, json.loads(terms))
    except ValueError:
        return None


def _named(case: KeptCase) -> dict[int, str]:
    """Return the content hashes that the case itself knows, by version."""
    try:
        plan: dict[str, Any] = json.loads(case.content)["plan"]
    except (ValueError, LookupError, TypeError):
        return {}
    known = [plan.get(name) or {} for name in ("proposed", "agreed", "baseline")]
    return {one["number"]: one["content_hash"] for one in known if one}


def _against(at: _At, case: KeptCase, rows: Sequence[Entry], head: Head) -> Iterator[Finding]:
    """The row that Kafka knows last is there, with that hash."""
    if head.number > case.head.number:
        says = f"The record is cut off: the case ends with row {case.head.number}, Kafka holds row {head.number}."
        yield at.row("cut_off", case.head.number + 1, says)
    elif any(row.number == head.number and row.hash != head.hash for row in rows):
        yield at.row("rewritten", head.number, "The record was rewritten: Kafka holds another hash of this row.")
