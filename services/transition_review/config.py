"""Settings of transition_review."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import CommandedServiceSettings, PageSettings


class Settings(PageSettings, CommandedServiceSettings):
    """Read from the environment: TRANSITION_REVIEW_…"""

    model_config = SettingsConfigDict(env_prefix="TRANSITION_REVIEW_")

    company: str = Field(
        default="The provider",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$",
        description="what your company is called on the page, in mails and documents for customers",
    )
    reach_us: str = Field(
        default="",
        max_length=500,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*$",
        description="where customers reach your company: stands in the written notice and on the page",
    )
    page_origin: str = Field(
        max_length=200,
        pattern=r"^https?://[^\s/?#]+$",
        description="how customers reach the page: what its links begin with, such as https://ending.example.com",
    )
    policy_file: Path | None = Field(default=None, description="who reviews: a YAML file; absent: the shipped policy")
