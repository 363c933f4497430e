"""Takes every mail and sends none: SMTP on one port, the mails on the other, as a page and as Mailpit's API.

`python -m amicable.runtime.mail_catcher --smtp-port N --http-port N --store FOLDER`; on 127.0.0.1 only.
"""

import argparse
import json
import signal
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from amicable.runtime.mail_page import MAIL_POLICY, PAGE_POLICY, STYLE, page
from amicable.runtime.mail_store import MailStore

_LARGEST = 32 * 1024 * 1024
_JSON = "application/json"
_HTML = "text/html; charset=utf-8"
_OWN_NAMES = {"127.0.0.1", "localhost"}


class _Keep:
    """What the SMTP server does with a mail."""

    def __init__(self, store: MailStore) -> None:
        self.store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its name
        content = envelope.content or b""
        self.store.keep(content if isinstance(content, bytes) else content.encode())
        return "250 Ok"


class _Http(BaseHTTPRequestHandler):
    """Mailpit's API as far as listing, reading and deleting, and the page for people."""

    store: MailStore

    def do_GET(self) -> None:
        if not self._asked_by_our_name():
            return
        url = urlsplit(self.path)
        match url.path.strip("/").split("/"):
            case ["livez"] | ["readyz"]:
                self._answer("ok", "text/plain")
            case ["api", "v1", "messages"]:
                self._answer(json.dumps(self._list(parse_qs(url.query))), _JSON)
            case ["api", "v1", "message", mail_id]:
                self._answer_mail(self.store.details(mail_id))
            case ["style.css"]:
                self._answer(STYLE, "text/css")
            case [""]:
                self._answer(page(self._summaries(), None), _HTML, PAGE_POLICY)
            case ["mail", mail_id] if mail := self.store.details(mail_id):
                self._answer(page(self._summaries(), mail), _HTML, PAGE_POLICY)
            case ["mail", mail_id, "html"] if mail := self.store.details(mail_id):
                self._answer(mail["HTML"], _HTML, MAIL_POLICY)
            case _:
                self._answer_mail(None)

    def do_DELETE(self) -> None:
        if not self._asked_by_our_name():
            return
        if self.path != "/api/v1/messages":
            self._answer_mail(None)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            named = json.loads(body or b"{}").get("IDs")
        except (ValueError, AttributeError):
            self._answer(json.dumps({"Error": "not a JSON object"}), _JSON, status=HTTPStatus.BAD_REQUEST)
            return
        self.store.delete(named or None)
        self._answer("ok", "text/plain")

    def _asked_by_our_name(self) -> bool:
        """A page elsewhere may have its own name point here; then it must not read the mails."""
        if (urlsplit(f"//{self.headers.get('Host', '')}").hostname or "") in _OWN_NAMES:
            return True
        self._answer("ask for 127.0.0.1 or localhost", "text/plain", status=HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """A page of mails, 50 where no limit is given, as Mailpit."""
        start, limit = (_number(query, name, default) for name, default in (("start", 0), ("limit", 50)))
        ids = self.store.ids()
        listed = [mail for mail_id in ids[start : start + limit] if (mail := self.store.summary(mail_id))]
        counts = {"total": len(ids), "messages_count": len(ids), "count": len(listed), "start": start}
        return counts | {"messages": listed}

    def _summaries(self) -> list[dict[str, Any]]:
        return [mail for mail_id in self.store.ids() if (mail := self.store.summary(mail_id))]

    def _answer_mail(self, mail: dict[str, Any] | None) -> None:
        if mail is None:
            self._answer(json.dumps({"Error": "not found"}), _JSON, status=HTTPStatus.NOT_FOUND)
        else:
            self._answer(json.dumps(mail), _JSON)

    def _answer(
        self, body: str, kind: str, policy: str = "default-src 'none'", *, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing: a log of every look at the page helps nobody."""


def _number(query: dict[str, list[str]], name: str, default: int) -> int:
    value = query.get(name, [""])[0]
    return int(value) if value.isdecimal() else default


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser(prog="mail_catcher", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    options = parser.parse_args(arguments)
    store = MailStore(options.store)
    signal.signal(signal.SIGTERM, _end)
    handler = type("Http", (_Http,), {"store": store})
    smtp = Controller(
        _Keep(store), hostname="127.0.0.1", port=options.smtp_port, data_size_limit=_LARGEST, enable_SMTPUTF8=True
    )
    smtp.start()
    try:
        # Last, so that whoever is answered here finds the other port open too.
        with ThreadingHTTPServer(("127.0.0.1", options.http_port), handler) as http:
            http.serve_forever()
    finally:
        smtp.stop()


if __name__ == "__main__":
    main()
