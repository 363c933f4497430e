"""PostgreSQL comes up wherever it is put, as any user, and has after any end what it had committed."""

import os
import signal
import socket

import asyncpg
import pytest

from amicable.runtime import ports
from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres


async def value(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_what_postgres_committed_is_there_after_a_stop_and_after_a_kill(home: Home) -> None:
    async with running_postgres(home, wanted_port=None) as first:
        await value(first.address, "CREATE TABLE kept AS SELECT 'before the stop' AS word")
    async with running_postgres(home, wanted_port=None) as second:
        await value(second.address, "INSERT INTO kept VALUES ('before the kill')")
        assert second.child
        os.kill(second.child.pid, signal.SIGKILL)
        await second.child.wait()
    async with running_postgres(home, wanted_port=None) as third:
        words = await value(third.address, "SELECT array_agg(word ORDER BY word) FROM kept")
        assert words == ["before the kill", "before the stop"]


async def test_postgres_asks_for_its_password_and_listens_on_this_machine_alone(home: Home) -> None:
    async with running_postgres(home, wanted_port=None) as running:
        assert await value(running.address, "SHOW listen_addresses") == "127.0.0.1"
        assert await value(running.address, "SHOW fsync") == "on"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await value(running.address.replace("postgres:", "postgres:not", 1), "SELECT 1")
        assert "not" not in running.shown
        assert home.secrets(["postgres_admin"])["postgres_admin"] not in running.shown


async def test_durability_can_be_given_up_for_speed(home: Home) -> None:
    async with running_postgres(home, wanted_port=None, durable=False) as running:
        assert await value(running.address, "SHOW fsync") == "off"


async def test_postgres_takes_another_port_where_the_wanted_one_is_taken(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with running_postgres(home, wanted_port=taken) as running:
            assert f":{taken}/" not in running.address


async def test_postgres_that_loses_the_race_for_its_port_tries_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        chosen_first, choose = [taken], ports.choose
        monkeypatch.setattr(ports, "choose", lambda wanted=None: chosen_first.pop() if chosen_first else choose())
        async with running_postgres(home) as running:
            assert not chosen_first
            assert f":{taken}/" not in running.address


async def test_killed_servers_pid_may_be_somebody_elses_now(home: Home) -> None:
    async with running_postgres(home, wanted_port=None):
        pass
    (home.postgres / "data" / "postmaster.pid").write_text(f"{os.getppid()}\n{home.postgres / 'data'}\n0\n1\n\n\n\n")
    async with running_postgres(home, wanted_port=None) as running:
        assert await value(running.address, "SELECT 1") == 1


async def test_creation_that_was_cut_short_is_done_again(home: Home) -> None:
    (home.postgres / "new").mkdir()
    (home.postgres / "new" / "PG_VERSION").write_text("18\n")
    async with running_postgres(home, wanted_port=None) as running:
        assert await value(running.address, "SELECT 1") == 1


async def test_lost_password_is_told_in_a_sentence(home: Home) -> None:
    async with running_postgres(home, wanted_port=None):
        pass
    (home.root / "secrets.json").unlink()
    with pytest.raises(RuntimeProblem, match=r"another password than secrets\.json holds"):
        async with running_postgres(home, wanted_port=None):
            pass


async def test_postgres_that_cannot_start_says_where_its_log_is_and_how_it_ends(home: Home) -> None:
    async with running_postgres(home, wanted_port=None):
        pass
    (home.postgres / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(RuntimeProblem, match="postgres ended at its start") as failure:
        async with running_postgres(home, wanted_port=None):
            pass
    assert str(home.logs / "postgres.log") in str(failure.value)
    assert "no_such_setting" in str(failure.value)
