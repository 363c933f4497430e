"""Settings of health_scoring."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import CommandedServiceSettings


class Settings(CommandedServiceSettings):
    """Read from the environment: HEALTH_SCORING_…"""

    model_config = SettingsConfigDict(env_prefix="HEALTH_SCORING_")

    facts_days: int = Field(
        default=800, ge=300, le=4000, description="how long use and what is over are kept: 275 days are looked at"
    )
    quiet_seconds: float = Field(
        default=10.0, ge=0, le=600, description="so long without an event dated over a day back: it has caught up"
    )
