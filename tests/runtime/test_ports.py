"""A port that somebody has is left to them."""

import socket

from amicable.runtime import ports


def test_wanted_port_is_chosen_where_it_is_free() -> None:
    free = ports.choose()
    assert ports.choose(free) == free


def test_taken_port_is_avoided() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.choose(taken) != taken


def test_port_that_is_taken_on_all_addresses_is_avoided() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104  the case at hand
        assert not ports.is_free(other.getsockname()[1])
