"""The passwords of roles: one can log in with them, and no statement that Postgres is sent holds one."""

from pathlib import Path

import asyncpg
import pytest

from amicable import migrate, scram
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres
from shared import database

_CHOSEN = (
    "plain-and-gehe1m",
    "it's \\ 100% gehe1m: $4096",
    "gehe1m-ﬁ-ª-\u00adsoft\u3000wide",  # prepared: both sides must do it alike
    "gehe1m-סוד",  # not prepared: it runs both ways
    "gehe1m-\u0007\u00e9-bell",  # nor this
    "סוד",
    "console-gehe1m",
)
PASSWORDS = dict(zip(migrate.ROLES, _CHOSEN, strict=True))


async def _log_in(server: str, role: str, password: str) -> str:
    dsn = migrate.with_database(server, migrate.DATABASE, user=role, password="")
    connection = await asyncpg.connect(dsn, password=password)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def test_no_statement_holds_a_password_that_a_role_logs_in_with(tmp_path: Path) -> None:
    """Not when the role is made and not when its password is changed, though Postgres logs every statement."""
    home = Home(tmp_path)
    async with running_postgres(home, wanted_port=None, durable=False) as running:
        admin = await asyncpg.connect(running.address)
        await admin.execute("ALTER SYSTEM SET log_statement = 'all'")
        await admin.execute("SELECT pg_reload_conf()")
        await migrate.migrate(running.address, dict.fromkeys(migrate.ROLES, "an-earlier-gehe1m"))
        await migrate.migrate(running.address, PASSWORDS)
        for role, password in PASSWORDS.items():
            assert await _log_in(running.address, role, password) == role
            with pytest.raises(database.LOCKED_OUT):
                await _log_in(running.address, role, "an-earlier-gehe1m")
        await admin.close()
    said = (home.logs / "postgres.log").read_text()
    for words in ("CREATE ROLE", "ALTER ROLE"):
        assert f"{words} {migrate.READER} LOGIN" in said
    assert "gehe1m" not in said
    assert "סוד" not in said


def test_verifier_is_salted() -> None:
    """Two roles with one password do not look alike."""
    one, two = scram.verifier("gehe1m"), scram.verifier("gehe1m")
    assert one != two
    assert one.startswith("SCRAM-SHA-256$4096:")
