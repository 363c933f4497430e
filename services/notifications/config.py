"""Settings of notifications."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.notifications.channels.urls import read_allowed
from services.notifications.channels.webhook import read_keys
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment: NOTIFICATIONS_…"""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    smtp_host: str = Field(min_length=1, description="the mail server")
    smtp_port: int = Field(ge=1, le=65535, description="587 for submission")
    smtp_tls: Literal["starttls", "implicit", "off"] = Field(
        default="starttls", description="implicit: from the first byte on (port 465); off only for a catcher here"
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="who signs for the mail server (PEM); absent: the system's authorities"
    )
    smtp_user: str | None = Field(default=None, description="where the server asks for it")
    smtp_password: SecretStr | None = None
    webhook_keys: SecretStr | None = Field(
        default=None,
        description="signs webhooks: a key, or two while they are exchanged (docs/contracts/webhook.md); absent: none",
    )
    outbound_allowed: str = Field(
        default="",
        max_length=10_000,
        description="where webhooks may go besides public hosts: origins (http://HOST:PORT) and networks, with commas",
    )
    outbound_ca_file: Path | None = Field(
        default=None, description="who signs for hosts of webhooks, besides the system's authorities (PEM)"
    )
    sender: str = Field(
        default="amicable@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="the mails' From address"
    )

    @field_validator("webhook_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_keys(value.get_secret_value())
        return value

    @field_validator("outbound_allowed")
    @classmethod
    def _are_origins_and_networks(cls, value: str) -> str:
        read_allowed(value)
        return value
