"""The parts of a transition plan, by which content each is recognised, and what each lacks before teams can review it.

From domain.md, step 4: four required parts (timeline, contracts, refunds, support) and two more (communication,
referral); here all six are required, a referral may say that there is none.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import rfc8785

from services.transition_review.domain.clauses.contract import ContractTerms, Notice
from services.transition_review.domain.settlement.items import SettlementItems

PartName = Literal["timeline", "contracts", "refunds", "support", "communication", "referral"]
PARTS: tuple[PartName, ...] = ("timeline", "contracts", "refunds", "support", "communication", "referral")
MilestoneKind = Literal["refund_paid", "data_returned", "access_closed", "data_deleted", "other"]
MessageChannel = Literal["in_person", "phone", "video", "mail"]


@dataclass(frozen=True)
class Milestone:
    """Something that is done by a day in the customer's time zone, and by which team."""

    milestone_id: str
    kind: MilestoneKind
    what: str
    team: str
    due_on: date


@dataclass(frozen=True)
class Timeline:
    """When it ends. last_day: of the relationship; time_needed_days: what the customer needs to find another way."""

    last_day: date
    time_needed_days: int
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True)
class Contracts:
    """Which contract ends, what it says of its end, and the notice as it is planned."""

    contract_id: str
    terms: ContractTerms
    notice: Notice


@dataclass(frozen=True)
class Refunds:
    """What a settlement is computed from; it comes to lines with the last day of the timeline."""

    items: SettlementItems


@dataclass(frozen=True)
class Support:
    """How the customer is looked after until the end, and how its data are returned and deleted. contact: of ours."""

    level: str
    hours: str
    contact: str
    until: date
    export_format: str
    export_on: date
    access_ends_on: date
    deleted_on: date
    proof_of_deletion: str


@dataclass(frozen=True)
class PlannedMessage:
    """Who tells whom, when, how."""

    message_id: str
    audience: Literal["internal", "customer"]
    by: str
    to: str
    on: date
    channel: MessageChannel
    what: str


@dataclass(frozen=True)
class Communication:
    """What is said to whom, internal first."""

    messages: tuple[PlannedMessage, ...]


@dataclass(frozen=True)
class Referral:
    """Whom the customer could go to. alternatives: ids of the catalogue; glad_of: what we would be referred for."""

    alternatives: tuple[str, ...]
    why: str
    introduction_offered: bool
    glad_of: str


Part = Timeline | Contracts | Refunds | Support | Communication | Referral


@dataclass(frozen=True)
class Parts:
    """The parts as far as they are written."""

    timeline: Timeline | None = None
    contracts: Contracts | None = None
    refunds: Refunds | None = None
    support: Support | None = None
    communication: Communication | None = None
    referral: Referral | None = None

    def __iter__(self) -> Iterator[tuple[PartName, Part | None]]:
        """Yield each part's name and what is written of it."""
        for name in PARTS:
            yield name, getattr(self, name)


def content(part: Part) -> dict[str, Any]:
    """Return the part as JSON values: days as ISO dates, amounts as texts, absent fields left out."""
    return _plain(asdict(part))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def hashes(parts: Parts) -> dict[PartName, str]:
    """Return by what the content of each written part is recognised: SHA-256 of its canonical JSON (RFC 8785)."""
    return {name: _hash(content(part)) for name, part in parts if part is not None}


def hash_of_all(transition_id: str, of_parts: Mapping[PartName, str]) -> str:
    """Return by what the whole plan is recognised; the transition is part of it."""
    return _hash({"transition_id": transition_id, "parts": dict(of_parts)})


def _hash(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def changed(before: Mapping[PartName, str], after: Mapping[PartName, str]) -> tuple[PartName, ...]:
    """Return the parts whose content differs, in the order in which a plan is read."""
    return tuple(name for name in PARTS if before.get(name) != after.get(name))


def missing(parts: Parts, today: date) -> list[str]:
    """Return everything that keeps the plan from being reviewed."""
    found = [f"the part {name} is written" for name, part in parts if part is None]
    if parts.timeline is not None:
        found += _of_timeline(parts.timeline, today)
    if parts.support is not None and parts.timeline is not None:
        found += _of_support(parts.support, parts.timeline)
        found += _same_days(parts.support, parts.timeline)
    if parts.communication is not None:
        found += _of_communication(parts.communication)
    return found


def _of_timeline(timeline: Timeline, today: date) -> list[str]:
    found = [] if timeline.last_day > today else ["the last day is after today"]
    kinds = {one.kind for one in timeline.milestones}
    found += [
        f"a milestone says when {what}"
        for kind, what in (
            ("data_returned", "the data are returned"),
            ("access_closed", "access is closed"),
            ("data_deleted", "deletion is proven"),
        )
        if kind not in kinds
    ]
    ids = [one.milestone_id for one in timeline.milestones]
    return found + [f"only one milestone is called {one}" for one in sorted({one for one in ids if ids.count(one) > 1})]


def _of_support(support: Support, timeline: Timeline) -> list[str]:
    last = timeline.last_day
    rules = (
        (support.until >= last, f"support goes on until the last day ({last})"),
        (support.access_ends_on >= last, f"access ends on the last day ({last}) or later"),
        (support.export_on <= support.access_ends_on, "the data are exported before access ends"),
        (support.deleted_on >= support.export_on, "the data are deleted after they were exported"),
    )
    return [needed for met, needed in rules if not met]


def _same_days(support: Support, timeline: Timeline) -> list[str]:
    """Return what the customer would be told twice, with different days."""
    promised: dict[MilestoneKind, tuple[str, date]] = {
        "data_returned": ("the data are returned", support.export_on),
        "access_closed": ("access ends", support.access_ends_on),
        "data_deleted": ("the data are deleted", support.deleted_on),
    }
    return [
        f"milestone {one.milestone_id} and the part support name the same day on which {promised[one.kind][0]}"
        f" ({one.due_on} and {promised[one.kind][1]})"
        for one in timeline.milestones
        if one.kind in promised and one.due_on != promised[one.kind][1]
    ]


def _of_communication(communication: Communication) -> list[str]:
    internal = [one.on for one in communication.messages if one.audience == "internal"]
    outside = [one for one in communication.messages if one.audience == "customer"]
    found = []
    if not internal:
        found.append("somebody is told internally")
    if not outside:
        found.append("somebody tells the customer")
    if internal and outside:
        first = min(one.on for one in outside)
        if max(internal) > first:
            found.append(f"everybody is told internally before the customer is ({first})")
        if any(one.channel == "mail" for one in outside if one.on == first):
            found.append("the customer is told first in person, by phone or by video")
    return found
