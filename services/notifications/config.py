"""Settings of notifications."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from services.notifications.channels.hosts import USUAL, read_hosts
from services.notifications.channels.urls import read_allowed
from services.notifications.channels.webhook import read_keys
from services.notifications.links import read_secrets
from services.notifications.writing import ANYWHERE
from shared.settings import CommandedServiceSettings

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
URL = r"^https?://[^\s<>\"]+$"


class Settings(CommandedServiceSettings):
    """Read from the environment: NOTIFICATIONS_…"""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    rules_file: Path | None = Field(
        default=None, description="who is told what: a YAML file; absent: the shipped rules"
    )
    most_an_hour: int = Field(
        default=20, ge=1, le=1000, description="messages to one person on one channel; what is more comes in a summary"
    )
    wait_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="how long whoever is meant, and not known yet, is waited for; then the rules' fallback is told",
    )
    details: bool = Field(default=True, description="off: messages say that something is there, and no more")
    console_url: str | None = Field(default=None, pattern=URL, description="where links in messages lead")
    public_url: str | None = Field(
        default=None, pattern=URL, description="where the page behind signed links is reached; absent: no such links"
    )
    link_secret: SecretStr | None = Field(
        default=None,
        description="signs those links: at least 32 characters, known to this service alone; two with a comma while "
        "they are exchanged (running.md); the first one signs",
    )
    page_host: str = Field(default="127.0.0.1", description="where the page behind signed links listens")
    page_port: int = Field(default=0, ge=0, le=65535, description="its port")
    page_proxies: str = Field(
        default="",
        max_length=1000,
        pattern=r"^[0-9a-fA-F.:/, ]*$",
        description="reverse proxies whose X-Forwarded-For is believed: addresses or networks, with commas",
    )
    webhook_keys: SecretStr | None = Field(
        default=None,
        description="signs webhooks: a key, or two while they are exchanged (docs/contracts/webhook.md); absent: none",
    )
    outbound_hosts: str = Field(
        default=USUAL,
        max_length=10_000,
        description="hosts that people may name for chat, webhooks and Apprise, with commas; *.example.com for all "
        "below it, * for any public one",
    )
    outbound_allowed: str = Field(
        default="",
        max_length=10_000,
        description="where chat and webhooks may go besides: origins (http://HOST:PORT), and networks that are not "
        "public, with commas",
    )
    outbound_ca_file: Path | None = Field(
        default=None, description="who signs for hosts of webhooks, besides the system's authorities (PEM)"
    )
    smtp_host: str = Field(min_length=1, description="the mail server")
    smtp_port: int = Field(ge=1, le=65535, description="587 for submission")
    smtp_tls: Literal["starttls", "implicit", "off"] = Field(
        default="starttls", description="implicit: from the first byte on (port 465); off only for a catcher here"
    )
    mail_domains: str = Field(
        max_length=2000,
        description="domains of our people's addresses, with commas: internal mail goes to no others; * for any, where "
        "mails are only caught (NOTIFICATIONS_SMTP_TLS=off)",
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="who signs for the mail server (PEM); absent: the system's authorities"
    )
    smtp_user: str | None = Field(default=None, description="where the server asks for it")
    smtp_password: SecretStr | None = None
    smtp_connections: int = Field(default=20, ge=1, le=200, description="to the mail server at once")
    sender: str = Field(
        default="amicable@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="the mails' From address"
    )

    @field_validator("link_secret")
    @classmethod
    def _are_secrets_of_links(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_secrets(value.get_secret_value())
        return value

    @field_validator("webhook_keys")
    @classmethod
    def _are_keys_of_webhooks(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_keys(value.get_secret_value())
        return value

    @field_validator("outbound_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        read_hosts(value)
        return value

    @field_validator("outbound_allowed")
    @classmethod
    def _are_origins_and_networks(cls, value: str) -> str:
        read_allowed(value)
        return value

    @field_validator("mail_domains")
    @classmethod
    def _are_domains_of_ours(cls, value: str, others: ValidationInfo) -> str:
        domains = read_domains(value)
        if not domains:
            raise ValueError("names no domain: write those of your people's addresses, such as example.com")
        if wrong := sorted(one for one in domains - ANYWHERE if not DOMAIN.fullmatch(one)):
            raise ValueError(f"{wrong[0]} is no domain: write one such as example.com")
        if domains & ANYWHERE and others.data.get("smtp_tls") != "off":
            raise ValueError(
                "may be * only where mails are caught (NOTIFICATIONS_SMTP_TLS=off): write the domains of your people's "
                "addresses, or internal mail goes to whatever address people.v1 has"
            )
        return value

    @property
    def domains(self) -> frozenset[str]:
        """The domains of our people's addresses; `*` is any."""
        return read_domains(self.mail_domains)


def read_domains(text: str) -> frozenset[str]:
    """Return what stands between the commas, in small letters."""
    return frozenset(one.strip().lower() for one in text.split(",") if one.strip())
