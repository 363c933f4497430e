"""The channels that the settings open, and what is said of a setting that is none."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.channels.opening import opened
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.config import Settings

KEY = "whsec_" + "a2V5" * 8
MAIL = Smtp(Server("127.0.0.1", 25, tls="off"), "amicable@example.com")
NEEDED: dict[str, Any] = {
    "database_url": "postgresql://r:p@127.0.0.1:1/d",
    "kafka": "127.0.0.1:1",
    "http_port": 0,
    "smtp_host": "127.0.0.1",
    "smtp_port": 25,
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
