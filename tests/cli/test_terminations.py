"""`amicable terminations export`: what was told outside, as it stands; nothing else; as much of it as there is."""

import csv
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from amicable import terminations_command
from services.transition_review.store import told_outside
from shared import database, relay
from shared.database import Pool
from tests.cli.conftest import Shell
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import START, Bench
from tests.terminations.told import AT, BOTH_OWE, Story, settlement

pytestmark = pytest.mark.schema("transition_review")
Rows = list[dict[str, str]]


async def exported(pool: Pool, format_: str = "csv", since: datetime | None = None, *, facts: bool = False) -> str:
    """Return what the command would write."""
    file = StringIO()
    write: Callable[..., Any] = getattr(terminations_command, f"write_{format_}")
    async with database.transaction(pool, "transition_review", START) as tx:
        await write(file, tx, since, facts=facts)
    return file.getvalue()


async def rows(pool: Pool, since: datetime | None = None, *, facts: bool = False) -> Rows:
    """Return the rows of the CSV file, each cell by its column."""
    text = await exported(pool, "csv", since, facts=facts)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


async def tell(pool: Pool, *told: Any, at: datetime = AT) -> None:
    """Put facts into what was told, past the outbox."""
    await pool.executemany(
        "INSERT INTO told_outside (termination_id, occurred_at, body) VALUES ($1, $2, $3)",
        [(fact.termination_id, at, fact.model_copy(update={"occurred_at": at}).body().decode()) for fact in told],
    )


async def test_nothing_that_is_not_announced_is_exported(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench)
    for facts in (False, True):
        assert await rows(pool, facts=facts) == []
        assert await exported(pool, "json", facts=facts) == "[]\n"
    await bench.done("AnnounceEnding", contacts=["carla"])
    (one,) = await rows(pool)
    assert (one["termination_id"], one["customer_id"], one["state"], one["revision"]) == (
        "t-1",
        "acme",
        "announced",
        "1",
    )


async def test_what_is_changed_but_not_announced_is_not_exported(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    before = await exported(pool, "json")
    support = steps.parts(bench)["WriteSupport"]["support"]
    await bench.done("WriteSupport", support={**support, "hours": "never"})
    await bench.tell_customer(recurring_revenue={"amount": "1.00", "currency": "USD", "period": "year"})
    assert await exported(pool, "json") == before


async def test_it_is_there_when_the_outbox_has_forgotten_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    before = await exported(pool, "json", facts=True)
    assert json.loads(before) == await bench.published("terminations.v1")
    await pool.execute("UPDATE outbox SET published_at = now() - interval '1 year'")
    await relay.purge(pool, 1)
    assert await bench.published("terminations.v1") == []
    assert await exported(pool, "json", facts=True) == before


async def test_what_was_told_is_only_ever_added_to(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    for change in ("UPDATE told_outside SET body = '{}'", "DELETE FROM told_outside"):
        with pytest.raises(Exception, match="told_outside is only ever added to"):
            await pool.execute(change)


async def test_a_row_says_how_an_ending_stands(pool: Pool) -> None:
    acme, bolt = Story("acme", "t-acme"), Story("bolt", "t-bolt")
    revenue = {"amount": "1200.00", "currency": "EUR", "period": "month"}
    await tell(
        pool,
        acme.announced(),
        acme.announced(2, settled=(settlement("EUR", "800.00", "152.00", "952.00"),), recurring_revenue=revenue),
        acme.reached("m-refund", "refund_paid", 2),
        bolt.announced(settled=BOTH_OWE),
    )
    first, second = await rows(pool)
    assert (
        first
        | {
            "state": "announced",
            "revision": "2",
            "effective_on": "2026-06-30",
            "recurring_amount": "1200.00",
            "recurring_currency": "EUR",
            "settlement_EUR_net": "800.00",
            "settlement_EUR_tax": "152.00",
            "settlement_EUR_total": "952.00",
            "settlement_USD_total": "",
            "clause_id": "",
        }
        == first
    )
    assert Decimal(second["settlement_USD_total"]) == Decimal("-59.50")
    assert [(one["milestone_id"], one["reached_on"]) for one in json.loads(first["milestones"])] == [
        ("m-refund", "2026-06-30"),
        ("m-access", None),
    ]


async def test_an_ending_that_is_over_says_how(pool: Pool) -> None:
    acme, bolt = Story("acme", "t-acme"), Story("bolt", "t-bolt")
    await tell(pool, acme.announced(), acme.completed(2), bolt.announced(), bolt.withdrawn(2))
    first, second = await rows(pool)
    assert (first["state"], first["completed_at"][:10], first["withdrawn_at"]) == ("completed", "2026-03-02", "")
    assert (second["state"], second["completed_at"], second["withdrawn_at"][:10]) == ("withdrawn", "", "2026-03-02")
    assert [one["state"] for one in json.loads(await exported(pool, "json"))] == ["completed", "withdrawn"]


async def test_a_late_lower_revision_takes_the_place_of_nothing(pool: Pool) -> None:
    acme = Story("acme", "t-acme")
    await tell(pool, acme.announced(), acme.announced(3, settled=()), acme.announced(2))
    ((one),) = json.loads(await exported(pool, "json"))
    assert (one["revision"], one["settlement"]) == (3, [])


async def test_since_a_day_shows_endings_of_which_something_was_told_by_then(pool: Pool) -> None:
    acme, bolt = Story("acme", "t-acme"), Story("bolt", "t-bolt")
    await tell(pool, acme.announced(), bolt.announced(settled=()))
    await tell(pool, acme.completed(2), at=AT + timedelta(days=3))
    day = datetime(2026, 3, 5, tzinfo=UTC)
    (one,) = await rows(pool, day)
    assert (one["customer_id"], one["state"], one["effective_on"]) == ("acme", "completed", "2026-06-30")
    (fact,) = await rows(pool, day, facts=True)
    assert (fact["type"], fact["idempotency_key"]) == ("TerminationCompleted", "t-acme/completed")
    assert await rows(pool, day + timedelta(days=1)) == []


async def test_no_cell_of_an_export_begins_a_formula(pool: Pool) -> None:
    evil = "=HYPERLINK(1)"
    told = Story(evil, f"@{evil}").announced(contract_id=f"+{evil}", csm=f"-{evil}", support_contact=f"x;{evil}")
    await tell(pool, told)
    for facts in (False, True):
        (one,) = await rows(pool, facts=facts)
        texts = {name: text for name, text in one.items() if not name.startswith("settlement_")}
        assert not [text for text in texts.values() if text.startswith(("=", "+", "-", "@"))]
        assert ";=" not in "".join(texts.values())
    (one,) = await rows(pool)
    assert one["customer_id"] == f"'{evil}"
    assert one["settlement_USD_net"] == "-50.00"


async def test_many_endings_are_exported_in_bounded_memory(pool: Pool) -> None:
    """Twenty thousand of 4 KB each would be 80 MB at once."""
    body = Story("acme", "t").announced(csm="x" * 150, contract_id="y" * 200).body().decode()
    await pool.execute(
        """
        INSERT INTO told_outside (termination_id, occurred_at, body)
        SELECT 't-' || n, now(), $1::jsonb || jsonb_build_object('termination_id', 't-' || n)
        FROM generate_series(1, 20000) AS n
        """,
        body,
    )

    class Counting(StringIO):
        lines = 0

        def write(self, text: str, /) -> int:
            self.lines += text.count("\r\n")
            return len(text)

    file = Counting()
    tracemalloc.start()
    try:
        async with database.transaction(pool, "transition_review", START) as tx:
            written = await terminations_command.write_csv(file, tx)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (written, file.lines) == (20_000, 20_001)
    assert peak < 20_000_000


async def test_rows_are_found_by_an_index(pool: Pool) -> None:
    """However many there are, they are never sorted."""
    async with database.transaction(pool, "transition_review", START) as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        sql = "EXPLAIN SELECT body FROM told_outside ORDER BY termination_id, id"
        plan = "\n".join(row[0] for row in await tx.fetch(sql))
        assert "Sort" not in plan
        assert told_outside.AT_ONCE < 1000


def test_it_is_written_to_a_file_that_only_its_owner_reads_and_none_is_overwritten(dev: Shell, tmp_path: Path) -> None:
    file = tmp_path / "endings.csv"
    done = dev.type("terminations", "export", "--out", str(file))
    assert (done.code, done.out) == (0, "")
    assert done.err == f"0 endings written to {file}."
    assert file.read_bytes().startswith(b'\xef\xbb\xbf"termination_id"')
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    again = dev.type("terminations", "export", "--out", str(file), "--format", "json")
    assert (again.code, "is there already" in again.err) == (3, True)
    assert dev.type("terminations", "export", "--out", str(file), "--format", "json", "--force").code == 0
    assert json.loads(file.read_text()) == []


def test_it_is_printed_where_no_file_is_named(dev: Shell) -> None:
    printed = dev.type("terminations", "export", "--format", "json", "--since", "2026-03-01")
    assert (printed.code, printed.out, printed.err) == (0, "[]\n", "")
    printed = dev.type("terminations", "export", "--facts")
    assert (printed.code, printed.out[:16], printed.err) == (0, '\ufeff"termination_id', "")


def test_wrong_words_are_a_sentence(dev: Shell, tmp_path: Path) -> None:
    assert "choose one of csv, json" in dev.type("terminations", "export", "--format", "xls").err
    assert "is a folder" in dev.type("terminations", "export", "--out", str(tmp_path)).err
    assert dev.type("terminations", "export", "--since", "soon").code == 2


def test_where_nothing_runs_it_says_how_to_start(shell: Shell) -> None:
    assert shell.type("terminations", "export").err.startswith("Nothing runs from ")
