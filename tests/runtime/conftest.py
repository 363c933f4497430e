"""Homes for the tests, at paths that careless quoting and encoding break on."""

from pathlib import Path

import pytest

from amicable.runtime.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of the test's own; the parts are handed to it as to any other."""
    return Home(tmp_path / "my café, at home")
