"""docker-compose.yml against the code: settings, roles, ports, and that it is closed as far as it can be."""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from amicable.addresses import Addresses
from amicable.migrate import DATABASE, ROLES
from amicable.services import NAMES
from shared import messaging, service
from tests import containers
from tests.operations.tables import settings_of

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{[A-Z_]+:-(?P<default>[^}]*)\}")
OURS = (*NAMES, "migrate", "topics")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of docker-compose.yml, with the default of every variable."""
    text = VARIABLE.sub(lambda found: found["default"], (ROOT / "docker-compose.yml").read_text())
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    return services


@pytest.fixture(scope="module")
def addresses() -> Addresses:
    """The addresses that the command line uses on this machine."""
    return Addresses.model_validate_json((ROOT / "deploy/compose-addresses.json").read_text())


def published(part: dict[str, Any], inside: int) -> str:
    """Return where the port of a container is on this machine."""
    found = [port.rpartition(":")[0] for port in part["ports"] if port.endswith(f":{inside}")]
    return str(found[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_the_settings_it_needs_and_no_others(
    compose: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = compose[name]["environment"]
    known = settings_of(name)
    assert given.keys() <= known.keys()
    assert {variable for variable, field in known.items() if field.is_required()} <= given.keys()
    for variable, value in given.items():
        if value is not None:
            monkeypatch.setenv(variable, str(value))
    module = __import__(f"services.{name}.config", fromlist=["Settings"])
    chosen = module.Settings()
    url = urlsplit(chosen.database_url.get_secret_value())
    assert (url.username, url.hostname, url.path) == (name, "postgres", f"/{DATABASE}")
    assert compose[name]["command"] == ["run", name]
    assert f'"127.0.0.1", {chosen.http_port}' in compose[name]["healthcheck"]["test"][-1]


def test_whoever_signs_with_the_seed_of_this_file_is_seen_to_be_nobody(compose: dict[str, Any]) -> None:
    given = compose["action_plans"]["environment"]
    assert base64.b64decode(given["ACTION_PLANS_SIGNING_SEED"]).startswith(b"local-only")
    assert given["ACTION_PLANS_PAGE_HOST"] == "0.0.0.0"  # noqa: S104  # inside its container
    assert published(compose["action_plans"], given["ACTION_PLANS_PAGE_PORT"]) == "127.0.0.1:18090"
    ending = compose["transition_review"]["environment"]
    at = published(compose["transition_review"], ending["TRANSITION_REVIEW_PAGE_PORT"])
    assert ending["TRANSITION_REVIEW_PAGE_ORIGIN"] == f"http://{at}"


def test_links_in_mails_lead_to_where_their_page_is_published_and_to_the_console(compose: dict[str, Any]) -> None:
    given = compose["notifications"]["environment"]
    at = published(compose["notifications"], given["NOTIFICATIONS_PAGE_PORT"])
    assert given["NOTIFICATIONS_PUBLIC_URL"] == f"http://{at}"
    assert given["NOTIFICATIONS_LINK_SECRET"].startswith("local-only")
    assert given["NOTIFICATIONS_CONSOLE_URL"] == f"http://{published(compose['console'], 8090)}"


def test_every_role_gets_the_password_that_its_service_logs_in_with(compose: dict[str, Any]) -> None:
    given = compose["migrate"]["environment"]
    passwords = {role: given[f"AMICABLE_PASSWORD_{role.upper()}"] for role in ROLES}
    for name in NAMES:
        url = urlsplit(compose[name]["environment"][f"{name.upper()}_DATABASE_URL"])
        assert url.password == passwords[name]
    assert given.keys() == {"AMICABLE_ADMIN_DATABASE_URL", *(f"AMICABLE_PASSWORD_{role.upper()}" for role in ROLES)}


def test_the_addresses_file_names_what_is_published(compose: dict[str, Any], addresses: Addresses) -> None:
    assert addresses.services == {name: f"http://{published(compose[name], 8080)}" for name in NAMES}
    assert addresses.page == f"http://{published(compose['action_plans'], 8090)}"
    assert addresses.kafka == published(compose["kafka"], 9094)
    assert f"OUTSIDE://{addresses.kafka}" in compose["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert addresses.mail_web == f"http://{published(compose['mail'], 8025)}"
    assert addresses.mail_smtp == published(compose["mail"], 1025)
    passwords = compose["migrate"]["environment"]
    for dsn, role in ((addresses.database, "amicable_reader"), (addresses.operator, "amicable_operator")):
        password = passwords[f"AMICABLE_PASSWORD_{role.upper()}"]
        assert dsn == f"postgresql://{role}:{password}@{published(compose['postgres'], 5432)}/{DATABASE}"
    assert str(addresses.clock_file) == "clock/now"
    clocks = {compose[name]["environment"][f"{name.upper()}_CLOCK_FILE"] for name in NAMES}
    assert clocks == {"/clock/now"}


def test_only_this_machine_can_reach_what_is_published(compose: dict[str, Any]) -> None:
    assert [port for part in compose.values() for port in part.get("ports", ()) if not port.startswith("127.")] == []


def test_containers_are_confined(compose: dict[str, Any]) -> None:
    for part in compose.values():
        assert part["cap_drop"] == ["ALL"]
        assert part["security_opt"] == ["no-new-privileges:true"]
    for name in OURS:
        assert compose[name]["read_only"]
        assert compose[name]["init"]
    for name in set(compose) - {"migrate", "topics"}:
        assert {"cpus", "memory"} <= compose[name]["deploy"]["resources"]["limits"].keys()


def test_a_service_has_time_to_finish_what_is_in_hand(compose: dict[str, Any]) -> None:
    needed = messaging.DRAIN_SECONDS + service.DRAIN_OUTBOX_SECONDS + 10
    for name in NAMES:
        assert float(compose[name]["stop_grace_period"].removesuffix("s")) >= needed


def test_every_image_from_outside_is_of_a_release(compose: dict[str, Any]) -> None:
    outside = {part["image"] for part in compose.values()} - {"amicable"}
    assert [image for image in outside if not re.search(r":v?\d", image)] == []


def test_tests_and_compose_use_the_same_images(compose: dict[str, Any]) -> None:
    assert compose["kafka"]["image"] == containers.KAFKA_IMAGE
    assert compose["postgres"]["image"] == containers.POSTGRES_IMAGE
