"""Where the parts of a running system are: of what runs from this folder, or of what AMICABLE_ADDRESSES names."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from amicable.problems import USAGE, Problem
from amicable.runtime.home import Home
from amicable.services import NAMES
from shared.kafka_access import SERVERS, Access, KafkaLogin
from shared.settings import explain

EPHEMERAL = "ephemeral"  # folders in the home with a run of their own
DEMO = "demo"


class Addresses(KafkaLogin):
    """Addresses of a running system; the database ones hold passwords.

    database: read-only. operator: may ask for replays. admin: may migrate. clock_file: while it exists, it drives all
    processes. mail_web: the mail catcher's page and API. actor_key: the local development key (Ed25519, base64). page:
    where customers reach the shared plan. web: the console.
    """

    kafka: str
    database: str
    operator: str
    admin: str | None = None
    services: dict[str, str]
    mail_web: str | None = None
    mail_smtp: str | None = None
    clock_file: Path | None = None
    actor_key: str | None = None
    page: str | None = None
    web: str | None = None


def find() -> Addresses:
    """Return the addresses; a Problem where nothing runs."""
    named = os.environ.get("AMICABLE_ADDRESSES")
    if named:
        return _read(Path(named))
    if (here := running()) is None:
        root = Home.find().root
        raise Problem(f"Nothing runs from {root}: start it with `amicable dev`, or name a file in AMICABLE_ADDRESSES.")
    return here[1]


def running() -> tuple[Home, Addresses] | None:
    """Return what runs here, with its home: the one that is named, or a folder in it. None where nothing does."""
    home = Home.find()
    for place in (home, *(Home(home.root / name) for name in (EPHEMERAL, DEMO))):
        if (run := place.read_run()) is not None:
            return place, of_run(run["addresses"], place)
    return None


def kafka(address: str | None) -> tuple[str, Access]:
    """Return Kafka's bootstrap servers (at `address`, else of what runs) and how one is let in. Raises Problem."""
    if address is None:
        found = find()
        return found.kafka, found.kafka_access()
    if not re.match(SERVERS, address):
        raise Problem(
            f"{address or 'An empty word'} is no address of Kafka: write HOST:PORT, several with commas.", USAGE
        )
    try:
        return address, KafkaLogin.model_validate(_login()).kafka_access()
    except ValidationError as error:
        raise Problem(explain(error, "AMICABLE_"), USAGE) from None


def _login() -> dict[str, str]:
    """Return what the environment says of the login: a password need not be in a file."""
    variables = {field: f"AMICABLE_{field.upper()}" for field in KafkaLogin.model_fields}
    return {field: os.environ[variable] for field, variable in variables.items() if variable in os.environ}


def of_run(up: Mapping[str, str], home: Home) -> Addresses:
    """Return the addresses of a run (`supervisor.py`) in `home`, by the names of its parts."""
    return Addresses(
        kafka=up["kafka"],
        database=up["reader"],
        operator=up["operator"],
        admin=up["admin"],
        services={name: up[name] for name in NAMES if name in up},
        mail_web=up["mail"],
        mail_smtp=up["smtp"],
        clock_file=home.clock,
        actor_key=up["actor_key"],
        page=up.get("page"),
        web=up.get("web"),
    )


def _read(file: Path) -> Addresses:
    try:
        found = Addresses.model_validate(_object_in(file) | _login())
    except OSError as error:
        raise Problem(f"AMICABLE_ADDRESSES names {file}, which cannot be read: {error.strerror}.", USAGE) from None
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"]) or "the file"
        raise Problem(f"{file} does not hold addresses: {where}: {wrong['msg']}.", USAGE) from None
    if found.clock_file and not found.clock_file.is_absolute():
        return found.model_copy(update={"clock_file": file.parent / found.clock_file})
    return found


def _object_in(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Problem(f"{file} does not hold addresses: it is not a JSON object.", USAGE)
    return found
