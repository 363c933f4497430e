"""The channels that the settings open, and what is said of a setting that is none."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.channels.channel import Gone
from services.notifications.channels.opening import opened
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.config import Settings
from shared.settings import explain
from tests.services.notifications.channels.parcels import parcel

KEY = "whsec_" + "a2V5" * 8
MAIL = Smtp(Server("127.0.0.1", 25, tls="off"), "amicable@example.com")
NEEDED: dict[str, Any] = {
    "database_url": "postgresql://r:p@127.0.0.1:1/d",
    "kafka": "127.0.0.1:1",
    "http_port": 0,
    "smtp_host": "127.0.0.1",
    "smtp_port": 25,
    "mail_domains": "ours.example, Ours.example.org",
}


def names(**more: Any) -> set[str]:
    return set(opened(MAIL, None, None, **more))  # type: ignore[arg-type]  # the console is not used


def test_there_is_no_webhook_without_a_key_that_signs_it() -> None:
    assert names() == {"mail", "slack", "teams", "apprise", "console"}
    assert names(webhook_keys=KEY) == {*names(), "webhook"}


@pytest.mark.parametrize("given", [{"webhook_keys": "secret"}, {"outbound_allowed": "hooks.internal"}])
def test_setting_that_is_none_is_said_and_a_secret_is_not_shown(given: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(**NEEDED, **given)
    assert "whsec_ and 24 to 64" in str(raised.value) or "neither an origin" in str(raised.value)
    assert "secret" not in str(raised.value).replace("secretstr", "")


def test_settings_are_read() -> None:
    settings = Settings(**NEEDED, webhook_keys=KEY, outbound_allowed="http://hooks.internal:8080, 10.0.0.0/8")
    assert settings.smtp_tls == "starttls"
    assert settings.domains == {"ours.example", "ours.example.org"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "MAIL_DOMAINS: Field required (domains of our people's addresses"),
        ({"mail_domains": ""}, "names no domain: write those of your people's addresses"),
        ({"mail_domains": " , "}, "names no domain"),
        ({"mail_domains": "@ours.example"}, "@ours.example is no domain"),
        ({"mail_domains": "*.example"}, "*.example is no domain"),
        ({"mail_domains": "*"}, "may be * only where mails are caught"),
        ({"mail_domains": "ours.example, *", "smtp_tls": "implicit"}, "may be * only where mails are caught"),
    ],
)
def test_service_starts_only_if_it_knows_whose_addresses_are_ours(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(**{name: value for name, value in NEEDED.items() if name != "mail_domains"}, **given)
    assert said in explain(raised.value, "NOTIFICATIONS_", Settings.model_fields)


def test_any_address_is_taken_for_ours_only_where_mails_are_caught() -> None:
    assert Settings(**{**NEEDED, "mail_domains": "*", "smtp_tls": "off"}).domains == {"*"}


JUDGED = [
    ("slack", "https://hooks.slack.com/services/T/B/x", True),
    ("slack", "https://hooks.slack.com.evil.example/x", False),
    ("slack", "https://evil.example/hooks.slack.com", False),
    ("teams", "https://prod-1.westeurope.logic.azure.com:443/workflows/x", True),
    ("teams", "https://logic.azure.com.evil.example/x", False),
    ("teams", "https://evillogic.azure.com/x", False),
    ("webhook", "https://evil.example/x", False),
    ("webhook", "https://93.184.216.34/x", False),
    ("webhook", "http://hooks.internal:8080/x", True),
    ("webhook", "https://10.1.2.3/x", True),
    ("webhook", "https://hooks.internal/x", False),
    ("apprise", "json://evil.example", False),
    ("apprise", "pover://user@token", False),
    ("mail", "ana@evil.example", False),
    ("console", "bo", False),
]


@pytest.mark.parametrize(("channel", "address", "is_taken"), JUDGED)
def test_people_may_name_hosts_of_slack_and_teams_and_those_of_an_administrator_alone(
    channel: str, address: str, is_taken: bool
) -> None:
    there = opened(MAIL, None, None, webhook_keys=KEY, allowed="http://hooks.internal:8080, 10.0.0.0/8")  # type: ignore[arg-type]  # the console is not used
    why = there[channel].wrong(address)
    assert (why is None) is is_taken
    assert address not in (why or "")


async def test_nothing_is_sent_to_a_host_that_is_not_named_however_it_was_chosen() -> None:
    there = opened(MAIL, None, None)  # type: ignore[arg-type]  # the console is not used
    with pytest.raises(Gone, match="none that an administrator has named"):
        await there["slack"].send(parcel(address="https://evil.example/x"))


@pytest.mark.parametrize(
    "hosts", ["https://hooks.example.com", "*example.com", "hooks.*.com", "a b.example", "-x.example"]
)
def test_host_that_is_none_is_said(hosts: str) -> None:
    with pytest.raises(ValidationError, match="is no host"):
        Settings(**NEEDED, outbound_hosts=hosts)
