"""kill -9 fifty times between the hand-over of a mail and its note: none is lost, and what repeats is the same mail."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter

import pytest

from amicable import migrate
from shared.contracts.plans.facts import CaseOpened
from shared.database import Pool
from tests.conftest import PASSWORDS
from tests.deployment import Catcher
from tests.services.notifications.conftest import smtp  # noqa: F401  # a fixture
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
KILLS = 50
CUSTOMERS = 100
WORKERS = 4


async def test_fifty_kills_lose_no_mail_and_what_repeats_is_recognised(
    pool: Pool,
    own_database: str,
    smtp: tuple[Catcher, int],  # noqa: F811
) -> None:
    """Each kill may repeat what was in hand: as many as there are workers, under the same Message-ID."""
    catcher, port = smtp
    office = Office(pool, port)
    await office.know(person("ana"), **{f"c{number}": "ana" for number in range(CUSTOMERS)})
    await office.know(*(person(f"p{number}") for number in range(CUSTOMERS)))
    office.later(seconds=1)
    await office.know(**{f"c{number}": f"p{number}" for number in range(CUSTOMERS)})
    await office.take_many(*(office.fact(CaseOpened, f"c{number}", case=case()) for number in range(CUSTOMERS)))
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user="notifications", password=PASSWORDS["notifications"])

    command = [sys.executable, "-m", "tests.chaos.hand_over", dsn, str(port), str(KILLS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    ends = said.decode().rpartition("ended: ")[2].split()
    assert ends == [str(-signal.SIGKILL)] * KILLS + ["0"]
    times = Counter(mail["Message-ID"] for mail in catcher.mails)
    people = {mail["Message-ID"]: mail["To"] for mail in catcher.mails}
    assert len(times) == CUSTOMERS, "none is lost"
    assert len(set(people.values())) == CUSTOMERS
    repeats = sum(times.values()) - CUSTOMERS
    print(f"{repeats} of {CUSTOMERS} mails were repeated by {KILLS} kills")  # noqa: T201  # the figure that is asked for
    assert repeats <= KILLS * WORKERS
    assert set(await office.states()) == {"sent"}
    notices = await office.publish()
    assert len(notices) == len({one["fact_id"] for one in notices}) == CUSTOMERS
