"""Arrays sent as one text arrive as they were."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import asyncpg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import example, given
from hypothesis import strategies as st

from shared import arrays

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


class Postgres:
    """Sends arrays, and tells what arrived."""

    def __init__(self, portal: BlockingPortal, address: str) -> None:
        self._portal = portal
        self._connection = portal.call(asyncpg.connect, address)

    def ask(self, sql: str, literal: str) -> object:
        return self._portal.call(self._connection.fetchval, sql, literal)

    def close(self) -> None:
        self._portal.call(self._connection.close)


@pytest.fixture(scope="module")
def sent(postgres: str) -> Iterator[Postgres]:
    """A connection that examples share."""
    with start_blocking_portal() as portal:
        connection = Postgres(portal, postgres)
        try:
            yield connection
        finally:
            connection.close()


@given(values=st.lists(_TEXT, max_size=20))
@example(values=[])
@example(values=[""])
@example(values=["null", "NULL", "{}", ",", '"', "\\", '\\"', '","', " a ", "\n"])
@example(values=['","', '"', ""])
def test_texts_arrive_as_they_were(sent: Postgres, values: list[str]) -> None:
    """Whatever they hold."""
    assert sent.ask("SELECT $1::text::text[]", arrays.texts(values)) == values


def test_numbers_dates_and_moments_arrive_as_they_were(sent: Postgres) -> None:
    """With their smallest and largest values."""
    numbers = [0.0, 5e-324, 1e15, 0.1, 1e-7, 123456789.123456]
    assert sent.ask("SELECT $1::text::float8[]", arrays.plain(numbers)) == numbers
    days = [date(1, 1, 1), date(2026, 11, 23), date(9999, 12, 31)]
    assert sent.ask("SELECT $1::text::date[]", arrays.plain(days)) == days
    moments = [datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)]
    assert sent.ask("SELECT $1::text::timestamptz[]", arrays.plain(moments)) == moments
    assert sent.ask("SELECT $1::text::int[]", arrays.plain([])) == []
