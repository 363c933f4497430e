"""Need to know: every role, every page, every object; and what Postgres shows to whom it does not know."""

import re
from uuid import uuid4

import pytest

from services.console.page.acting.catalogue import (
    OF_ALTERNATIVES,
    OF_CASE,
    OF_CUSTOMER,
    OF_NOTICES,
    OF_PERSON,
    OF_TRANSITION,
)
from services.console.page.bearing import new_key
from services.console.store import keys
from services.console.store.reading import as_reader
from shared.database import Pool
from shared.page.links import hash_of
from tests.services.console.people_around import furnished
from tests.services.console.workshop import NOW, PROJECTED, Browser, Workshop

pytestmark = pytest.mark.schema("console")

NOTHING: frozenset[str] = frozenset()
CUSTOMER = frozenset({"customer"})
TOLD = CUSTOMER | {"announced"}
STUDIED = CUSTOMER | {"health", "case"}
REVIEWED = STUDIED | {"transition"}
OWN = STUDIED | {"note"}
EVERYTHING = OWN | {"transition"}

# Who sees what of acme while its ending is reviewed by finance, and once it is announced.
MATRIX = {
    "ana": (EVERYTHING, EVERYTHING),  # its CSM
    "mo": (EVERYTHING, EVERYTHING),  # her manager
    "mona": (EVERYTHING, EVERYTHING),  # his manager
    "ben": (NOTHING, NOTHING),  # another CSM
    "max": (NOTHING, NOTHING),  # ben's manager
    "lead": (NOTHING, NOTHING),  # named as ana's deputy's manager, and no manager by role
    "sue": (STUDIED, STUDIED),  # acme's executive sponsor, and no executive by role
    "rita": (REVIEWED, REVIEWED),  # of finance, which reviews it
    "stan": (REVIEWED, REVIEWED),  # stands in for finance
    "stale": (NOTHING, NOTHING),  # stood in for finance until yesterday
    "tess": (REVIEWED, REVIEWED),  # tells the customer something of it, by the plan
    "ivy": (EVERYTHING, EVERYTHING),  # ana's substitute while she is away
    "ike": (EVERYTHING, EVERYTHING),  # ivy's, who is away as well
    "ida": (NOTHING, NOTHING),  # mo's, who was away until yesterday
    "leo": (NOTHING, TOLD),  # of legal, which is not asked, and has a milestone
    "sid": (NOTHING, NOTHING),  # of security, which has none
    "olaf": (NOTHING, TOLD),  # of operations
    "rex": (NOTHING, TOLD),  # of revenue
    "eve": (EVERYTHING, EVERYTHING),  # an executive
    "adam": (EVERYTHING, EVERYTHING),  # an administrator
}
PAGES = (
    "/", "/portfolio", "/portfolio.csv", "/portfolio/value", "/notifications", "/me", "/me/preferences", "/me/keys",
    "/system", "/customers/acme/record.csv", "/catalogue/alternatives",
)  # fmt: skip
CALLS = ("today", "portfolio", "portfolio.csv", "customers/acme", "customers/acme/record.csv")

# Who may ask for what: a form of each page for each right, and who has it. Whoever does not see the page has none.
SENIORS = {"mo", "mona", "eve", "adam"}
COMMANDS = {
    "cases/c-acme/forms/record_sentiment": {"ana", *SENIORS},
    "cases/c-acme/forms/internal_document?item=evidence": {"ana", *SENIORS},  # not sue, rita, stan, who see the case
    "cases/c-acme/forms/approve_exception": {"mo", "mona"},
    "cases/c-acme/forms/reassign_case": SENIORS,
    "cases/c-acme/forms/propose_in_emergency": {"eve"},
    "transitions/t-acme/forms/withdraw": {"ana", *SENIORS},
    "transitions/t-acme/forms/document?item=notice": {"ana", "rita", "stan", "tess", *SENIORS},
    "transitions/t-acme/forms/approve_plan": {"eve"},
    "transitions/t-acme/forms/give_review?item=finance": {"rita", "stan"},
    "transitions/t-acme/forms/name_stand_in?item=finance": {"rita", "mona", "adam"},
    "customers/acme/forms/override_health": {"ana", *SENIORS},
    "customers/acme/forms/mute": {"ana", "sue", "rita", "stan", "tess", "ivy", "ike", *SENIORS},
    "transitions/t-acme/forms/reach_milestone?item=legal:m-refund": {"leo"},
    "me/preferences/forms/be_back": set(MATRIX),
    "me/others/forms/be_back": set(),
    "catalogue/alternatives/forms/add_alternative": {"max", *SENIORS},
    "catalogue/others/forms/add_alternative": set(),
}
CATALOGUE = {
    "cases": OF_CASE, "transitions": OF_TRANSITION, "customers": OF_CUSTOMER, "me": OF_PERSON | OF_NOTICES,
    "catalogue": OF_ALTERNATIVES,
}  # fmt: skip


def test_matrix_has_every_right_on_every_page() -> None:
    tried = {(page, CATALOGUE[page][name].right) for page, name in map(_named, COMMANDS)}
    assert tried == {(page, form.right) for page, forms in CATALOGUE.items() for form in forms.values()}


def _named(address: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\w+)/[^/]+/forms/(\w+)(\?.*)?", address)
    assert found is not None
    return found[1], found[2]


@pytest.mark.parametrize("announced", [False, True], ids=["in review", "announced"])
async def test_everybody_sees_what_they_need_to_know_on_every_page(pool: Pool, announced: bool) -> None:
    bench = await furnished(pool, announced=announced)
    seen = {}
    for person_id in MATRIX:
        browser = await bench.browser_of(person_id)
        about = (await browser.get("/customers/acme")).text
        ending = await browser.get("/transitions/t-acme")
        found = {
            "customer": "Acme Ltd" in about,
            "health": "41.5" in about and "A word of ours" in about,
            "case": (await browser.get("/cases/c-acme")).status_code == 200,
            "note": "A secret of ours" in about,
            "transition": "Everything was tried" in ending.text,
            "announced": ending.status_code == 200 and "Everything was tried" not in ending.text,
        }
        texts = {page: await text_of(browser, page) for page in PAGES} | await called(bench, person_id)
        for page, text in texts.items():
            assert "Acme Ltd" not in text or found["customer"], (person_id, page)
            assert "t-acme" not in text or found["transition"] or found["announced"], (person_id, page)
            assert "c-acme" not in text or found["case"], (person_id, page)
            assert "Everything was tried" not in text or found["transition"] or found["case"], (person_id, page)
            assert "hooks.slack" not in text or (person_id, page) == ("ana", "/me/preferences"), (person_id, page)
            assert "Borg Ltd" not in text or person_id in {"ben", "max", "eve", "adam"}, (person_id, page)
        for page in ("/portfolio", "portfolio", "portfolio.csv", "customers/acme"):
            assert ("Acme Ltd" in texts[page]) == found["customer"], (person_id, page)
        assert ("t-acme" in about or "may be ended" in about.lower()) <= (found["transition"] or found["announced"])
        assert ("Feeds" in texts["/system"]) == (person_id == "adam")
        seen[person_id] = frozenset(name for name, is_seen in found.items() if is_seen)
    assert seen == {person_id: expected[announced] for person_id, expected in MATRIX.items()}


async def called(bench: Workshop, person_id: str) -> dict[str, str]:
    """Return what a program with this person's key is answered."""
    key = new_key()
    async with as_reader(bench.pool, NOW, person_id) as tx:
        await keys.make(tx, person_id, key_hash=hash_of(key), name="of the matrix", scopes=["read"], days=1)
    program = bench.browser()
    return {call: await text_of(program, f"/api/v1/{call}", authorization=f"Bearer {key}") for call in CALLS}


async def text_of(browser: Browser, page: str, **headers: str) -> str:
    """Return what is there for this person; what is not, and what may not be seen, is not there."""
    answer = await browser.get(page, **headers)
    assert answer.status_code in {200, 404}, page
    return answer.text


async def test_everybody_asks_for_what_they_may_and_for_nothing_else(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    asked = {address: set[str]() for address in COMMANDS}
    for person_id in MATRIX:
        browser = await bench.browser_of(person_id)
        for address in COMMANDS:
            if await is_taken(browser, address):
                asked[address].add(person_id)
    assert asked == COMMANDS
    senders = {row["person_id"] for row in await bench.rows("asked") if row["form"].startswith("transitions/")}
    assert senders <= {"eve"}  # whose approval has nothing to fill in; all else was sent empty, and so not at all


async def is_taken(browser: Browser, address: str) -> bool:
    """Tell whether a form is there for somebody who sends it without a word."""
    answer = await browser.post(f"/{address}", command_id=str(uuid4()))
    assert answer.status_code in {303, 404, 422}, (address, answer.status_code)
    return answer.status_code != 404


async def test_whoever_is_inactive_or_unknown_sees_no_row_of_anything(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    for reader in ("ina", "nobody", ""):
        async with as_reader(pool, NOW, reader) as tx:
            for table in set(PROJECTED) - {"people"}:
                assert await tx.value(f"SELECT count(*) FROM {table}") == 0, (reader, table)
    assert all([await bench.rows(table) for table in ("customers", "cases", "transitions", "notes", "tasks")])


async def test_query_outside_of_a_reading_sees_no_row_of_anything(pool: Pool) -> None:
    """Whoever forgets to say who reads shows nothing, instead of everything."""
    await furnished(pool, announced=True)
    for table in set(PROJECTED) - {"people"}:
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_every_table_about_a_customer_has_a_policy(pool: Pool) -> None:
    """A table that a later migration adds is asked for one here."""
    free = await pool.fetch(
        """
        SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname IN ('customer_id', 'transition_id') AND attnum > 0
        WHERE nspname = 'console' AND relkind = 'r' AND NOT relrowsecurity AND relname <> ALL ($1)
        """,
        ["watermarks", "sequences"],  # numbers alone
    )
    assert [row["relname"] for row in free] == []


async def test_missing_and_forbidden_look_the_same(pool: Pool) -> None:
    bench = await furnished(pool, announced=False)
    browser = await bench.browser_of("ben")
    answers = [await browser.get(path) for path in ("/customers/acme", "/customers/none", "/cases/none")]
    answers += [await browser.get(path) for path in ("/cases/c-acme", "/transitions/t-acme", "/transitions/none")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
