"""Documents that people of ours ask for: who may, what there is, and how long whoever asked can fetch it."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.action_plans.handlers.documents import LIFE
from services.action_plans.store import forgetting
from shared.contracts.plans.commands import RequestDocument
from shared.database import Pool
from tests.services.action_plans import steps
from tests.services.action_plans.guest import site
from tests.services.action_plans.plans import read
from tests.services.action_plans.tables import changed, everything
from tests.services.action_plans.test_page import offered
from tests.services.action_plans.workshop import Bench
from tests.services.fetching import Fetcher, all_that_is_kept, code_of
from tests.stories import person

ASK = RequestDocument.__name__
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
}


async def ana_of(bench: Bench, who: str = "ana") -> Fetcher:
    """Return acme's CSM, or somebody else, with a browser of their own."""
    await bench.case_id()
    return Fetcher(bench, ASK, site(bench), who)


async def test_those_who_read_everything_of_the_customer_get_its_documents_and_nobody_else(pool: Pool) -> None:
    """As the console shows it: a manager leads at whatever depth, and by role; a sponsor reads the case alone."""
    bench, _ = await offered(pool)
    for one in (
        person("mo", roles=["manager"], manager="mona"),
        person("mona", roles=["manager"]),
        person("max", roles=["manager"]),
        person("lina"),
        person("eve", manager="lina"),
    ):
        await bench.tell_person(**one)
    may = {"ana", "mo", "mona", "xenia", "admin"}
    for who in (*may, "max", "eve", "lina", "gone", "carla", "nobody"):
        fetcher = await ana_of(bench, who)
        for document, format_ in (("plan", "pdf"), ("evidence", "zip")):
            assert code_of(await fetcher.ask(document, format_)) == ("" if who in may else "not_allowed"), who
            assert (await fetcher.fetch(f"{document}.{format_}")).status_code == (200 if who in may else 404), who


async def test_plan_is_fetched_in_every_format_as_it_is_now(pool: Pool) -> None:
    bench, _ = await offered(pool)
    ana = await ana_of(bench)
    for format_, media_type in TYPES.items():
        answer = await ana.get("plan", format_)
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"] == f"attachment; filename=plan-acme-version-1.{format_}"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "Acme Industries" in read(format_, answer.content).replace("\\", "")
        assert "SENTINEL" not in read(format_, answer.content)
    await steps.customer_signs(bench)
    assert "Carla Main for Acme Industries" in (await ana.fetch("plan.ics")).text + (await ana.get("plan", "md")).text


async def test_evidence_is_fetched_without_what_is_private_also_of_a_case_that_is_over(pool: Pool) -> None:
    bench, _ = await offered(pool)
    talk: dict[str, Any] = {"conversation_id": "talk-9", "channel": "phone"}
    await bench.done("ScheduleConversation", **talk, planned_for=bench.now + timedelta(days=1))
    bench.now += timedelta(days=1)
    talk |= {"held_at": bench.now - timedelta(minutes=1), "attendees": ["s-main", "s-us"]}
    await bench.done("RecordConversation", **talk, told_ending_possible=False, private_notes="SECRET OURS")
    await bench.done("DismissCase", reason="It was a mistake.")
    ana = Fetcher(bench, ASK, site(bench))
    assert code_of(await ana.ask("evidence", "zip", case_id=bench.last_case)) == ""
    answer = await ana.fetch("evidence.zip")
    revision = (await bench.case()).revision
    assert answer.headers["content-disposition"] == f"attachment; filename=evidence-acme-revision-{revision}.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert {"evidence.pdf", "record.json", "verify.py"} <= set(packed.namelist())
        assert "private_notes.json" not in packed.namelist()
        assert not [name for name in packed.namelist() if b"SECRET OURS" in packed.read(name)]


async def test_what_there_is_not_is_refused_with_what_it_needs_and_leaves_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    ana = await ana_of(bench)
    before = await everything(pool)
    refused: list[tuple[str, str, str, dict[str, Any]]] = [
        ("nothing_proposed", "plan", "pdf", {}),
        ("no_format", "plan", "zip", {}),
        ("no_format", "evidence", "pdf", {}),
        ("no_case", "evidence", "zip", {"case_id": "of-another-customer"}),
        ("conflict", "evidence", "zip", {"expected_revision": 99}),
    ]
    for code, document, format_, more in refused:
        answer = await ana.ask(document, format_, **more)
        assert code_of(answer) == code
        assert answer["problem"]["unmet"]
        assert (await ana.fetch(f"{document}.{format_}")).status_code == 404
    assert await changed(pool, before) == set()
    await ana.ask("evidence", "zip")
    again = await bench.ask(ASK, document="evidence", format="zip", token_hash=(await hashes(pool))[0])
    assert code_of(again) == "id_taken"


async def hashes(pool: Pool) -> list[str]:
    """Return what is kept of tokens."""
    return [row["token_hash"] for row in await pool.fetch("SELECT token_hash FROM requested_documents")]


async def test_document_is_fetched_as_often_as_wanted_for_15_minutes_and_then_forgotten(pool: Pool) -> None:
    bench, _ = await offered(pool)
    ana = await ana_of(bench)
    await ana.ask("plan", "md")
    assert timedelta(minutes=15) == LIFE
    bench.now += LIFE - timedelta(seconds=1)
    found = [(await ana.fetch("plan.md")).status_code for _ in range(2)]
    assert found == [200, 200]
    assert (await ana.fetch("plan.pdf")).status_code == 404, "it was asked for as Markdown"
    async with bench.transaction() as tx:
        assert await forgetting.forget(tx, 10) == 0
    bench.now += timedelta(seconds=1)
    over, guessed, other = await ana.fetch("plan.md"), await ana.fetch("plan.md", "x" * 43), await ana.fetch("plan.pdf")
    assert {one.status_code for one in (over, guessed, other)} == {404}
    assert over.text == guessed.text == other.text
    assert "opens nothing" in over.text
    async with bench.transaction() as tx:
        assert await forgetting.forget(tx, 10) == 1
    assert await hashes(pool) == []


async def test_whoever_may_no_longer_when_they_fetch_gets_nothing(pool: Pool) -> None:
    bench, _ = await offered(pool)
    ana = await ana_of(bench)
    await ana.ask("evidence", "zip")
    assert (await ana.fetch("evidence.zip")).status_code == 200
    await bench.tell_person(**person("ana", active=False))
    assert (await ana.fetch("evidence.zip")).status_code == 404


async def test_token_of_a_document_is_kept_as_its_hash_alone_and_in_no_log(pool: Pool) -> None:
    bench, _ = await offered(pool)
    ana = await ana_of(bench)
    with capture_logs() as lines:
        await ana.ask("plan", "md")
        for _ in range(2):
            await ana.fetch("plan.md")
    assert len(await hashes(pool)) == 1
    assert ana.token not in await all_that_is_kept(bench)
    told = [line for line in lines if line["event"] == "a document is handed out"]
    assert [(one["document"], one["format"]) for one in told] == [("plan", "md")] * 2
    assert {one["request_id"] for one in told} == {await pool.fetchval("SELECT request_id FROM requested_documents")}
    assert ana.token not in str(lines)


async def test_address_that_guesses_documents_is_sent_away(pool: Pool) -> None:
    bench, _ = await offered(pool)
    ana = await ana_of(bench)
    await ana.ask("plan", "md")
    guessed = [(await ana.fetch("plan.md", f"{number:043}")).status_code for number in range(20)]
    assert guessed == [404] * 20
    assert (await ana.fetch("plan.md")).status_code == 429


@pytest.mark.parametrize("path", ["/documents", "/documents/x", "/documents/x/", "/documents/x/../plan.md"])
async def test_there_is_no_list_of_documents(pool: Pool, path: str) -> None:
    bench = Bench(pool)
    assert (await Fetcher(bench, ASK, site(bench)).http.get(path)).status_code == 404
