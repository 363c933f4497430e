"""Where the parts of a running system are: of what runs from this folder, or of what AMICABLE_ADDRESSES names."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from amicable.problems import USAGE, Problem
from amicable.runtime.home import Home


class Addresses(BaseModel):
    """Addresses of a running system; the database ones hold passwords.

    database: read-only. operator: may ask for replays. admin: may migrate. clock_file: while it exists, it drives all
    processes. mail_web: the mail catcher's page and API. actor_key: the local development key (Ed25519, base64).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kafka: str
    database: str
    operator: str
    admin: str | None = None
    services: dict[str, str]
    mail_web: str | None = None
    mail_smtp: str | None = None
    clock_file: Path | None = None
    actor_key: str | None = None


def find() -> Addresses:
    """Return the addresses; a Problem where nothing runs."""
    named = os.environ.get("AMICABLE_ADDRESSES")
    if named:
        return _read(Path(named))
    home = Home.find()
    running = home.read_run()
    if running is None:
        raise Problem(
            f"Nothing runs from {home.root}: start it with `amicable dev`, or name a file in AMICABLE_ADDRESSES."
        )
    return Addresses.model_validate(running)


def _read(file: Path) -> Addresses:
    try:
        found = Addresses.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Problem(f"AMICABLE_ADDRESSES names {file}, which cannot be read: {error.strerror}.", USAGE) from None
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"]) or "the file"
        raise Problem(f"{file} does not hold addresses: {where}: {wrong['msg']}.", USAGE) from None
    if found.clock_file and not found.clock_file.is_absolute():
        return found.model_copy(update={"clock_file": file.parent / found.clock_file})
    return found
