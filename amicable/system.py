"""The local system: which parts it has, in which order they start, and with which settings."""

import base64
import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable import driven_clock, migrate, topics
from amicable.problems import REFUSED, Problem
from amicable.runtime.home import Home
from amicable.runtime.parts import Addresses, Part, kafka_part, mail_part, postgres_part, service, step
from amicable.runtime.running import Running
from amicable.services import COMMANDED, NAMES
from shared import clock

ACTOR_KEY_ID = "local"
CONSOLE_KEY_ID = "console"
_ACTOR_SECRET = "actor_seed"  # noqa: S105  # its name
_CONSOLE_SECRET = "console_seed"  # noqa: S105  # its name
_SIGNING_SECRET = "signing_seed"  # noqa: S105  # its name
_HTTP_PORTS = {name: 8081 + index for index, name in enumerate(NAMES)}
_LINKS = "links"
_LINK_SECRET = "link_secret"  # noqa: S105  # its name
_PAGES = {  # by service, with their ports
    "action_plans": {"page": 8090},
    "transition_review": {"ending_page": 8091},
    "notifications": {_LINKS: 8092},
    "console": {"web": 8080},
}
_AFTER = {"console": ["action_plans", "transition_review"], "notifications": ["console"]}  # whose pages they lead to
DATA = ("kafka", "postgres", "mail", "clock", "processes")

ClockKind = Literal["real", "driven"]


def parts(
    home: Home, *, clock_kind: ClockKind = "real", durable: bool = True, settings: Mapping[str, str] | None = None
) -> list[Part]:
    """Return the parts of a system whose data is in `home`.

    settings: of its services, by the names of their environment variables; their own defaults where None.
    """

    def environment(name: str) -> Callable[[Addresses, int], Mapping[str, str]]:
        return lambda up, port: {**_settings(name, up, home, port), **(settings or {})}

    return [
        kafka_part(home),
        postgres_part(home, durable=durable),
        mail_part(home),
        _clock(home, clock_kind),
        _migrations(home),
        step("topics", _make_topics, after=["kafka"]),
        *(
            service(
                home,
                name,
                environment(name),
                ["migrations", "topics", "mail", "clock", *_AFTER.get(name, ())],
                _HTTP_PORTS[name],
                also=_PAGES.get(name, {}),
            )
            for name in NAMES
        ),
    ]


def forget(home: Home) -> None:
    """Remove everything that a run in `home` kept; its logs stay until the next run."""
    for name in DATA:
        path = home.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _clock(home: Home, kind: ClockKind) -> Part:
    """The choice of the clock; a part, so that it is made by whoever holds the home."""

    @asynccontextmanager
    async def start(_: Addresses) -> AsyncIterator[Running]:
        driven = driven_clock.driven(home.clock)
        if kind == "driven":
            driven = driven or clock.real()
            clock.move(home.clock, driven)
            yield Running("", f"driven, {driven:%Y-%m-%d %H:%M} UTC", require_sound=require_sound)
        else:
            if driven is not None:
                _require_past(driven)
                home.clock.unlink()
            yield Running("", "real", require_sound=require_sound)

    def require_sound() -> None:
        driven_clock.driven(home.clock)

    return Part("clock", start)


def _require_past(driven: datetime) -> None:
    if driven > clock.real():
        raise Problem(
            f"The clock of what is kept here was driven to {driven:%Y-%m-%d %H:%M} UTC, and it only moves forward: "
            "start with --clock driven, or with --ephemeral.",
            REFUSED,
        )


def _migrations(home: Home) -> Part:
    @asynccontextmanager
    async def start(up: Addresses) -> AsyncIterator[Running]:
        passwords = home.secrets(migrate.ROLES)
        done = await migrate.migrate(up["postgres"], passwords)

        def dsn(role: str) -> str:
            return migrate.with_database(up["postgres"], migrate.DATABASE, user=role, password=passwords[role])

        others = {
            "admin": migrate.with_database(up["postgres"], migrate.DATABASE),
            "reader": dsn(migrate.READER),
            "operator": dsn(migrate.OPERATOR),
            "actor_key": base64.b64encode(actor_key(home).private_bytes_raw()).decode(),
        }
        yield Running("", f"{len(done)} applied" if done else "at head", others=others)

    return Part("migrations", start, after=["postgres"])


async def _make_topics(up: Addresses) -> str:
    made = await topics.create(up["kafka"])
    return f"{len(made)} created" if made else "all there"


def actor_key(home: Home) -> Ed25519PrivateKey:
    """Return the key that signs commands given on this machine; it is known to this home's services alone."""
    return Ed25519PrivateKey.from_private_bytes(_seed(home, _ACTOR_SECRET))


def console_key(home: Home) -> Ed25519PrivateKey:
    """Return the key with which this home's console signs what people ask for in it."""
    return Ed25519PrivateKey.from_private_bytes(_seed(home, _CONSOLE_SECRET))


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signing_seed(home: Home) -> str:
    """Return the seed (base64) of the key that this home's action_plans signs with."""
    return base64.b64encode(_seed(home, _SIGNING_SECRET)).decode()


def _seed(home: Home, name: str) -> bytes:
    return home.secrets([name])[name].encode()[:32].ljust(32, b"\0")


def _settings(name: str, up: Addresses, home: Home, port: int) -> Mapping[str, str]:
    password = home.secrets([name])[name]
    own = {
        "DATABASE_URL": migrate.with_database(up["postgres"], migrate.DATABASE, user=name, password=password),
        "KAFKA": up["kafka"],
        "HTTP_PORT": str(port),
        "LOG_FORMAT": "json",
        "CLOCK_FILE": str(home.clock),
    }
    if name in COMMANDED:
        keys = {ACTOR_KEY_ID: actor_key(home), CONSOLE_KEY_ID: console_key(home)}
        own["ACTOR_KEYS"] = json.dumps({id_: _public(key) for id_, key in keys.items()})
    if name == "action_plans":
        own |= {
            "SIGNING_SEED": signing_seed(home),
            "PAGE_PORT": up["page"].rpartition(":")[2],
        }
    if name == "transition_review":
        own |= {"PAGE_PORT": up["ending_page"].rpartition(":")[2], "PAGE_ORIGIN": up["ending_page"]}
    if name == "console":
        own |= {
            "DEMO_LOGIN": "loopback",
            "PAGE_PORT": up["web"].rpartition(":")[2],
            "ACTOR_SEED": base64.b64encode(console_key(home).private_bytes_raw()).decode(),
            "PLAN_URL": up["page"],
            "ENDING_URL": up["ending_page"],
        }
    if name == "notifications":
        host, _, smtp_port = up["smtp"].rpartition(":")
        own |= {"SMTP_HOST": host, "SMTP_PORT": smtp_port, "SMTP_TLS": "off", "MAIL_DOMAINS": "*"}  # all are caught
        own |= {"CONSOLE_URL": up["web"], "PUBLIC_URL": up[_LINKS], "PAGE_PORT": up[_LINKS].rpartition(":")[2]}
        own["LINK_SECRET"] = home.secrets([_LINK_SECRET])[_LINK_SECRET]
    return {f"{name.upper()}_{setting}": value for setting, value in own.items()}
