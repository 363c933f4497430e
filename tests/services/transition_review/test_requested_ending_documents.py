"""Documents of an ending that people of ours ask for: who may, each in its time, for whoever asked alone."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.transition_review.handlers.documents import LIFE
from services.transition_review.page.application import create_site
from services.transition_review.store import forgetting
from shared import database
from shared.contracts.endings.commands import RequestEndingDocument
from shared.database import Pool
from tests.services.action_plans.plans import read
from tests.services.fetching import Fetcher, all_that_is_kept, code_of
from tests.services.transition_review import acme, steps
from tests.services.transition_review.test_ending_page import US
from tests.services.transition_review.workshop import TEAMS, Bench
from tests.stories import person

OURS, THEIRS = ("agenda", "preparation"), ("plan", "notice")
DOCUMENTS = (*OURS, *THEIRS)
pytestmark = pytest.mark.schema("transition_review")


def somebody(bench: Bench, who: str = "ana") -> Fetcher:
    """Return one of our people with a browser."""
    site = create_site(bench.pool, lambda: bench.now, US, secure=True)
    return Fetcher(bench, RequestEndingDocument.__name__, site, who)


async def test_those_who_prepare_review_or_lead_the_ending_get_its_documents_and_nobody_else(pool: Pool) -> None:
    """As the console shows it: also whoever stands in for a team, until then; a manager leads by role, at any depth."""
    bench = Bench(pool)
    await acme.arranged(bench)
    bench.now += timedelta(hours=1)
    for one in (
        person("mo", roles=["manager"], manager="mona"),
        person("mona", roles=["manager"]),
        person("max", roles=["manager"]),
        person("lina"),
        person("sid", roles=["reviewer"], teams=["marketing"]),
        person("stan"),
        person("stale"),
    ):
        await bench.tell_person(**one)
    for who, days in (("stale", 1), ("stan", 9)):
        until = bench.now + timedelta(days=days)
        await bench.done("NameStandIn", "r-legal", team="legal", person=who, until=until, why="Leave.")
    bench.now += timedelta(days=1)
    may = {"ana", "mo", "mona", "xenia", "yves", "admin", "eve", "stan", "tess", *(f"r-{team}" for team in TEAMS)}
    for who in (*may, "max", "lina", "sid", "stale", "gone", "carla", "nobody"):
        fetcher = somebody(bench, who)
        assert code_of(await fetcher.ask("agenda", "md")) == ("" if who in may else "not_allowed"), who
        assert (await fetcher.fetch("agenda.md")).status_code == (200 if who in may else 404), who


async def test_each_document_is_there_in_its_time_and_until_then_it_is_said_what_is_needed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    ana = somebody(bench)
    assert await found(ana) == {**dict.fromkeys(OURS, "not_approved"), **dict.fromkeys(THEIRS, "not_announced")}
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    assert (await found(ana))["agenda"] == "not_arranged"
    await bench.done("ArrangeTalk", **steps.talk(bench))
    assert await found(ana) == {**dict.fromkeys(OURS, ""), **dict.fromkeys(THEIRS, "not_announced")}
    bench.now += timedelta(days=2, hours=1)
    await bench.done("RecordTalk", **steps.held(bench))
    await bench.done("AnnounceEnding", contacts=["carla"])
    assert set((await found(ana)).values()) == {""}
    await ana.ask("notice", "md")
    assert (await ana.fetch("notice.md")).status_code == 200
    await bench.done("WithdrawTransition", why="They have turned around.")
    assert (await ana.fetch("notice.md")).status_code == 404, "nor is what was asked for before"
    assert code_of(await ana.ask("notice", "md")) == "withdrawn"


async def found(fetcher: Fetcher) -> dict[str, str]:
    """Return what becomes of asking for each document; what is refused says what it needs."""
    answers = {document: await fetcher.ask(document, "md") for document in DOCUMENTS}
    assert all(one["type"] == "CommandAccepted" or one["problem"]["unmet"] for one in answers.values())
    return {document: code_of(answer) for document, answer in answers.items()}


async def test_documents_are_fetched_in_every_format(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    ana = somebody(bench)
    for document in DOCUMENTS:
        for format_ in ("pdf", "docx", "md", "html"):
            answer = await ana.get(document, format_)
            name = "transition-plan" if document == "plan" else document
            assert answer.headers["content-disposition"] == f"attachment; filename={name}-acme.{format_}"
            assert answer.headers["cache-control"] == "no-store"
            said = read(format_, answer.content)
            assert "Nordwind" in said
            assert ("Internal" in said) == (document in {"agenda", "preparation"})


async def test_what_is_another_customers_or_was_changed_since_is_refused(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    ana = somebody(bench)
    assert code_of(await ana.ask("agenda", "md", transition_id="t-of-another")) == "no_transition"
    assert code_of(await ana.ask("agenda", "md", expected_revision=99)) == "conflict"
    assert code_of(await somebody(bench, "stan").ask("agenda", "md", transition_id="t-of-another")) == "not_allowed"


async def test_document_is_fetched_for_15_minutes_by_a_token_that_is_kept_as_its_hash_alone(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    ana = somebody(bench)
    with capture_logs() as lines:
        await ana.ask("preparation", "md")
        assert timedelta(minutes=15) == LIFE
        bench.now += LIFE - timedelta(seconds=1)
        assert [(await ana.fetch("preparation.md")).status_code for _ in range(2)] == [200, 200]
        bench.now += timedelta(seconds=1)
        over, guessed = await ana.fetch("preparation.md"), await ana.fetch("preparation.md", "x" * 43)
        other = await ana.fetch("agenda.md")
    assert {one.status_code for one in (over, guessed, other)} == {404}
    assert over.text == guessed.text == other.text
    assert ana.token not in await all_that_is_kept(bench) + str(lines)
    told = [line["document"] for line in lines if line["event"] == "a document is handed out"]
    assert told == ["preparation"] * 2
    async with database.transaction(pool, "transition_review", bench.now) as tx:
        assert await forgetting.forget(tx, 10) == 1
    assert await pool.fetchval("SELECT count(*) FROM requested_documents") == 0
