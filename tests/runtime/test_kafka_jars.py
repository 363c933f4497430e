"""Kafka is what was committed, or it is not installed at all."""

import sys
from pathlib import Path

import pytest

from amicable.runtime import kafka_jars
from amicable.runtime.errors import RuntimeProblem


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation without jars, and a repository that has one of them."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(kafka_jars, "_LOCK", tmp_path / "lock.txt")
    jar = tmp_path / "one-1.0.jar"
    jar.write_bytes(b"content")
    monkeypatch.setattr(kafka_jars, "_download", lambda coordinates, _folder: [(one, jar) for one in coordinates])
    return tmp_path


def test_locked_jar_is_installed(installation: Path) -> None:
    sha256 = kafka_jars._sha256(installation / "one-1.0.jar")
    (installation / "lock.txt").write_text(f"{sha256} example:one:1.0\n")
    assert [jar.name for jar in kafka_jars.folder().iterdir()] == ["one-1.0.jar"]


def test_jar_that_differs_is_refused_and_nothing_remains(installation: Path) -> None:
    (installation / "lock.txt").write_text(f"{'0' * 64} example:one:1.0\n")
    with pytest.raises(RuntimeProblem, match=r"example:one:1\.0 is not the file that lock\.txt names"):
        kafka_jars.folder()
    assert list((installation / "share" / "amicable").iterdir()) == []
