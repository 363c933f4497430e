"""What tests of notifications are given."""

from collections.abc import Iterator

import pytest

from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import Office, mail_server


@pytest.fixture
def smtp() -> Iterator[tuple[Catcher, int]]:
    """A real SMTP server, and its port."""
    with mail_server() as server:
        yield server


@pytest.fixture
def mails(smtp: tuple[Catcher, int]) -> Catcher:
    """What the SMTP server got."""
    return smtp[0]


@pytest.fixture
def office(pool: Pool, smtp: tuple[Catcher, int]) -> Office:
    """The service at a desk."""
    return Office(pool, smtp[1])
