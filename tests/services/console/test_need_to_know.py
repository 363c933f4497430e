"""Need to know: every role, every page, every object; and what Postgres shows to whom it does not know."""

import pytest

from services.console.store.reading import as_reader
from shared.contracts.topics import Topic
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.workshop import NOW, PROJECTED, Workshop, case, of, one, told, transition

pytestmark = pytest.mark.schema("console")

REVIEW = {
    "team": "finance", "standing": "waiting", "since": "2026-02-20T10:00:00Z", "due_on": "2026-03-05", "why": "",
}  # fmt: skip
QUIET = {
    "authors": [], "overrides": [], "approval": None, "talk": None, "announced": None, "notice": None, "reached": [],
    "csm": "ana", "proposed_by": "ana", "state": "in_review", "reviews": [REVIEW], "revision": 5,
}  # fmt: skip

NOTHING: frozenset[str] = frozenset()
CUSTOMER = frozenset({"customer"})
STUDIED = CUSTOMER | {"health", "case"}
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
    "rita": (STUDIED | {"transition"}, STUDIED | {"transition"}),  # of finance, which reviews it
    "stan": (STUDIED | {"transition"}, STUDIED | {"transition"}),  # stands in for finance
    "stale": (NOTHING, NOTHING),  # stood in for finance until yesterday
    "leo": (NOTHING, NOTHING),  # of legal, which is not asked
    "olaf": (NOTHING, CUSTOMER | {"transition"}),  # of operations
    "rex": (NOTHING, CUSTOMER | {"transition"}),  # of revenue
    "eve": (EVERYTHING, EVERYTHING),  # an executive
    "adam": (EVERYTHING, EVERYTHING),  # an administrator
}


async def furnished(pool: Pool, *, announced: bool) -> Workshop:
    """Tell of two customers, acme with everything, and of everybody in the matrix."""
    bench = Workshop(pool)
    final = {**QUIET, "revision": 6, "state": "announced", "announced": ANNOUNCED} if announced else QUIET
    await bench.tell(
        one("mona", "manager"),
        one("mo", "manager", manager="mona"),
        one("ana", "csm", manager="mo"),
        one("max", "manager"),
        one("ben", "csm", manager="max"),
        one("lead", "csm"),
        one("aya", "csm", manager="lead"),
        one("sue", "csm"),
        one("rita", "reviewer", teams=["finance"]),
        one("stan", "reviewer", teams=["support"]),
        one("stale", "reviewer", teams=["support"]),
        one("leo", "reviewer", teams=["legal"]),
        one("olaf", "reviewer", teams=["operations"]),
        one("rex", "reviewer", teams=["revenue"]),
        one("eve", "executive"),
        one("adam", "admin"),
        one("ina", "executive", "admin", active=False),
        of("acme", "ana", name="Acme Ltd", executive_sponsor="sue"),
        of("borg", "ben", name="Borg Ltd"),
        told("HealthScored", "acme", revision=1, score="41.50"),
        told("RiskDetected", "acme"),
        case("CaseUpdated", "acme", "c-acme", csm="ana", state="failed", revision=3),
        told("PrivateNoteKept", "acme", case_id="c-acme", text="A secret of ours"),
        told("EligibilityConfirmed", "acme", transition_id="t-acme", case_id="c-acme"),
        transition("TransitionProposed", "acme", "t-acme", case_id="c-acme", **final),
        stand_in("stan", "2026-03-09T00:00:00Z"),
        stand_in("stale", "2026-03-01T00:00:00Z"),
    )
    return bench


ANNOUNCED = {"version": 1, "revision": 1, "at": "2026-03-01T10:00:00Z", "by": "ana", "last_day": "2026-06-30"}


def stand_in(person_id: str, until: str) -> tuple[Topic, bytes]:
    """Return the naming of a stand-in for finance."""
    topic, body = told(
        "StandInNamed",
        "acme",
        transition_id="t-acme",
        about="finance",
        person=person_id,
        until=until,
        transition={**transition_body(), **QUIET, "revision": 2},
    )
    return topic, body


def transition_body() -> dict[str, object]:
    """Return the transition of a golden example under its id here."""
    return {**BY_TYPE["TransitionAnnounced"].content["transition"], "transition_id": "t-acme"}


@pytest.mark.parametrize("announced", [False, True], ids=["in review", "announced"])
async def test_everybody_sees_what_they_need_to_know_on_every_page(pool: Pool, announced: bool) -> None:
    bench = await furnished(pool, announced=announced)
    seen = {}
    for person_id in MATRIX:
        browser = await bench.browser_of(person_id)
        about = (await browser.get("/customers/acme")).text
        found = {
            "customer": "Acme Ltd" in about,
            "health": "41.5" in about,
            "case": (await browser.get("/cases/c-acme")).status_code == 200,
            "note": "A secret of ours" in about,
            "transition": (await browser.get("/transitions/t-acme")).status_code == 200,
        }
        for page in ("/", "/portfolio", "/portfolio.csv", "/portfolio/value", "/notifications", "/me"):
            text = (await browser.get(page)).text
            assert "Acme Ltd" not in text or found["customer"], (person_id, page)
            assert "t-acme" not in text or found["transition"], (person_id, page)
            assert "c-acme" not in text or found["case"], (person_id, page)
        assert ("Acme Ltd" in (await browser.get("/portfolio")).text) == found["customer"], person_id
        assert ("t-acme" in about or "may be ended" in about.lower()) <= found["transition"], person_id
        assert "Borg Ltd" not in about
        seen[person_id] = frozenset(name for name, is_seen in found.items() if is_seen)
    assert seen == {person_id: expected[announced] for person_id, expected in MATRIX.items()}


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
