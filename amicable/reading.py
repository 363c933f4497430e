"""Reads what a service keeps, and says in a sentence what stands in the way: each obstacle is mended otherwise."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from amicable.problems import Problem, no_answer
from shared import database
from shared.database import Transaction

Found = TypeVar("Found")


async def read(dsn: str, schema: str, now: datetime, ask: Callable[[Transaction], Awaitable[Found]]) -> Found:
    """Return what `ask` finds in the schema, in a transaction that cannot write. Raises Problem."""
    with _sentences(dsn, schema):
        async with database.reading(dsn, schema, now) as tx:
            # Without this right its tables are not refused, but not seen.
            if not await tx.value("SELECT has_schema_privilege($1, 'USAGE')", schema):
                raise _no_right(dsn, schema, f"permission denied for schema {schema}")
            return await ask(tx)


@contextmanager
def _sentences(dsn: str, schema: str) -> Iterator[None]:
    """Turn what Postgres and the network raise into a sentence without the password."""
    host, name = _place(dsn)
    try:
        yield
    except database.LOCKED_OUT:
        raise Problem(f"Postgres at {host} refuses the user or the password: check the address.") from None
    except database.NO_DATABASE:
        raise Problem(f"Postgres at {host} has no database {name}: check the address.") from None
    except database.NO_TABLE as error:
        raise Problem(
            f"The database {name} at {host} is not the one of this version of {schema} ({error}): check the address, or"
            " run `amicable db migrate`."
        ) from None
    except database.NO_RIGHT as error:
        raise _no_right(dsn, schema, str(error)) from None
    except database.UNREACHABLE as error:
        if not database.is_transient(error):
            raise Problem(f"Postgres at {host} cannot do that: {error}.") from None
        raise no_answer("Postgres", host, error) from None


def _place(dsn: str) -> tuple[str, str]:
    """Return the server and the database that an address leads to."""
    parts = urlsplit(dsn)
    return parts.netloc.rpartition("@")[2], parts.path.removeprefix("/")


def _no_right(dsn: str, schema: str, why: str) -> Problem:
    host, name = _place(dsn)
    return Problem(
        f"The database {name} at {host} does not let {urlsplit(dsn).username} read {schema} ({why}): run `amicable db"
        " migrate`, which gives every role its rights."
    )
