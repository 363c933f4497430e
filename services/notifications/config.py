"""Settings of notifications."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

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
    sender: str = Field(
        default="amicable@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="the mails' From address"
    )
