"""Documents asked for in the console: which there are, and the link by which whoever asked fetches one, for a while."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.action_plans.documents import requesting as of_cases
from services.console.page.acting.documents import OF_CASE, OF_CASE_OURS, OF_ENDING, OF_ENDING_OURS, SHOWN
from services.transition_review.documents import requesting as of_endings
from shared.database import Pool
from shared.page.links import hash_of
from tests.contracts.examples import BY_TYPE
from tests.services.console.people_around import furnished
from tests.services.console.test_acting import accepted, answer, ask, refused, sent
from tests.services.console.workshop import Browser, Workshop, case, of, one, words

pytestmark = pytest.mark.schema("console")

PLAN = "/cases/c-acme/forms/document?item=plan"
EVIDENCE = "/cases/c-acme/forms/internal_document?item=evidence"


async def planned(pool: Pool, **settings: Any) -> tuple[Workshop, Browser]:
    """Return the console with a case of ana's that has a plan, and ana's browser."""
    bench = Workshop(pool, **settings)
    await bench.tell(
        one("ana", "csm"),
        of("acme", "ana"),
        case("CaseUpdated", "acme", "c-acme", csm="ana", ending=None, failure=None, revision=3),
    )
    return bench, await bench.browser_of("ana")


def test_documents_and_formats_are_those_that_the_owning_services_make() -> None:
    here = {document: formats for some in (OF_CASE, OF_CASE_OURS) for document, (_, formats) in some.offered.items()}
    assert {document: set(formats) for document, formats in here.items()} == {
        document: set(formats) for document, formats in of_cases.FORMATS.items()
    }
    for some, made in ((OF_ENDING, of_endings.THEIRS), (OF_ENDING_OURS, of_endings.OURS)):
        assert {document: set(formats) for document, (_, formats) in some.offered.items()} == {
            document: set(kinds) for document, kinds in made.items()
        }


async def test_document_is_asked_for_by_the_hash_of_a_token_and_fetched_by_the_token(pool: Pool) -> None:
    bench, ana = await planned(pool)
    assert "Saving" in (await ask(ana, PLAN, format="pdf")).text
    (command,) = await sent(bench)
    assert (command["type"], command["document"], command["format"]) == ("RequestDocument", "plan", "pdf")
    assert "Download" not in (await ana.get("/cases/c-acme")).text, "it is not there before the service says so"
    await bench.tell(accepted(command["event_id"]))
    page = (await ana.get("/cases/c-acme")).text
    found = re.search(r'href="http://127\.0\.0\.1:1/documents/([\w-]{43})/plan\.pdf" rel="noreferrer">([^<]+)<', page)
    assert found is not None
    assert found[2] == "Download the joint plan (PDF)"
    assert hash_of(found[1]) == command["token_hash"]
    assert found[1] not in str(command)
    assert "works for 15 minutes, for you alone" in words(page)


async def test_link_of_a_document_is_shown_as_long_as_it_works(pool: Pool) -> None:
    bench, ana = await planned(pool)
    await ask(ana, PLAN, format="docx")
    (command,) = await sent(bench)
    await bench.tell(accepted(command["event_id"]))
    for late, is_shown in ((SHOWN - timedelta(minutes=1), True), (SHOWN, False)):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('console.projects', 'on', true)")
            await connection.execute("UPDATE asked SET asked_at = clock_timestamp() - $1::interval", late)
        assert ("Download the joint plan (Word)" in (await ana.get("/cases/c-acme")).text) == is_shown


async def test_only_what_there_is_can_be_asked_for_and_what_is_internal_says_so(pool: Pool) -> None:
    bench, ana = await planned(pool)
    page = (await ana.get(EVIDENCE)).text
    assert "Internal: not for the customer." in page
    assert "<select" not in page
    await ask(ana, EVIDENCE)
    (command,) = await sent(bench)
    assert (command["document"], command["format"]) == ("evidence", "zip")
    assert "Internal" not in (await ana.get(PLAN)).text
    assert (await ask(ana, PLAN, format="zip")).status_code == 422
    for item in ("evidence", "nonsense"):
        assert (await ask(ana, f"/cases/c-acme/forms/document?item={item}", format="zip")).status_code == 422
    assert await sent(bench) == [command]
    begun = {**BY_TYPE["CaseUpdated"].content["case"]["plan"], "proposed": None, "agreed": None}
    await bench.tell(case("CaseUpdated", "acme", "c-acme", csm="ana", revision=4, plan=begun))
    page = words((await ana.get("/cases/c-acme")).text)
    assert "The evidence pack" in page
    assert "The joint plan Format" not in page


async def test_refusal_of_a_document_is_shown_with_what_it_needs(pool: Pool) -> None:
    bench, ana = await planned(pool)
    await ask(ana, PLAN, format="md")
    (command,) = await sent(bench)
    await bench.tell(refused(command["event_id"], "nothing_proposed", "There is no plan yet.", "a plan was proposed"))
    page = words((await ana.get("/cases/c-acme")).text)
    assert "There is no plan yet." in page
    assert "A plan was proposed" in page
    assert "Download" not in page


async def test_console_that_does_not_know_where_documents_are_says_what_to_set(pool: Pool) -> None:
    bench, ana = await planned(pool, plan_url="")
    page = await ask(ana, PLAN, format="pdf")
    assert page.status_code == 422
    assert "an operator has to set CONSOLE_PLAN_URL" in words(page.text)
    assert await sent(bench) == []


async def test_documents_of_an_ending_are_fetched_from_the_service_of_endings(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    rita = await bench.browser_of("rita")
    await ask(rita, "/transitions/t-acme/forms/document?item=notice", format="html")
    (command,) = await sent(bench)
    assert (command["type"], command["transition_id"]) == ("RequestEndingDocument", "t-acme")
    topic, body = answer("CommandAccepted", command["event_id"], subject_id="t-acme", revision=6)
    await bench.tell((topic, body))
    page = (await rita.get("/transitions/t-acme")).text
    assert re.search(r'"http://127\.0\.0\.1:2/documents/[\w-]{43}/notice\.html"', page)
    assert "Download the written notice (web page)" in words(page)
    assert "Their transition plan" in words(page)
    assert "agenda of the talk" not in words(page), "none was arranged"
    sue = await bench.browser_of("sue")
    assert "As a document" not in words((await sue.get("/cases/c-acme")).text)
