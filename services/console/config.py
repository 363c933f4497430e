"""Settings of the console."""

import base64
import ipaddress
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.console.commanding import Signer
from services.console.oidc import Provider, is_safe
from shared.settings import ServiceSettings

SEED_BYTES = 32


class Settings(ServiceSettings):
    """Read from the environment: CONSOLE_…"""

    model_config = SettingsConfigDict(env_prefix="CONSOLE_")

    database_connections: int = Field(default=10, ge=4, le=100, description="in the pool, per process")
    page_host: str = Field(default="127.0.0.1", description="where the pages listen")
    page_port: int = Field(ge=0, le=65535, description="the port of the pages")
    page_secure: bool = Field(
        default=False, description="the pages are reached over TLS: cookies are sent, and browsers come, over it alone"
    )
    page_proxies: str = Field(
        default="",
        max_length=1000,
        pattern=r"^[0-9a-fA-F.:/, ]*$",
        description="reverse proxies whose X-Forwarded-For is believed: addresses or networks, with commas",
    )
    company: str = Field(
        default="The provider",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="what your company is called on the pages",
    )
    demo_login: Literal["off", "loopback", "published"] = Field(
        default="off",
        description="whoever reaches the page may choose who they are, without a password: where it listens on this"
        " machine alone (loopback), or in a container whose port is published on this machine alone (published)",
    )
    page_origin: str = Field(
        default="", max_length=300, description="what people type to come here, such as https://amicable.example.com"
    )
    oidc_issuer: str = Field(default="", max_length=300, description="the identity provider's issuer (OpenID Connect)")
    oidc_client_id: str = Field(default="", max_length=300, description="who we are there")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="what we prove it with")
    oidc_claim: Literal["email", "sub", "preferred_username"] = Field(
        default="email",
        description="which claim says who somebody is: a verified mail address, or the id of a person (the other two)",
    )
    session_hours: int = Field(default=12, ge=1, le=720, description="after so long one logs in again")

    actor_seed: SecretStr | None = Field(
        default=None,
        description="signs what people ask for: an Ed25519 seed, 32 bytes in base64; without it, pages are to read",
    )
    actor_key_id: str = Field(
        default="console", min_length=1, max_length=100, description="names that key, in every <SERVICE>_ACTOR_KEYS"
    )
    plan_url: str = Field(
        default="",
        max_length=300,
        description="where customers open the shared plan (action_plans' page), such as https://plans.example.com",
    )
    ending_url: str = Field(
        default="",
        max_length=300,
        description="where customers open the plan of their ending (transition_review's page), such as"
        " https://ending.example.com",
    )

    @field_validator("actor_seed")
    @classmethod
    def _is_seed(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(_decoded(value)) != SEED_BYTES:
            raise ValueError("must be 32 bytes in base64")
        return value

    @model_validator(mode="after")
    def _demo_is_local(self) -> Self:
        if self.demo_login == "loopback" and not _is_loopback(self.page_host):
            raise ValueError("demo_login=loopback needs a page_host such as 127.0.0.1")
        return self

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("oidc_issuer needs oidc_client_id and oidc_client_secret")
        if not (is_safe(self.oidc_issuer) and is_safe(self.page_origin)):
            raise ValueError("oidc_issuer needs https, there and in page_origin")
        return self

    def signer(self) -> Signer | None:
        """Return what signs commands, None where nobody can ask for anything here."""
        return Signer.of(_decoded(self.actor_seed), self.actor_key_id) if self.actor_seed else None

    def provider(self) -> Provider | None:
        """Return the identity provider, None where there is none."""
        if not self.oidc_issuer:
            return None
        return Provider(
            self.oidc_issuer,
            self.oidc_client_id,
            self.oidc_client_secret.get_secret_value(),
            f"{self.page_origin.rstrip('/')}/login/callback",
        )


def _decoded(value: SecretStr) -> bytes:
    try:
        return base64.b64decode(value.get_secret_value(), validate=True)
    except ValueError:
        return b""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
