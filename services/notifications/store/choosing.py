"""What people chose, as one value each; and what they take in hand."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from services.notifications.domain.choices import Absence, Choices, QuietHours
from services.notifications.store import over
from shared.database import Row, Transaction


def encode(choices: Choices) -> dict[str, Any]:
    """Return choices as JSON values."""
    quiet, absence = choices.quiet, choices.absence
    return {
        "channels": {urgency: list(names) for urgency, names in choices.channels.items()},
        "timings": dict(choices.timings),
        "addresses": dict(choices.addresses),
        "quiet": {"begins": f"{quiet.begins:%H:%M}", "ends": f"{quiet.ends:%H:%M}"} if quiet else None,
        "working_days": sorted(choices.working_days),
        "country": choices.country,
        "digest_at": f"{choices.digest_at:%H:%M}",
        "digest_day": choices.digest_day,
        "muted": {customer: until.isoformat() for customer, until in choices.muted.items()},
        "links_from": choices.links_from.isoformat() if choices.links_from else None,
        "absence": {
            "first_day": absence.first_day.isoformat(),
            "last_day": absence.last_day.isoformat(),
            "substitute": absence.substitute,
        }
        if absence
        else None,
    }


def decode(kept: dict[str, Any], broken: Iterable[str] = ()) -> Choices:
    """Return choices from JSON values. broken: the channels whose address takes nothing any more."""
    quiet, absence, links_from = kept["quiet"], kept["absence"], kept.get("links_from")
    return Choices(
        channels={urgency: tuple(names) for urgency, names in kept["channels"].items()},
        timings=kept["timings"],
        addresses=kept["addresses"],
        quiet=QuietHours(time.fromisoformat(quiet["begins"]), time.fromisoformat(quiet["ends"])) if quiet else None,
        working_days=frozenset(kept["working_days"]),
        country=kept["country"],
        digest_at=time.fromisoformat(kept["digest_at"]),
        digest_day=kept["digest_day"],
        muted={customer: datetime.fromisoformat(until) for customer, until in kept["muted"].items()},
        absence=Absence(
            date.fromisoformat(absence["first_day"]), date.fromisoformat(absence["last_day"]), absence["substitute"]
        )
        if absence
        else None,
        links_from=datetime.fromisoformat(links_from) if links_from else None,
        broken=frozenset(broken),
    )


class Kept(Mapping[str, Choices]):
    """What people chose, by person; whoever chose nothing is left out. Each is read when it is asked for, so that one
    that cannot be read harms no other.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        """rows: person_id, choices, broken (channels whose address takes nothing any more)."""
        self._rows: dict[str, Row] = {row["person_id"]: row for row in rows}
        self._read: dict[str, Choices] = {}

    def __getitem__(self, person_id: str) -> Choices:
        """Return what the person chose. Raises KeyError where they chose nothing."""
        row = self._rows[person_id]
        if person_id not in self._read:
            try:
                self._read[person_id] = decode(json.loads(row["choices"]), row["broken"])
            except LookupError as error:  # which would look as if they chose nothing
                raise ValueError("the choices cannot be read") from error
        return self._read[person_id]

    def __iter__(self) -> Iterator[str]:
        """Return who chose something."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return how many did."""
        return len(self._rows)


async def all_choices(tx: Transaction) -> Kept:
    """Return what everybody chose."""
    return Kept(
        await tx.fetch(
            """
            SELECT person_id, choices,
                   ARRAY(SELECT channel FROM broken_channels AS one WHERE one.person_id = choices.person_id) AS broken
            FROM choices
            """
        )
    )


async def of(tx: Transaction, person_id: str) -> tuple[Choices, int]:
    """Return what a person chose, and how often they did (0: never)."""
    row = await tx.row("SELECT choices, revision FROM choices WHERE person_id = $1 FOR UPDATE", person_id)
    return (decode(json.loads(row["choices"])), row["revision"]) if row else (Choices(), 0)


async def keep(tx: Transaction, person_id: str, choices: Choices) -> int:
    """Keep what a person chose; returns how often they did."""
    return int(
        await tx.value(
            """
            INSERT INTO choices (person_id, revision, changed_at, choices) VALUES ($1, 1, $2, $3)
            ON CONFLICT (person_id) DO UPDATE
            SET revision = choices.revision + 1, changed_at = excluded.changed_at, choices = excluded.choices
            RETURNING revision
            """,
            person_id,
            tx.now,
            json.dumps(encode(choices)),
        )
    )


_TOLD = "SELECT FROM sequences WHERE topic = 'choices.v1' AND customer_id = {}"


async def never_told(tx: Transaction, after: str, limit: int) -> list[str]:
    """Return who chose something of which choices.v1 never told, by id, from the one after `after` on."""
    rows = await tx.fetch(
        f"""
        SELECT person_id FROM choices WHERE person_id > $1 AND NOT EXISTS ({_TOLD.format("person_id")})
        ORDER BY person_id LIMIT $2
        """,  # noqa: S608  # of constants
        after,
        limit,
    )
    return [str(row["person_id"]) for row in rows]


async def is_told(tx: Transaction, person_id: str) -> bool:
    """Tell whether choices.v1 has ever told of what this person chose."""
    return bool(await tx.value(f"SELECT EXISTS ({_TOLD.format('$1')})", person_id))


async def find_ask(tx: Transaction, ask_id: str) -> Row | None:
    """Return what is to be taken in hand, with the name of whoever has it."""
    return await tx.row(
        """
        SELECT asks.*, coalesce(people.name, acknowledged_by) AS holder
        FROM asks LEFT JOIN people ON person_id = acknowledged_by WHERE ask_id = $1 FOR UPDATE OF asks
        """,
        ask_id,
    )


async def was_told(tx: Transaction, ask_id: str, person_id: str) -> bool:
    """Tell whether the person was told of what is to be taken in hand."""
    return bool(
        await tx.value(
            """
            SELECT EXISTS (SELECT FROM asks JOIN deliveries USING (fact_id) JOIN tellings ON tellings.id = telling_id
                           WHERE asks.ask_id = $1 AND coalesce(deliveries.ask_id, tellings.ask_id) = $1
                             AND recipient = $2 AND deliveries.state <> 'moved')
            """,
            ask_id,
            person_id,
        )
    )


async def acknowledge(tx: Transaction, ask_id: str, person_id: str) -> None:
    """Note who took it in hand; whoever has not heard of it hears no more of it."""
    await tx.execute(
        "UPDATE asks SET acknowledged_by = $2, acknowledged_at = $3 WHERE ask_id = $1 AND acknowledged_at IS NULL",
        ask_id,
        person_id,
        tx.now,
    )
    await over.withdraw(tx, [ask_id], over.TAKEN)


async def send_again(tx: Transaction, message_id: str) -> str | None:
    """Have a message sent again under its own key; returns the state that it was in, None where there is none.

    What was released to a contact is not kept, and not sent again; nor is anything to somebody who has left. What
    becomes of a message that had failed is told anew on notifications.v1.
    """
    state: str | None = await tx.value(
        """
        SELECT CASE WHEN to_contact THEN 'contact'
                    WHEN EXISTS (SELECT FROM people WHERE person_id = recipient AND NOT active) THEN 'left'
                    ELSE state END
        FROM messages WHERE message_id = $1 FOR UPDATE
        """,
        message_id,
    )
    if state in {"sent", "failed"}:
        await tx.execute(
            """
            WITH again AS (
                UPDATE messages SET state = 'pending', attempts = 0, last_answer = NULL, last_failure = NULL,
                                    next_attempt_at = clock_timestamp(), began_at = clock_timestamp()
                WHERE message_id = $1 RETURNING message_id
            )
            UPDATE deliveries SET state = 'packed', published = (state = 'sent')
            WHERE message_id IN (SELECT message_id FROM again) AND state IN ('sent', 'failed')
            """,
            message_id,
        )
    return state
