"""Whatever the clock's file holds that is no moment is answered by one sentence."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from amicable.driven_clock import driven
from amicable.problems import UNREACHABLE, Problem


def test_the_moment_that_drives_the_clock_is_read(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    assert driven(file) is None
    file.write_text("2026-01-31T10:00:00+01:00\n")
    assert driven(file) == datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize("held", [b"", b"tomorrow", b"2026-01-31T09:00:00", b"\xff\xfe"])
def test_what_is_no_moment_is_refused_with_the_file_and_what_to_do(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "clock"
    file.write_bytes(held)
    with pytest.raises(Problem, match=f"The clock file {file} does not hold a moment .*, or remove it") as refused:
        driven(file)
    assert refused.value.code == UNREACHABLE


def test_clock_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=f"The clock file {tmp_path} cannot be read: Is a directory"):
        driven(tmp_path)
