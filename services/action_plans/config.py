"""Settings of action_plans."""

from pydantic_settings import SettingsConfigDict

from shared.settings import CommandedServiceSettings


class Settings(CommandedServiceSettings):
    """Read from the environment: ACTION_PLANS_…"""

    model_config = SettingsConfigDict(env_prefix="ACTION_PLANS_")
