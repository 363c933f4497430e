"""Everything that is read of one customer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.console.store.reading import Place
from services.console.store.risks import OPEN
from services.console.store.today import LATEST_FIRST, PLACE, Happening
from shared.contracts.health import HealthOverridden, HealthScored, Override
from shared.contracts.upstream.snapshots import Contact, CustomerContract
from shared.database import Row, Transaction

LINES = 40
NOTES = 20
MOST_RECORDED = 20_000
MOST_CHOICES = 200  # to choose from, in a form that asks for a customer


@dataclass(frozen=True)
class Customer:
    """A customer's master data. yearly: the recurring revenue per year."""

    customer_id: str
    name: str
    segment: str
    tier: str
    csm: str
    executive_sponsor: str | None
    amount: Decimal
    currency: str
    period: str
    yearly: Decimal
    started_on: date
    renews_on: date | None
    seats: int | None
    time_zone: str
    contacts: tuple[Contact, ...]
    contract: CustomerContract | None


async def find(tx: Transaction, customer_id: str) -> Customer | None:
    """Return the customer, None where there is none or this reader may not know it."""
    row = await tx.row(
        """
        SELECT customer_id, name, segment, tier, csm, executive_sponsor, amount, currency, period, yearly, started_on,
               renews_on, seats, time_zone, contacts, contract
        FROM customers WHERE customer_id = $1
        """,
        customer_id,
    )
    if row is None:
        return None
    contract = row["contract"]
    return Customer(
        **{
            **dict(row),
            "contacts": tuple(Contact.model_validate(one) for one in _loaded(row["contacts"])),
            "contract": CustomerContract.model_validate_json(contract) if contract is not None else None,
        }
    )


def _loaded(text: str | None) -> Any:
    return json.loads(text) if text is not None else None


async def has_part(tx: Transaction, customer_id: str, transition_id: str | None = None) -> bool:
    """Tell whether the customer is this reader's or of somebody whom they lead, or they have a part in its ending.

    Whoever stands in for one of those reads the same, and no more than that.
    """
    return bool(
        await tx.value(
            """
            SELECT coalesce(current_setting('console.own_all', true), '') = 'on'
                OR $1 IN (SELECT reach('own_led')) OR $2 IN (SELECT reach('own_involved'))
            """,
            customer_id,
            transition_id or "",
        )
    )


async def studies(tx: Transaction, customer_id: str) -> bool:
    """Tell whether this reader sees the customer's health and case."""
    return bool(
        await tx.value(
            "SELECT sees_all() OR $1 IN (SELECT reach('studied'))",
            customer_id,
        )
    )


async def some(tx: Transaction, besides: Sequence[str]) -> dict[str, str]:
    """Return names of customers to choose from, by id: the reader's own first; and of those `besides`."""
    rows = await tx.fetch(
        """
        SELECT customer_id, name FROM (
            SELECT customer_id, name, csm = reader() AS own FROM customers
            ORDER BY customer_id = ANY ($1::text[]) DESC, own DESC, lower(name) LIMIT $2) AS one
        ORDER BY own DESC, lower(name)
        """,
        besides,
        MOST_CHOICES,
    )
    return {row["customer_id"]: row["name"] for row in rows}


@dataclass(frozen=True)
class Word:
    """What a person says instead of the computed band, and why."""

    override: Override
    reason: str


async def word(tx: Transaction, customer_id: str) -> Word | None:
    """Return what a person says of the customer's health now, None where nobody does."""
    body = await tx.value("SELECT body FROM overrides WHERE customer_id = $1 AND is_open", customer_id)
    if body is None:
        return None
    said = HealthOverridden.model_validate_json(body)
    return Word(said.override, said.reason) if said.override.expires_at > tx.now else None


async def score(tx: Transaction, customer_id: str) -> HealthScored | None:
    """Return the latest score as it was published, None where there is none."""
    body = await tx.value("SELECT body FROM scores WHERE customer_id = $1", customer_id)
    return HealthScored.model_validate_json(body) if body is not None else None


@dataclass(frozen=True)
class Day:
    """The last score of a day; parts: points by measure, where they are still kept."""

    day: date
    score: Decimal | None
    band: str
    parts: dict[str, Decimal] | None


async def days(tx: Transaction, customer_id: str, days: int) -> list[Day]:
    """Return the scores of the last so many days, the earliest first."""
    rows = await tx.fetch(
        "SELECT day, score, band, parts FROM score_days WHERE customer_id = $1 AND day >= $2 ORDER BY day",
        customer_id,
        tx.now.date() - timedelta(days=days),
    )
    return [_day(row) for row in rows]


def _day(row: Row) -> Day:
    parts = _loaded(row["parts"])
    points = {measure: Decimal(value) for measure, value in parts.items()} if parts else None
    return Day(row["day"], row["score"], row["band"], points)


@dataclass(frozen=True)
class Risk:
    """An open episode of risk. told_at: of when its reasons are; None: not known any more."""

    severity: str
    reasons: list[dict[str, Any]]
    since: datetime
    told_at: datetime | None


async def risk(tx: Transaction, customer_id: str) -> Risk | None:
    """Return the customer's open episode of risk, None where none is."""
    row = await tx.row(
        f"SELECT severity, reasons, since, told_at FROM {OPEN} AS risks WHERE customer_id = $1",  # noqa: S608  # a constant
        customer_id,
    )
    return Risk(row["severity"], _loaded(row["reasons"]), row["since"], row["told_at"]) if row else None


@dataclass(frozen=True)
class Note:
    """A private note."""

    note_id: str
    by: str
    at: datetime
    text: str


async def notes(tx: Transaction, customer_id: str, *, before: Place | None = None) -> list[Note]:
    """Return a page of the customer's private notes, the latest first; none to whom they are not for."""
    at, note_id = before or (None, "")
    rows = await tx.fetch(
        """
        SELECT note_id, by, at, text FROM notes
        WHERE customer_id = $1 AND ($2::timestamptz IS NULL OR (at, note_id) < ($2, $3))
        ORDER BY at DESC, note_id DESC LIMIT $4
        """,
        customer_id,
        at,
        note_id,
        NOTES,
    )
    return [Note(**dict(row)) for row in rows]


async def lines(
    tx: Transaction, customer_id: str, *, sphere: str, before: Place | None, subject_id: str = ""
) -> list[Happening]:
    """Return a page of the time line, the latest first. sphere, subject_id: only these where not empty."""
    at, event_id = before or (None, "")
    rows = await tx.fetch(
        f"""
        SELECT event_id, customer_id, '' AS name, at, sphere, type, by, subject_id, detail FROM happenings AS line
        WHERE customer_id = $1 AND ($2 = '' OR sphere = $2) AND ($4 = '' OR subject_id = $4)
          AND ($3::timestamptz IS NULL OR at < $3 OR (at = $3 AND ({PLACE}) < (
              SELECT {PLACE} FROM happenings AS line WHERE customer_id = $1 AND at = $3 AND event_id = $6 LIMIT 1)))
        ORDER BY {LATEST_FIRST} LIMIT $5
        """,  # noqa: S608  # constants
        customer_id,
        sphere,
        at,
        subject_id,
        LINES,
        event_id,
    )
    return [Happening(**dict(row)) for row in rows]


async def record(tx: Transaction, customer_id: str) -> list[Happening]:
    """Return the whole time line with private notes, for a file, the latest first; of a long one the latest part."""
    rows = await tx.fetch(
        f"""
        SELECT event_id, customer_id, '' AS name, at, sphere, type, by, subject_id, detail FROM (
            SELECT event_id, customer_id, at, sphere, type, by, subject_id, detail, seq FROM happenings
            UNION ALL
            SELECT note_id, customer_id, at, 'note', 'PrivateNoteKept', by, case_id, text, 0 FROM notes) AS line
        WHERE customer_id = $1 ORDER BY {LATEST_FIRST} LIMIT $2
        """,  # noqa: S608  # a constant
        customer_id,
        MOST_RECORDED,
    )
    return [Happening(**dict(row)) for row in rows]
