"""A login is whole or refused, never shown, and its lack is warned of where others can reach the broker."""

from pathlib import Path
from typing import Any

import pytest
from faststream.asgi import AsgiFastStream
from pydantic import ValidationError
from structlog.testing import capture_logs

from shared import service
from shared.kafka_access import OPEN, Access, KafkaLogin, danger
from shared.logs import ALLOWED
from shared.service import CannotStart
from shared.settings import ServiceSettings, explain
from tests.cli.conftest import Shell, shell

__all__ = ["shell"]  # a fixture

WHOLE: dict[str, Any] = {"kafka_user": "action_plans", "kafka_password": "hidden"}


def said(**settings: Any) -> str:
    """Return the sentence about wrong settings."""
    with pytest.raises(ValidationError) as wrong:
        KafkaLogin(**settings)
    return explain(wrong.value, "ACTION_PLANS_")


def test_nothing_given_is_plain_text_as_nobody() -> None:
    assert KafkaLogin().kafka_access() == OPEN
    assert OPEN.of_client() == {"security_protocol": "PLAINTEXT", "ssl_context": None}


def test_half_a_login_is_refused(tmp_path: Path) -> None:
    """The setting that is missing, or too much, is named."""
    assert (
        said(kafka_user="a")
        == "Wrong settings: ACTION_PLANS_KAFKA_PASSWORD: Value error, is missing, and a user is given."
    )
    assert "KAFKA_PASSWORD: Value error, is given, and no user is" in said(kafka_password="hidden")
    assert "hidden" not in said(kafka_password="hidden")
    assert "KAFKA_USER: String should have at least 1 character" in said(kafka_user="", kafka_password="hidden")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    assert "KAFKA_CA_FILE: Value error, is given, and TLS is off" in said(kafka_ca_file=empty)
    assert f"{empty} does not hold certificates (PEM)" in said(kafka_tls=True, kafka_ca_file=empty)
    gone = tmp_path / "gone.pem"
    assert f"{gone} cannot be read: No such file or directory" in said(kafka_tls=True, kafka_ca_file=gone)


def test_password_is_not_shown() -> None:
    login = KafkaLogin(**WHOLE)
    assert "hidden" not in repr(login) + repr(login.kafka_access())
    assert login.kafka_access().of_client()["sasl_plain_password"] == "hidden"


@pytest.mark.parametrize(
    "near", ["127.0.0.1:9092", "localhost:9092", "[::1]:9092", "kafka:9092", "127.0.0.1:1,127.0.0.2:2"]
)
def test_nothing_is_said_where_nobody_else_reaches_the_broker(near: str) -> None:
    assert danger(near, OPEN) is None


@pytest.mark.parametrize("far", ["10.0.0.5:9092", "broker.example.org:9092", "127.0.0.1:1,broker.example.org:2"])
def test_gap_is_said_where_others_reach_the_broker(far: str) -> None:
    whole = KafkaLogin(**WHOLE, kafka_tls=True).kafka_access()
    assert "anyone who reaches this broker can read everything and write as any service" in (danger(far, OPEN) or "")
    assert "anyone on the way" in (danger(far, Access("action_plans", "hidden")) or "")
    assert danger(far, whole) is None


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"AMICABLE_KAFKA_USER": "upstream"}, "AMICABLE_KAFKA_PASSWORD: Value error, is missing, and a user is given"),
        ({"AMICABLE_KAFKA_TLS": "perhaps"}, "AMICABLE_KAFKA_TLS: Input should be a valid boolean"),
    ],
)
def test_command_line_refuses_half_a_login(shell: Shell, variables: dict[str, str], says: str) -> None:
    typed = shell.type("topics", "--kafka", "127.0.0.1:1", **variables)
    assert (typed.code, says in typed.err) == (2, True), typed


def test_addresses_file_may_hold_the_login_and_the_environment_the_password(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "addresses.json"
    file.write_text(
        '{"kafka": "127.0.0.1:1", "database": "d", "operator": "o", "services": {}, "kafka_user": "upstream"}'
    )
    half = shell.type("topics", AMICABLE_ADDRESSES=str(file))
    whole = shell.type("topics", AMICABLE_ADDRESSES=str(file), AMICABLE_KAFKA_PASSWORD="hidden")
    assert (half.code, "kafka_password: Value error, is missing" in half.err) == (2, True), half
    assert (whole.code, "Kafka does not answer at 127.0.0.1:1" in whole.err) == (3, True), whole
    file.write_text("[]")
    assert "it is not a JSON object" in shell.type("topics", AMICABLE_ADDRESSES=str(file)).err


async def test_service_warns_once_of_a_broker_that_others_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first line of its log, whether it then starts or not."""
    monkeypatch.setattr(service, "SURROUNDINGS_SECONDS", 0)
    nowhere: Any = {
        "database_url": "postgresql://a:b@127.0.0.1:1/c",
        "kafka": "broker.example.org:9092",
        "http_port": 0,
    }
    with capture_logs() as lines, pytest.raises(CannotStart, match="Postgres"):
        await service.serve("action_plans", ServiceSettings(**nowhere), AsgiFastStream(), [])
    (line,) = [line for line in lines if line["log_level"] == "warning"]
    assert line["event"].startswith("anyone who reaches this broker")
    assert line["host"] == "broker.example.org:9092"
    assert line.keys() - {"log_level"} <= ALLOWED
