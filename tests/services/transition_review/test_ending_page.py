"""The customer's page of its ending: by a mailed link, until it runs out, is revoked, or the notice is withdrawn."""

import hashlib
import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.transition_review.documents.gathering import Company
from services.transition_review.domain.customer_plan import Alternative, Around, customer_plan
from services.transition_review.page.application import create_site
from services.transition_review.page.rendering import ending_page
from services.transition_review.store import links, transitions
from services.transition_review.store.links import Link
from shared import database
from shared.database import Pool
from tests.services.action_plans.plans import read
from tests.services.transition_review import acme, steps
from tests.services.transition_review.planted import is_leaked, planted
from tests.services.transition_review.test_ending_leak import OURS
from tests.services.transition_review.workshop import CONTACTS, Bench

ORIGIN = "https://ending.test"
US = Company("Nordwind", "Hafenstrasse 1, Hamburg")
pytestmark = pytest.mark.schema("transition_review")


class Reader:
    """A contact of the customer with a browser."""

    def __init__(self, bench: Bench, address: str = "192.0.2.1") -> None:
        """`address`: where they come from."""
        site = create_site(bench.pool, lambda: bench.now, US, secure=True)
        transport = httpx.ASGITransport(app=site, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def open(self, path: str) -> tuple[int, str]:
        """Return the status, and what a person reads."""
        answer = await self.http.get(path)
        text = re.sub(r"<(style|title)\b.*?</\1>|<[^>]*>", " ", answer.text, flags=re.DOTALL)
        return answer.status_code, re.sub(r"\s+", " ", html.unescape(text))


async def shared(bench: Bench, *contacts: str, **more: Any) -> list[str]:
    """Share the ending; returns the paths that were mailed."""
    await bench.done("ShareEnding", contacts=contacts or ("carla",), **more)
    return [path_of(one) for one in await mails(bench)][-len(contacts or ("carla",)) :]


async def mails(bench: Bench) -> list[dict[str, Any]]:
    """Return the mails with links."""
    return [one for one in await bench.published("releases.v1") if one["template"] == "ending_plan_link"]


def path_of(mail: dict[str, Any]) -> str:
    """Return where the link of a mail leads."""
    (link,) = [one["text"] for one in mail["fields"] if one["name"] == "link"]
    assert link.startswith(f"{ORIGIN}/p/")
    return str(link).removeprefix(ORIGIN)


async def test_link_opens_the_plan_and_its_documents(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    (path,) = await shared(bench)
    reader = Reader(bench)
    status, said = await reader.open(path)
    assert status == httpx.codes.OK
    for fact in (
        "For Carla Main",
        "The transition plan of Acme Logistics GmbH and Nordwind",
        "Tuesday, 30 June 2026",
        "88 days left",
        "Your refund is paid done on 3 April 2026",
        "Nordwind pays you 2,339.60 EUR.",
        "You pay Nordwind 864.80 CHF.",
        "Tourwise",
        "If you like, Person eve introduces you.",
        "Hafenstrasse 1, Hamburg",
        "So the contract could end on 31 May 2026.",
    ):
        assert fact in said, fact
    for name, kind in (("plan.pdf", "pdf"), ("plan.docx", "docx"), ("plan.md", "md"), ("notice.pdf", "pdf")):
        answer = await reader.http.get(f"{path}/{name}")
        assert answer.headers["content-disposition"] == f"attachment; filename={name}"
        assert "Nordwind" in read(kind, answer.content)
    assert (await reader.open(f"{path}/preparation.pdf"))[0] == httpx.codes.NOT_FOUND
    visits = [row["what"] for row in await pool.fetch("SELECT what FROM visits ORDER BY id")]
    assert visits[:2] == ["open", "download plan.pdf"]


async def test_link_is_kept_as_a_hash_and_told_to_its_contact_alone(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    carla, eddy = await shared(bench, "carla", "eddy", days=30)
    assert carla != eddy
    assert [one["contact_id"] for one in await mails(bench)] == ["carla", "eddy"]
    kept = {row["token_hash"] for row in await pool.fetch("SELECT token_hash FROM links")}
    tokens = [path.removeprefix("/p/") for path in (carla, eddy)]
    assert kept == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    rows = await pool.fetch("SELECT body FROM outbox WHERE topic <> 'releases.v1'")
    record = await pool.fetch("SELECT details FROM record")
    everything = json.dumps([str(row[0]) for row in (*rows, *record)])
    assert not [token for token in tokens if token in everything]
    told = (await bench.published())[-2:]
    assert [one["type"] for one in told] == ["EndingShared"] * 2
    assert [one["contact_id"] for one in told] == ["carla", "eddy"]


async def test_nothing_is_shared_before_it_is_announced(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench)
    await bench.refused("ShareEnding", "not_announced", contacts=["carla"])
    assert await mails(bench) == []
    await bench.done("AnnounceEnding", contacts=["carla"])
    await bench.refused("ShareEnding", "no_address", contacts=["paul"])
    await bench.refused("ShareEnding", "unknown_contact", contacts=["nobody"])
    await bench.refused("ShareEnding", "not_allowed", "eve", contacts=["carla"])


async def test_link_that_has_run_out_or_was_revoked_opens_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    first, second = await shared(bench, "carla", "eddy", days=30)
    (known,) = [one["about"] for one in await bench.published() if one.get("contact_id") == "eddy"]
    await bench.done("RevokeEndingLink", link_id=known)
    reader = Reader(bench)
    nothing = await reader.open("/p/" + "x" * 43)
    assert await reader.open(second) == nothing
    assert (await reader.open(first))[0] == httpx.codes.OK
    bench.now += timedelta(days=30)
    assert await reader.open(first) == nothing
    assert nothing[0] == httpx.codes.NOT_FOUND
    assert "This link opens nothing" in nothing[1]
    await bench.refused("RevokeEndingLink", "no_change", link_id=known)
    await bench.refused("RevokeEndingLink", "unknown", link_id="another")


async def test_link_that_has_run_out_opens_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench, days=30)
    bench.now += timedelta(days=30)
    assert (await Reader(bench).open(path))[0] == httpx.codes.NOT_FOUND


async def test_link_to_an_ending_that_was_withdrawn_says_so(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench)
    await bench.done("WithdrawTransition", why="INTERNAL: they have turned around.")
    reader = Reader(bench)
    status, said = await reader.open(path)
    assert status == httpx.codes.GONE
    assert "Nordwind has withdrawn its notice: the contract goes on." in said
    assert "INTERNAL" not in said
    assert (await reader.open(f"{path}/plan.pdf"))[0] == httpx.codes.GONE
    await bench.refused("ShareEnding", "withdrawn", contacts=["carla"])


async def test_link_of_a_contact_who_has_left_opens_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench)
    bench.now += timedelta(hours=1)
    await bench.tell_customer(contacts=[one for one in CONTACTS if one["contact_id"] != "carla"])
    assert (await Reader(bench).open(path))[0] == httpx.codes.NOT_FOUND


async def test_link_of_one_customer_shows_no_other(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench)
    await bench.tell_customer("beta", name="Beta Foods")
    other = replace(await bench.transition(), transition_id="t-2", customer_id="beta")
    token = "y" * 43
    async with database.transaction(pool, "transition_review", bench.now) as tx:
        await transitions.save(tx, other, transitions.encode(other), None)
        ends = bench.now + timedelta(days=9)
        link = Link("l-2", "beta", "t-2", "carla", "ana", bench.now, ends)
        await links.add(tx, link, hashlib.sha256(token.encode()).hexdigest())
    reader = Reader(bench)
    ours, theirs = (await reader.open(path))[1], (await reader.open(f"/p/{token}"))[1]
    assert "Acme Logistics GmbH" in ours
    assert "Beta Foods" not in ours
    assert "Beta Foods" in theirs
    assert "Acme" not in theirs
    assert (await reader.open(f"/p/{token[:-1]}"))[0] == httpx.codes.NOT_FOUND


async def test_page_holds_nothing_that_is_ours_alone_and_no_markup_of_anybody(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    transition = planted(await bench.transition())
    around = Around(OURS, (Alternative("<b>T</b>", "{{ 7 * 7 }} <script>alert(1)</script>"),))
    said = ending_page(customer_plan(transition, around, bench.now), "x" * 43, "<i>Carla</i>")
    assert not is_leaked(said)
    assert not re.search(r"<(b|i|script)\b", said)
    assert "{{ 7 * 7 }}" in said


async def test_browsers_are_told_to_let_nothing_out(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench)
    headers = (await Reader(bench).http.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"].startswith("noindex")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "max-age" in headers["strict-transport-security"]


async def test_whoever_guesses_waits(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    (path,) = await shared(bench)
    guesser, reader = Reader(bench, "192.0.2.66"), Reader(bench)
    answers = [(await guesser.open(f"/p/{str(number) * 43}"[:46]))[0] for number in range(10) for _ in range(3)]
    assert answers[-1] == httpx.codes.TOO_MANY_REQUESTS
    assert (await reader.open(path))[0] == httpx.codes.OK
