"""A case on the whole running system, from upstream events to its outcome: every guard tried shut first.

Health scoring finds the risk; commands go through Kafka, the customer signs by HTTP with the code from its mail, and
time passes by the clock of all processes.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.action_plans.domain.eligibility import checklist
from tests.cli.conftest import Shell, running_dev
from tests.services.action_plans.steps import talked, with_players
from tests.services.action_plans.trying import (
    SAVED,
    agreed_by_both,
    failed_after_everything,
    filled_from_a_playbook,
    nothing_is_open_yet,
    reviewed_with_misses_on_both_sides,
    signed_by_us,
)
from tests.services.transition_review import trying
from tests.whole_case.customers_page import customer_signs
from tests.whole_case.office import Office, office


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A system of its own, since months pass on its clock."""
    with running_dev(tmp_path_factory.mktemp("whole")) as terminal:
        yield terminal


async def agreed(place: Office) -> None:
    """Come from the first signs to a plan that both sides have signed."""
    await place.announce()
    found = await place.trouble()
    assert (found.opened_by, found.severity, found.csm) == (None, "risk", "ana")
    assert found.reasons
    await nothing_is_open_yet(place)
    await with_players(place)
    await filled_from_a_playbook(place, place.now.date() + timedelta(days=4))
    unmet = await place.refused("ProposePlan", "not_complete")
    assert unmet[0] == "a candid conversation is held and recorded"
    assert unmet[1].startswith("an executive of the customer takes part")
    await talked(place)
    await signed_by_us(place)
    await customer_signs(place, "carla")
    await agreed_by_both(place)
    case = await place.case()
    assert case.plan.agreed is not None
    assert case.plan.agreed.agreed_at == place.now, "the page goes by the clock of all processes"


async def reviewed(place: Office) -> None:
    """Say that ending is possible, then hold the reviews, in which both sides have missed something."""
    await agreed(place)
    await talked(place, told=True, number=2)
    await reviewed_with_misses_on_both_sides(place)
    told, case = await place.facts(), await place.case()
    sides = {one.commitment_id: one.side for one in case.commitments}
    missed = [sides[one["about"]] for one in told if one["type"] == "CommitmentMissed"]
    assert set(missed) == {"us", "customer"}
    types = [one["type"] for one in told]
    assert types[0] == "CaseOpened"
    assert [types.count(one) for one in ("PlanAgreed", "ReviewHeld", "ReviewMissed")] == [1, 3, 1]
    assert "SENTINEL" not in str(told)


async def test_customer_that_is_not_saved_after_everything_is_let_go_well(dev: Shell) -> None:
    async with office(dev, "failing", step="1d") as place:
        await reviewed(place)
        await trying.nothing_is_begun(place)
        await failed_after_everything(place)
        case = await place.case()
        assert (case.state, case.failure and case.failure.ground) == ("failed", "time_frame_over")
        told = await place.facts()
        reminders = {"ReviewDue", "CommitmentDue", "CommitmentLate"}
        assert reminders <= {one["type"] for one in told}
        (failed,) = [one for one in told if one["type"] == "PlanFailed"]
        assert [one["commitment_id"] for one in failed["statuses"]] == [one.commitment_id for one in case.commitments]
        shown = await place.type("case", "show", place.customer)
        assert [one["name"] for one in shown["checklist"] if not one["met"]] == []
        assert told[-1]["type"] == "EligibilityChanged"
        assert {one["name"] for one in shown["checklist"]} - set(told[-1]["before"]) == {"declared_failed"}
        assert told[-1]["case"]["checklist"]["eligible"] is True
        await audited(place)
        await trying.opened(place)
        await trying.submitted(place)
        await trying.reviewed(place)
        await trying.approved(place)
        await trying.talked(place)
        assert [one for one in await place.mails("carla") if "notice" in one["Subject"]] == []
        await trying.announced(place)
        place.step = "30d"
        await trying.carried_out(place)
        case = await place.case()
        assert (case.state, case.is_open) == ("ended", False)
        assert [one["Subject"] for one in await place.mails("carla") if "notice" in one["Subject"]] != []
        await audited(place)


async def test_customer_is_saved(dev: Shell) -> None:
    async with office(dev, "saved", step="4d") as place:
        await reviewed(place)
        await place.refused("DeclareSaved", "unknown_cause", **{**SAVED, "cause": "good_luck"})
        await place.done("DeclareSaved", **SAVED)
        case = await place.case()
        assert (case.state, case.is_open) == ("saved", False)
        (saved,) = [one for one in await place.facts() if one["type"] == "PlanSucceeded"]
        assert saved["helped"] == SAVED["helped"]
        assert saved["days"] == (place.now - case.opened_at).days > 56
        assert not all(one.met for one in checklist(case, place.now)), "who was saved may not be let go"
        await place.refused("DeclareFailed", "closed", why="Too late", cause="low_adoption")
        await audited(place)


async def audited(place: Office) -> None:
    """Find that the record is as it was written."""
    found = await place.type("audit", "verify", place.customer)
    assert (found["cases"], found["findings"]) == (1, [])
    assert found["rows"] > 50
