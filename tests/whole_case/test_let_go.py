"""An ending on the whole running system, from the failed case to the last milestone: every guard tried shut first.

action_plans answers the question of the last resort over Kafka, time passes by the clock of all processes, and what
revenue, operations and the customer hear is read where they would read it.
"""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest

from tests.browser.at_home import chromium
from tests.cli.conftest import Shell, running_dev
from tests.services.action_plans.steps import talked as candidly
from tests.services.action_plans.steps import with_players
from tests.services.transition_review import steps, trying
from tests.whole_case import endings_page, in_browsers
from tests.whole_case.office import Office, office

UNMET = "There is no time for a plan: our people are insulted in every call."


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A system of its own, since months pass on its clock."""
    with running_dev(tmp_path_factory.mktemp("ending")) as terminal:
        yield terminal


async def overridden(place: Office, *but: str) -> list[dict[str, str]]:
    """Return an override of everything that is not met now, but these conditions."""
    shown = await place.type("case", "show", place.customer)
    unmet = [one["name"] for one in shown["checklist"] if not one["met"] and one["name"] not in but]
    return [{"condition": one, "reason": UNMET} for one in unmet]


async def in_emergency(place: Office) -> None:
    """Come to an open transition by an executive's override of everything that was not done."""
    await place.announce()
    await place.trouble()
    await with_players(place)
    await candidly(place)
    await place.settled()
    everything = await overridden(place)
    propose = {"case_id": place.case_id, "why": trying.WHY}
    await place.refused("ProposeTransition", "not_allowed", **propose, overrides=everything)
    await place.done(
        "ProposeTransition", "xenia", **propose, transition_id=f"{place.customer}-too-little", overrides=everything[1:]
    )
    assert await place.state_of(f"{place.customer}-too-little") == "refused"
    await trying.opened(place, "xenia", overrides=everything)


@pytest.mark.soak
async def test_emergency_is_carried_out_by_an_executives_override_that_stays_visible(dev: Shell) -> None:
    async with office(dev, "abusive", step="1d") as place:
        await in_emergency(place)
        for kind, fields in steps.parts(place).items():
            await place.done(kind, **fields)
        await place.done("SubmitPlan")
        assert "legal" in await trying.waiting(place), "an override is looked at by legal"
        await steps.approved_by_teams(place)
        await trying.approved(place)
        await place.done("ArrangeTalk", **steps.talk(place))
        await place.pass_time(2 * trying.DAY + timedelta(hours=1))
        await place.done("RecordTalk", **steps.held(place))
        await trying.announced(place)
        place.step = "30d"
        await trying.carried_out(place)
        case = await place.case()
        assert (case.state, case.is_open) == ("ended", False)
        told = (await place.published())[-1]["transition"]
        assert {one["reason"] for one in told["overrides"]} == {UNMET}
        assert {one["by"] for one in told["overrides"]} == {"xenia"}


async def test_announced_ending_is_withdrawn_and_everything_is_as_before(dev: Shell) -> None:
    async with office(dev, "turned", step="1d") as place:
        await in_emergency(place)
        before = await place.case()
        await trying.submitted(place)
        await trying.reviewed(place)
        await trying.approved(place)
        await trying.talked(place)
        assert await place.mails("carla") == []
        await place.refused("ShareEnding", "not_announced", contacts=["carla"])
        await trying.announced(place)
        await place.done("ShareEnding", contacts=["carla"])
        link = await endings_page.link_of(place, "carla")
        status, said = await endings_page.opened(link)
        assert (status, "The transition plan of" in said) == (HTTPStatus.OK, True), said
        assert (await endings_page.opened(f"{link}x"))[0] == HTTPStatus.NOT_FOUND
        await trying.withdrawn(place)
        status, said = await endings_page.opened(link)
        assert (status, "has withdrawn its notice" in said) == (HTTPStatus.GONE, True), said
        after = await place.case()
        assert (after.state, after.is_open) == (before.state, True)
        subjects = [one["Subject"] for one in await place.mails("carla")]
        assert [one.split()[:2] for one in subjects] == [
            ["Our", "notice"],
            ["Your", "transition"],
            ["Written", "notice"],
        ]


async def test_relationship_is_ended_well_by_different_people_in_their_own_browsers(dev: Shell) -> None:
    async with office(dev, "silent", step="15d") as place, chromium() as browser:
        await in_browsers.everything_was_tried(place)
        house = in_browsers.House(place, browser)
        await in_browsers.declared_failed_and_proposed(house)
        await in_browsers.written(house)
        await in_browsers.seen_by_nobody_else(house)
        await in_browsers.reviewed(house)
        await in_browsers.approved(house)
        await in_browsers.talked(house)
        await in_browsers.announced(house)
        await in_browsers.carried_out(house)
        await in_browsers.learned(house)
