"""The mails are read from the catcher itself, page by page."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from amicable.demo.mailbox import Mail, caught
from amicable.problems import Problem

MAILS = [
    {"ID": str(n), "MessageID": f"{n}@amicable.example", "To": [{"Name": "", "Address": "ana@x.example"}],
     "Subject": f"Action needed: {n} & Ço"} for n in range(230)
]  # fmt: skip


class _Mailpit(BaseHTTPRequestHandler):
    answer = "{}"

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        start, limit = int(query["start"][0]), int(query["limit"][0])
        content = self.answer or json.dumps({"total": len(MAILS), "messages": MAILS[start : start + limit]})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def catcher(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Handler", (_Mailpit,), {"answer": getattr(request, "param", "")})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_every_page_is_read(catcher: str) -> None:
    mails = await caught(catcher)
    assert len(mails) == 230
    assert mails[229] == Mail("229@amicable.example", ("ana@x.example",), "Action needed: 229 & Ço")


@pytest.mark.parametrize("catcher", ["{}", "<html>", "[]"], indirect=True)
async def test_something_else_on_the_port_is_said_in_a_sentence(catcher: str) -> None:
    with pytest.raises(Problem, match=r"The mail catcher does not answer at http://127\.0\.0\.1"):
        await caught(catcher)


async def test_no_catcher_is_said_in_a_sentence() -> None:
    with pytest.raises(Problem, match="is it running"):
        await caught("http://127.0.0.1:1")
