"""Stands before the page: bounds what comes in, refuses what other sites send, and says how browsers must treat it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_SECONDS = 10.0
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_TLS = {"strict-transport-security": "max-age=31536000"}


@dataclass(frozen=True)
class Policy:
    """What browsers may load and tell, and whether a form is taken whose origin an old browser does not say.

    programs_below: where programs send things with a key, which no other site can make a browser add. most_bytes: of a
    body; the longest text fits in, every character of it written as %XX four times.
    """

    content: str
    referrer: str
    takes_unsaid_origin: bool
    programs_below: str | None = None
    most_bytes: int = 64_000


_CONTENT = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
BY_LINK = Policy(_CONTENT, referrer="no-referrer", takes_unsaid_origin=True)  # addresses hold tokens
BY_LOGIN = Policy(
    f"{_CONTENT}; script-src 'self'; img-src 'self'; connect-src 'self'",
    "same-origin",
    takes_unsaid_origin=False,
    most_bytes=260_000,
)


class Shield:
    """An ASGI application around the page's."""

    def __init__(self, app: ASGIApp, *, secure: bool, policy: Policy = BY_LINK) -> None:
        """`secure`: browsers are told to come over TLS alone."""
        self._app = app
        self._policy = policy
        said = {"content-security-policy": policy.content, "referrer-policy": policy.referrer}
        self._headers: Mapping[str, str] = {**said, **_HEADERS, **(_TLS if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] == "POST" and not (
            self._comes_from_here(headers) or self._is_program(scope["path"], headers)
        ):
            await PlainTextResponse("This was sent by another site.", 403)(scope, receive, dressed)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(headers, receive, self._policy.most_bytes)
        except TimeoutError:
            await PlainTextResponse("This took too long to arrive.", 408)(scope, receive, dressed)
            return
        if body is None:
            await PlainTextResponse("This is too much at once.", 413)(scope, receive, dressed)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # no text that Postgres can compare with
            await PlainTextResponse("There is no such page.", 404)(scope, receive, dressed)
            return
        await self._app(scope, _given(body, receive), dressed)

    def _comes_from_here(self, headers: Headers) -> bool:
        """Browsers say where a form was sent from; without a referrer an old one says only `null`."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin in (None, "null"):
            return self._policy.takes_unsaid_origin
        return origin.partition("://")[2] == headers.get("host")

    def _is_program(self, path: str, headers: Headers) -> bool:
        """Tell whether it is for programs and comes with a key: then nothing that a browser keeps counts."""
        below = self._policy.programs_below
        has_key = headers.get("authorization", "")[:7].lower() == "bearer "
        return below is not None and path.startswith(below) and has_key and "cookie" not in headers


async def _body(headers: Headers, receive: Receive, most_bytes: int) -> bytes | None:
    """Return the body, None where it is larger than any form."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most_bytes:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most_bytes:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _given(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out the body that was read, then whatever comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
