"""What is known of customers, as judgements need it: from the rows that events have written."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from services.health_scoring.domain.facts import NO_USE, Facts, Onboarding, Profile, Signal, Usage, seen, with_seen
from services.health_scoring.store.packed import Use
from shared.database import Transaction


async def load(tx: Transaction, customers: Iterable[str], since: date, *, full: bool = False) -> dict[str, Facts]:
    """Return what is known of these customers: use from the day `since` on, and all else.

    `full`: with the last event of every day of use, not only of those that may go on and of the last one before them.
    """
    asked = sorted(customers)
    if not asked:
        return {}
    usage = await _usage(tx, asked, since, full=full)
    users = await _users(tx, asked, since)
    return await _facts(tx, {one: (usage.get(one, {}), *users.get(one, ({}, 0))) for one in asked})


async def load_on(tx: Transaction, packed: Mapping[str, Use]) -> dict[str, Facts]:
    """Return what is known of these customers: use as it is packed and from there on, and all else."""
    if not packed:
        return {}
    asked = sorted(packed)
    usage = await _usage_on(tx, asked, packed)
    users = await _users_on(tx, asked, packed)
    return await _facts(tx, {one: (usage[one], *users[one]) for one in asked})


async def _facts(
    tx: Transaction, used: Mapping[str, tuple[Mapping[str, Usage], Mapping[str, int], int]]
) -> dict[str, Facts]:
    customers = list(used)
    known = await profiles(tx, customers)
    signals: dict[str, list[Signal]] = defaultdict(list)
    for row in await tx.fetch(
        """
        SELECT customer_id, occurred_at, source, event_id, type, subject, says FROM signals
        WHERE customer_id = ANY($1::text[])
        """,
        customers,
    ):
        customer, at, source, event_id, kind, subject, says = row
        signals[customer].append(Signal(at, source, event_id, kind, subject, _says(says)))
    return {one: Facts(known.get(one), *use, tuple(sorted(signals[one], key=_place))) for one, use in used.items()}


def _place(signal: Signal) -> tuple[datetime, str, str]:
    """Return what signals are in the order of. (To compare themselves takes them ten times as long.)"""
    return signal.at, signal.source, signal.event_id


@lru_cache(maxsize=4096)
def _says(text: str) -> Mapping[str, Any]:
    """Read what a signal says; there are few different things to say."""
    found: Mapping[str, Any] = MappingProxyType(json.loads(text))
    return found


async def _usage(tx: Transaction, customers: list[str], since: date, *, full: bool) -> dict[str, dict[str, Usage]]:
    goes_on = since if full else tx.now.date() - timedelta(days=1)  # a live event is of that day or later
    found: dict[str, dict[str, Usage]] = defaultdict(dict)
    for row in await tx.fetch(
        """
        SELECT customer_id, metric, min(day) - date '0001-01-01' + 1 AS begun FROM usage_days
        WHERE customer_id = ANY($1::text[]) GROUP BY customer_id, metric
        """,
        customers,
    ):
        found[row["customer_id"]][row["metric"]] = replace(NO_USE, begun=row["begun"])
    for row in await tx.fetch(
        """
        SELECT customer_id, metric, array_agg(day - date '0001-01-01' + 1 ORDER BY day) AS days,
               array_agg(quantity::float8 ORDER BY day) AS quantities, array_agg(events ORDER BY day) AS events,
               array_agg(first_at ORDER BY day) AS first_at,
               (array_agg(last_id ORDER BY day))[greatest(1, count(*) FILTER (WHERE day < $3))::int:] AS last_ids,
               (array_agg(last_at ORDER BY day))[greatest(1, count(*) FILTER (WHERE day < $3))::int:] AS last_at
        FROM usage_days WHERE customer_id = ANY($1::text[]) AND day >= $2
        GROUP BY customer_id, metric
        """,
        customers,
        since,
        goes_on,
    ):
        customer, metric, days, quantities, events, firsts_at, last_ids, lasts_at = row
        found[customer][metric] = found[customer][metric].with_days(
            days,
            quantities,
            events,
            dict(zip(days, firsts_at, strict=True)),
            dict(zip(reversed(days), reversed(last_ids), strict=False)),
            dict(zip(reversed(days), reversed(lasts_at), strict=False)),
        )
    return found


async def _users(tx: Transaction, customers: list[str], since: date) -> dict[str, tuple[dict[str, int], int]]:
    """Return the users of each customer, and the first day on which any was ever seen."""
    days: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for row in await tx.fetch(
        """
        SELECT customer_id, user_id, array_agg(day - date '0001-01-01' + 1) AS days FROM usage_users
        WHERE customer_id = ANY($1::text[]) AND day >= $2 GROUP BY customer_id, user_id
        """,
        customers,
        since,
    ):
        days[row["customer_id"]].append((row["user_id"], row["days"]))
    found = {}
    for row in await tx.fetch(
        """
        SELECT customer_id, min(day) - date '0001-01-01' + 1 AS begun FROM usage_users
        WHERE customer_id = ANY($1::text[]) GROUP BY customer_id
        """,
        customers,
    ):
        users, start = seen(days[row["customer_id"]])
        moved = {user: bits << start - row["begun"] for user, bits in users.items()}
        found[row["customer_id"]] = (moved, row["begun"])
    return found


async def _usage_on(tx: Transaction, customers: list[str], packed: Mapping[str, Use]) -> dict[str, dict[str, Usage]]:
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in await tx.fetch(
        """
        SELECT customer_id, metric, day - date '0001-01-01' + 1 AS day, quantity::float8 AS quantity, events, first_at,
               last_id, last_at
        FROM unnest($1::text[], $2::date[]) AS asked (customer_id, since) JOIN usage_days USING (customer_id)
        WHERE day >= since
        """,
        customers,
        [date.fromordinal(packed[one].until) for one in customers],
    ):
        rows[row["customer_id"], row["metric"]].append(row[2:])
    found = {one: dict(packed[one].usage) for one in customers}
    for (customer, metric), some in rows.items():
        some.sort()
        days, quantities, events, firsts_at, last_ids, lasts_at = zip(*some, strict=True)
        known = found[customer].get(metric, NO_USE)
        found[customer][metric] = known.with_days(
            days,
            quantities,
            events,
            dict(zip(days, firsts_at, strict=True)),
            {**known.last_ids, **dict(zip(days, last_ids, strict=True))},
            dict(zip(days, lasts_at, strict=True)),
        )
    return found


async def _users_on(
    tx: Transaction, customers: list[str], packed: Mapping[str, Use]
) -> dict[str, tuple[Mapping[str, int], int]]:
    found = {one: (packed[one].users, packed[one].users_from) for one in customers}
    for row in await tx.fetch(
        """
        SELECT customer_id, user_id, day - date '0001-01-01' + 1 AS day
        FROM unnest($1::text[], $2::date[]) AS asked (customer_id, since) JOIN usage_users USING (customer_id)
        WHERE day >= since
        """,
        customers,
        [date.fromordinal(packed[one].until) for one in customers],
    ):
        found[row["customer_id"]] = with_seen(*found[row["customer_id"]], row["user_id"], row["day"])
    return found


async def profiles(tx: Transaction, customers: list[str]) -> dict[str, Profile]:
    """Return the master data of these customers, as far as they were announced."""
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await tx.fetch(
        "SELECT customer_id, contact_id, role FROM contacts WHERE customer_id = ANY($1::text[])", customers
    ):
        roles[row["customer_id"]][row["contact_id"]] = row["role"]
    rows = await tx.fetch("SELECT customer_id, profile FROM customers WHERE customer_id = ANY($1::text[])", customers)
    return {row["customer_id"]: _profile(json.loads(row["profile"]), roles[row["customer_id"]]) for row in rows}


def _profile(told: Mapping[str, Any], contacts: Mapping[str, str]) -> Profile:
    onboarding = told.get("onboarding")
    return Profile(
        segment=told["segment"],
        started_on=date.fromisoformat(told["started_on"]),
        seats=told.get("seats"),
        contacts=contacts,
        onboarding=Onboarding(
            onboarding["expected_days"],
            date.fromisoformat(onboarding["started_on"]),
            date.fromisoformat(onboarding["completed_on"]) if onboarding.get("completed_on") else None,
        )
        if onboarding
        else None,
    )
