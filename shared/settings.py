"""The settings that every service has, read from the environment under the service's own prefix."""

import base64
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, PostgresDsn, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kafka_access import SERVERS, KafkaLogin


class ServiceSettings(KafkaLogin, BaseSettings):
    """Addresses, limits and times of one service. A subclass sets `env_prefix`."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    database_url: SecretStr = Field(description="postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE")
    database_connections: int = Field(default=6, ge=4, le=100, description="in the pool, per process")
    kafka: str = Field(pattern=SERVERS, description="HOST:PORT, several with commas")
    http_host: str = Field(default="127.0.0.1", description="where /livez and /readyz listen; 0.0.0.0 in a container")
    http_port: int = Field(ge=0, le=65535, description="the port of /livez and /readyz")
    log_format: Literal["json", "pretty", "auto"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    clock_file: Path | None = Field(default=None, description="while this file exists, it is the clock")
    inbox_days: int = Field(default=400, ge=1, le=4000, description="how long duplicates are known")
    outbox_days: int = Field(default=7, ge=0, le=4000, description="how long published rows are kept")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        try:
            PostgresDsn(value.get_secret_value())
        except ValidationError:
            raise ValueError("must look like postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE") from None
        return value


class CommandedServiceSettings(ServiceSettings):
    """A service that takes commands also knows the public keys that actors' tokens are signed with."""

    actor_keys: dict[str, str] = Field(
        default={}, description='JSON: key id to Ed25519 public key (32 bytes, base64), such as {"console": "…"}'
    )

    @field_validator("actor_keys")
    @classmethod
    def _are_keys(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            try:
                Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
            except ValueError:
                raise ValueError(f"the key {name} is not 32 bytes in base64") from None
        return value

    def keys(self) -> dict[str, Ed25519PublicKey]:
        """Return the public keys by their ids."""
        return {
            name: Ed25519PublicKey.from_public_bytes(base64.b64decode(text)) for name, text in self.actor_keys.items()
        }


class PageSettings(BaseSettings):
    """A service that serves a page for customers, beside what else it has."""

    page_host: str = Field(default="127.0.0.1", description="where the page for customers listens")
    page_port: int = Field(ge=0, le=65535, description="the port of the page for customers")
    page_secure: bool = Field(
        default=False, description="the page is reached over TLS: browsers are told to use nothing else (HSTS)"
    )
    page_proxies: str = Field(
        default="",
        max_length=1000,
        pattern=r"^[0-9a-fA-F.:/, ]*$",
        description="reverse proxies whose X-Forwarded-For is believed: addresses or networks, with commas",
    )


def explain(error: ValidationError, prefix: str, fields: Mapping[str, FieldInfo] = MappingProxyType({})) -> str:
    """Say in one sentence which settings are wrong and why, without their values. fields: what a missing one is."""
    said = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        name = "_".join(str(part) for part in problem["loc"])
        about = fields[name].description if problem["type"] == "missing" and name in fields else None
        said.append(f"{prefix}{name.upper()}: {problem['msg']}{f' ({about})' if about else ''}")
    return f"Wrong settings: {'; '.join(said)}."
