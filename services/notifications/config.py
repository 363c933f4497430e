"""Settings of notifications."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment: NOTIFICATIONS_…"""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    smtp_host: str = Field(min_length=1, description="the mail server")
    smtp_port: int = Field(ge=1, le=65535, description="587 for submission")
    smtp_tls: bool = Field(default=True, description="STARTTLS; off only for a catcher on this machine")
    smtp_user: str | None = Field(default=None, description="where the server asks for it")
    smtp_password: SecretStr | None = None
    sender: str = Field(
        default="amicable@localhost", pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="the mails' From address"
    )
