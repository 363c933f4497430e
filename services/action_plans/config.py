"""Settings of action_plans."""

import base64

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import CommandedServiceSettings, PageSettings

SEED_BYTES = 32


class Settings(PageSettings, CommandedServiceSettings):
    """Read from the environment: ACTION_PLANS_…"""

    model_config = SettingsConfigDict(env_prefix="ACTION_PLANS_")

    signing_seed: SecretStr = Field(description="signs checklists: an Ed25519 seed, 32 bytes in base64")
    signing_key_id: str = Field(default="action_plans", min_length=1, max_length=100, description="names that key")
    company: str = Field(
        default="The provider",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="what your company is called on the page and in documents for customers",
    )

    @field_validator("signing_seed")
    @classmethod
    def _is_seed(cls, value: SecretStr) -> SecretStr:
        try:
            sound = len(base64.b64decode(value.get_secret_value(), validate=True)) == SEED_BYTES
        except ValueError:
            sound = False
        if not sound:
            raise ValueError("must be 32 bytes in base64")
        return value
