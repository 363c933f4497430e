"""Answers that say nothing of anybody: a link that opens nothing looks the same whatever the reason."""

from http import HTTPStatus

from fastapi.responses import HTMLResponse, Response

from shared.page import rendering

_PLAIN = {
    HTTPStatus.NOT_FOUND: (
        "Nothing here",
        "This link opens nothing: it has run out, or is not complete. Please ask whoever sent it for another one.",
    ),
    HTTPStatus.BAD_REQUEST: ("Not understood", "Please go back, load the page again, and send it once more."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too often", "That was a lot at once. Please wait some minutes, then try again."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("One moment", "The page is busy. Please try again in a minute."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Something went wrong", "It was noted. Please try again later."),
}


def plain(status: HTTPStatus) -> Response:
    """Return the page that says no more than a status."""
    wait = {"retry-after": "600"} if status is HTTPStatus.TOO_MANY_REQUESTS else {}
    return HTMLResponse(rendering.plain_page(*_PLAIN[status]), status, headers=wait)
