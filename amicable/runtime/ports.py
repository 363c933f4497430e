"""TCP ports on 127.0.0.1: the wanted one where it is free, otherwise any that is."""

import random
import socket

# Below the range the kernel takes ports for outgoing connections from, so that none of those gets in between.
_OTHERS = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
        return True


def choose(wanted: int | None = None) -> int:
    """The wanted port if it is free, otherwise a random free one.

    Another process may take it before the server does: whoever starts a server asks again when it could not listen
    (`Child.found_port_taken`).
    """
    if wanted is not None and is_free(wanted):
        return wanted
    while not is_free(port := random.choice(_OTHERS)):  # noqa: S311  a port is no secret
        pass
    return port
