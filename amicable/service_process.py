"""How one service is run: `amicable run NAME`, with settings from the environment."""

import asyncio
import importlib
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from amicable.problems import USAGE, Problem
from amicable.services import NAMES
from shared import logs, settings
from shared.service import CannotStart, serve
from shared.yaml_files.problems import WrongFile


def run(
    name: Annotated[str, typer.Argument(metavar="SERVICE", help=f"one of {', '.join(NAMES)}")],
) -> None:
    """Run one SERVICE in the foreground until SIGTERM or SIGINT, with settings from the environment."""
    if name not in NAMES:
        raise Problem(f"There is no service {name}: choose one of {', '.join(NAMES)}.", USAGE)
    app: Any = importlib.import_module(f"services.{name}.app")
    config: Any = importlib.import_module(f"services.{name}.config")
    prefix: str = config.Settings.model_config["env_prefix"]
    try:
        chosen = config.Settings()
    except ValidationError as error:
        raise Problem(settings.explain(error, prefix, config.Settings.model_fields), USAGE) from None
    logs.configure(name, format_=chosen.log_format, level=chosen.log_level)
    try:
        asyncio.run(_serve(name, chosen, app))
    except CannotStart as why:
        raise Problem(str(why)) from None
    except WrongFile as wrong:
        raise Problem(str(wrong), USAGE) from None


async def _serve(name: str, chosen: Any, app: Any) -> None:
    await serve(name, chosen, app.create_app(chosen), app.TOPICS)
