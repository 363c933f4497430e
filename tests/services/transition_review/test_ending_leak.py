"""What a customer hears and reads of its ending holds nothing that is ours alone: sentinels in every private field."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from services.transition_review.documents.kinds import AGENDA, NOTICE, PLAN
from services.transition_review.documents.sheet import Sheet
from services.transition_review.domain.customer_plan import Alternative, Around, customer_plan
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers.agenda import agenda_of
from shared.contracts.plans.case import CaseSnapshot
from shared.database import Pool
from tests.services.action_plans.plans import read
from tests.services.transition_review import acme
from tests.services.transition_review.planted import NAMES, NUMBER, SENTINEL, cases, hide, is_leaked, planted
from tests.services.transition_review.workshop import Bench

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
TODAY = date(2026, 8, 1)
US = ("ana", "mo", "eve", "xenia")
OURS = Names(
    "Northwind",
    "Acme",
    {f"{one} {SENTINEL}": one.title() for one in US},
    {f"{one} {SENTINEL}": one.title() for one in ("carla", "eddy")},
)
ALTERNATIVES = (Alternative("Tourwise", "Carriers with ten branches"),)


@given(cases())
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_agenda_holds_nothing_of_the_case_that_is_ours_alone(case: CaseSnapshot) -> None:
    agenda = agenda_of(Parts(), case, NAMES, (), TODAY)
    assert not is_leaked(str(agenda)), agenda


@pytest.fixture
async def transition(pool: Pool) -> Transition:
    """Acme's ending with everything that can be said of it, planted."""
    bench = Bench(pool)
    await acme.ending(bench)
    return planted(await bench.transition())


@pytest.mark.schema("transition_review")
async def test_no_document_holds_what_is_ours_alone(transition: Transition) -> None:
    case = hide(CaseSnapshot.model_validate(acme.case()))
    agenda = agenda_of(transition.parts, case, OURS, ALTERNATIVES, TODAY)
    assert transition.talk is not None
    talk = replace(transition.talk, agenda=agenda)
    now = datetime(2026, 4, 10, tzinfo=UTC)
    sheet = Sheet(OURS, transition.time_zone, now, transition.versions, talk, {}, ())
    plan = customer_plan(transition, Around(OURS, ALTERNATIVES), now)
    for kinds, value in ((AGENDA, sheet), (PLAN, plan), (NOTICE, plan)):
        for name, kind in kinds.items():
            said = read(name, kind.render(value))  # type: ignore[arg-type]  # each kind with its own value
            assert not is_leaked(said), name
            assert "Northwind" in said
    assert is_leaked(str(transition)), "something was planted"


def test_sentinel_is_found_however_it_is_broken() -> None:
    assert is_leaked(f"<td>{'<wbr>'.join(SENTINEL[:3])}**{SENTINEL[3:]}**")
    assert is_leaked("\n".join(SENTINEL))
    assert is_leaked(f"{NUMBER:,}")
