"""A terminal beside the running system."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from amicable import migrate
from amicable.addresses import Addresses
from tests.cli.conftest import Shell, Typed
from tests.conftest import ACTOR_KEY, PASSWORDS
from tests.deployment import Deployment, until
from tests.stories import customer, person


class Desk:
    """A terminal beside the running system, and a customer of its own."""

    def __init__(self, system: Deployment, folder: Path) -> None:
        name = system.admin.rpartition("/")[2]
        reader = migrate.with_database(system.admin, name, user=migrate.READER, password=PASSWORDS[migrate.READER])
        self.csm, self.customer = f"csm-{uuid4()}", f"acme-{uuid4()}"
        page = system.services["action_plans"].environment["ACTION_PLANS_PAGE_PORT"]
        self._shell = Shell(folder / "home")
        self._file = folder / "addresses.json"
        addresses = {
            "kafka": system.kafka,
            "database": reader,
            "operator": reader,
            "services": {},
            "page": f"http://127.0.0.1:{page}",
            "actor_key": base64.b64encode(ACTOR_KEY.private_bytes_raw()).decode(),
        }
        self._file.write_text(json.dumps(addresses))

    async def type(self, *words: str, stdin: str = "") -> Typed:
        """Run a command of `amicable`."""
        return await asyncio.to_thread(self._shell.type, *words, stdin=stdin, AMICABLE_ADDRESSES=str(self._file))

    def addresses(self) -> Addresses:
        """Return what the commands are told."""
        return Addresses.model_validate_json(self._file.read_text())


@pytest.fixture
async def desk(deployment: Deployment, tmp_path: Path) -> Desk:
    """A terminal of somebody whose customer is announced and judged."""
    desk = Desk(deployment, tmp_path)
    await deployment.publish(person(desk.csm), customer(desk.customer, desk.csm))

    async def judged() -> Any:
        return await deployment.query("SELECT 1 FROM health_scoring.health WHERE customer_id = $1", desk.customer)

    await until(judged, "the customer is judged")
    return desk
