"""The one clock: real, or what a file says, which only moves forward."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared import clock

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_clock_is_real_without_a_file(tmp_path: Path) -> None:
    """And while the file is not there."""
    for tell in (clock.clock(None), clock.clock(tmp_path / "clock")):
        assert abs(tell() - datetime.now(UTC)) < timedelta(seconds=5)


def test_clock_says_what_the_file_says(tmp_path: Path) -> None:
    """At every look, in UTC, whatever offset was written."""
    file = tmp_path / "clock"
    tell = clock.clock(file)
    clock.move(file, NOON)
    assert tell() == NOON
    clock.move(file, NOON + timedelta(days=7))
    assert tell() == NOON + timedelta(days=7)
    file.write_text("2026-03-01T01:00:00+01:00\n")
    assert tell().isoformat() == "2026-03-01T00:00:00+00:00"


def test_clock_only_moves_forward(tmp_path: Path) -> None:
    """A move back is refused, and changes nothing."""
    file = tmp_path / "clock"
    clock.move(file, NOON)
    with pytest.raises(ValueError, match="only moves forward"):
        clock.move(file, NOON - timedelta(seconds=1))
    assert clock.read(file) == NOON
    assert [entry.name for entry in tmp_path.iterdir()] == ["clock"]


@pytest.mark.parametrize("text", ["", "soon", "2026-01-31T12:00:00"])
def test_file_that_holds_no_moment_is_named(tmp_path: Path, text: str) -> None:
    """Nobody guesses a time."""
    file = tmp_path / "clock"
    file.write_text(text)
    with pytest.raises(ValueError, match=str(file)):
        clock.read(file)
