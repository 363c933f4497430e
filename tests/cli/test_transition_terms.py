"""`amicable transition terms`: the announced contract as `WriteContracts` takes it, with what was assumed beside it."""

import json
from typing import Any

import pytest
import yaml

from amicable import terms_command
from services.transition_review import reckoning
from services.transition_review.store import known
from shared import database
from shared.contracts.endings.clauses import ContractTerms
from shared.database import Pool
from tests.cli.conftest import Shell
from tests.contracts.examples import BY_TYPE
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import START, Bench
from tests.stories import customer

pytestmark = pytest.mark.schema("transition_review")
CONTRACT = BY_TYPE["CustomerChanged"].content["contract"]


def test_the_terms_are_shown_for_people_and_for_programs(dev: Shell) -> None:
    told = {**customer("terms-1", "ana"), "contract": CONTRACT}
    assert dev.type("send", "-", stdin=json.dumps(told)).code == 0
    assert dev.type("clock", "advance", "1h").code == 0
    shown = dev.type("transition", "terms", "terms-1")
    assert shown.code == 0, shown.err
    contracts = yaml.safe_load(shown.out)["contracts"]
    assert contracts["contract_id"] == "NW-2024"
    assert ContractTerms.model_validate(contracts["terms"]).term is not None
    assert "Look: who may stop its renewal is not announced" in shown.err
    printed = json.loads(dev.type("transition", "terms", "terms-1", "--json").out)
    assert (printed["customer_id"], printed["contracts"]) == ("terms-1", contracts)
    assert len(printed["remarks"]) == 1


def test_where_none_is_announced_it_says_so(dev: Shell) -> None:
    unknown = dev.type("transition", "terms", "nobody")
    assert (unknown.code, unknown.err) == (1, "No customer nobody was announced (customers.v1).")


async def test_what_is_shown_is_accepted_as_it_is_once_the_notice_is_added(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    bench.now = bench.now.replace(hour=10)
    await bench.tell_customer(contract=CONTRACT)
    async with database.transaction(pool, "transition_review", START) as tx:
        found = await known.find_customer(tx, "acme")
    assert found is not None
    assert found.contract is not None
    offer = reckoning.offered(found.contract, found.time_zone)
    written: dict[str, Any] = terms_command.as_written(offer)
    await bench.done("WriteContracts", contracts={**written, "notice": {"received_on": str(bench.day(20))}})
    assert (await bench.published())[-1]["differs"] == []
