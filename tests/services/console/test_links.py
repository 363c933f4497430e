"""Links that customers hold: on the page of what they open, to be taken back from there."""

from typing import Any

import pytest

from services.console.store import links
from services.console.store.reading import as_reader
from shared.contracts.topics import Topic
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.test_acting import ask, sent
from tests.services.console.workshop import NOW, Workshop, of, one, told

pytestmark = pytest.mark.schema("console")
GOOD, OVER = "2026-08-29T10:00:00Z", "2026-03-01T10:00:00Z"
PIA = {"contact_id": "pia", "name": "Pia Lang", "email": "pia@acme.example", "role": "main"}
CASE = {**BY_TYPE["CaseUpdated"].content["case"], "case_id": "c-1", "csm": "ana", "ending": None}
ENDING = {
    **BY_TYPE["TransitionAnnounced"].content["transition"], "involved": None, "transition_id": "t-1", "csm": "ana",
    "proposed_by": "ana", "state": "ending", "authors": [], "talk": None,
}  # fmt: skip
OF = {
    "case": ("cases/c-1", "revoke_share_link", ("ShareLinkCreated", "ShareLinkRevoked")),
    "ending": ("transitions/t-1", "revoke_ending_link", ("EndingShared", "EndingLinkRevoked")),
}


def link(kind: str, link_id: str, revision: int, **more: Any) -> tuple[Topic, bytes]:
    """Return what is told of a link, with the case or the transition as it is after it."""
    if kind.startswith("Share"):
        return told(kind, "acme", about=link_id, case={**CASE, "revision": revision}, **more)
    whole = {**ENDING, "revision": revision}
    return told(kind, "acme", about=link_id, transition_id="t-1", case_id="c-1", transition=whole, **more)


async def given(pool: Pool) -> Workshop:
    """Tell of links to acme's shared plan and to the plan of its ending: of each a good one, and one that is over."""
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), one("sue", "csm"), of("acme", "ana", contacts=[PIA], executive_sponsor="sue"))
    for name, (_, _, (made, _)) in OF.items():
        for number, (what, until) in enumerate((("good", GOOD), ("over", OVER)), start=1):
            await bench.tell(link(made, f"{name}-{what}", number, contact_id="pia", expires_at=until))
    return bench


@pytest.mark.parametrize("name", OF)
async def test_link_that_a_customer_holds_is_listed_and_taken_back(pool: Pool, name: str) -> None:
    page, form, (_, revoked) = OF[name]
    bench = await given(pool)
    ana = await bench.browser_of("ana")
    said = await ana.read(f"/{page}")
    assert "Pia Lang by the link of 2 Mar 2026, good until 29 Aug 2026" in said
    assert "Pia Lang by the link of 2 Mar 2026, over since 1 Mar 2026" in said
    assert said.count("Take it back") == 1
    await ask(ana, f"/{page}/forms/{form}?item={name}-good")
    (command,) = await sent(bench)
    assert command["link_id"] == f"{name}-good"
    await bench.tell(link(revoked, f"{name}-good", 9))
    said = await ana.read(f"/{page}")
    assert "taken back on 2 Mar 2026" in said
    assert "Take it back" not in said
    assert f"{name}-good" not in said  # nobody reads ids


async def test_links_are_seen_by_whoever_sees_what_they_open(pool: Pool) -> None:
    """The sponsor sees the case, and of its ending nothing."""
    await given(pool)
    seen = {}
    for person_id in ("ana", "sue"):
        async with as_reader(pool, NOW, person_id) as tx:
            seen[person_id] = [len(await links.of_subject(tx, subject)) for subject in ("c-1", "t-1")]
    assert seen == {"ana": [2, 2], "sue": [2, 0]}


async def test_link_stays_taken_back_whatever_comes_late(pool: Pool) -> None:
    bench = Workshop(pool)
    for message in (link("EndingLinkRevoked", "l", 2), link("EndingShared", "l", 1, contact_id="pia", expires_at=GOOD)):
        await bench.tell(message)
    (row,) = await bench.rows("links")
    assert (row["contact_id"], row["revoked_at"] is not None) == ("pia", True)
