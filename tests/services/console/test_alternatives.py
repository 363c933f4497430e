"""The catalogue of alternatives: read by everybody, kept by seniors, chosen from by name."""

from typing import Any

import pytest

from shared.contracts.topics import Topic
from shared.database import Pool
from tests.services.console.test_acting import ask, sent
from tests.services.console.workshop import Workshop, of, one, told, transition

pytestmark = pytest.mark.schema("console")
PAGE = "/catalogue/alternatives"


def entry(id_: str, name: str, **more: Any) -> tuple[Topic, bytes]:
    """Return an entry as transition_review tells it."""
    return told(
        "AlternativeKept", "", alternative_id=id_, name=name, **{"fits": f"Who likes {name}", "retired": False, **more}
    )


async def kept(pool: Pool) -> Workshop:
    """Tell of a catalogue of two, of which one is offered to nobody any more, and of an ending that offers it."""
    bench = Workshop(pool)
    referral = {"alternatives": ["old"], "why": "They know them.", "introduction_offered": True, "glad_of": ""}
    parts = {"referral": referral}
    await bench.tell(
        one("mo", "manager"),
        one("ana", "csm", manager="mo"),
        of("acme", "ana"),
        entry("tourwise", "Tourwise"),
        entry("old", "Old & Co", retired=True),
        entry("older", "Older Ltd", retired=True),
        transition(
            "TransitionProposed", "acme", "t-1", csm="ana", proposed_by="ana", state="draft", announced=None,
            parts=parts, revision=2,
        ),
    )  # fmt: skip
    return bench


async def test_seniors_keep_the_catalogue_and_everybody_reads_it(pool: Pool) -> None:
    bench = await kept(pool)
    ana, mo = await bench.browser_of("ana"), await bench.browser_of("mo")
    for browser, may in ((ana, False), (mo, True)):
        page = await browser.read(PAGE)
        assert "Tourwise Who likes Tourwise" in page
        assert "Old & Co offered to nobody any more" in page
        assert ("Add an alternative" in page, "Change Tourwise" in page) == (may, may)
        assert ("Alternatives" in await browser.read("/")) == may
    await ask(mo, f"{PAGE}/forms/add_alternative", name="New GmbH", fits="Whoever is new")
    await ask(mo, f"{PAGE}/forms/change_alternative?item=tourwise", name="Tourwise", fits="All", retired="yes")
    added, changed = await sent(bench)
    assert (added["alternative_id"], added["name"]) == (added["event_id"], "New GmbH")
    assert (changed["alternative_id"], changed["fits"], changed["retired"]) == ("tourwise", "All", True)


async def test_open_catalogue_is_told_of_a_change_and_shows_it(pool: Pool) -> None:
    bench = await kept(pool)
    before = {row["id"] for row in await bench.rows("live")}
    await bench.tell(entry("tourwise", "Tourwise", fits="Whoever travels", occurred_at=bench.now.isoformat()))
    assert [row["subject"] for row in await bench.rows("live") if row["id"] not in before] == [PAGE.removeprefix("/")]
    assert "Whoever travels" in await (await bench.browser_of("ana")).read(PAGE)


async def test_referral_is_chosen_by_name_of_those_offered_and_those_chosen_before(pool: Pool) -> None:
    bench = await kept(pool)
    ana = await bench.browser_of("ana")
    assert "Referral Old & Co They know them." in await ana.read("/transitions/t-1")
    form = "/transitions/t-1/forms/write_referral"
    shown = await ana.read(form)
    assert [name in shown for name in ("Tourwise", "Old & Co", "Older Ltd")] == [True, True, False]
    await ask(ana, form, alternatives="tourwise", why="Fits", glad_of="")
    (command,) = await sent(bench)
    assert command["referral"]["alternatives"] == ["tourwise"]
