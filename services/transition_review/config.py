"""Settings of transition_review."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment: TRANSITION_REVIEW_…"""

    model_config = SettingsConfigDict(env_prefix="TRANSITION_REVIEW_")
