"""Where there is no Docker, looking for it leaves nothing behind."""

import gc

import pytest

from tests import containers


@pytest.mark.filterwarnings("error")
def test_looking_for_docker_in_vain_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    assert not containers.are_at_hand()
    gc.collect()  # a socket left open would fail this test, at its end
