"""Settings of transition_review."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import CommandedServiceSettings


class Settings(CommandedServiceSettings):
    """Read from the environment: TRANSITION_REVIEW_…"""

    model_config = SettingsConfigDict(env_prefix="TRANSITION_REVIEW_")

    company: str = Field(
        default="The provider",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="what your company is called in mails for customers",
    )
    policy_file: Path | None = Field(default=None, description="who reviews: a YAML file; absent: the shipped policy")
