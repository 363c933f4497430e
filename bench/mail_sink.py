"""An SMTP server as a process of its own that takes every mail and keeps none: `python -m bench.mail_sink PORT`."""

import signal
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """What the server does with a mail."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802  its name
        """Take it."""
        return "250 OK"


if __name__ == "__main__":
    server = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]))
    server.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()
