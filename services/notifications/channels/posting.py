"""Handing a message over by an HTTP POST, and what each answer means."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from services.notifications.channels.channel import Gone, Permanent, Throttled, Transient, Unreachable
from services.notifications.channels.guarded_http import Answer, GuardedHttp, Unanswered
from services.notifications.channels.urls import Refused

LONGEST_REST = timedelta(hours=1)
_GONE = frozenset({404, 410})
_NOT_LET_IN = frozenset({401, 403})
_LATER = frozenset({408, 425})


async def hand_over(http: GuardedHttp, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post the body. Raises Permanent, Throttled or Transient unless the answer is 2xx."""
    try:
        answer = await http.post(url, body, {"Content-Type": "application/json", **headers})
    except Refused as refused:
        raise Gone(str(refused)) from None
    except Unanswered as silence:
        raise Unreachable(str(silence)) from None
    if not 200 <= answer.status < 300:
        raise _meant(answer)


def wrong(http: GuardedHttp, url: str) -> str | None:
    """Say why we would send nothing to this URL; None where we would."""
    try:
        http.host(url)
    except Refused as refused:
        return str(refused)
    return None


def destination(http: GuardedHttp, url: str) -> str:
    """Return the URL's host; what is refused goes nowhere."""
    try:
        return http.host(url)
    except Refused:
        return "nowhere"


def _meant(answer: Answer) -> Permanent | Throttled | Transient:
    status, rest = answer.status, _rest(answer.headers.get("retry-after"))
    if status == 429 or (status == 503 and rest is not None):
        return Throttled(f"the host asks for a rest ({status})", rest)
    if status in _GONE:
        return Gone(f"the host does not know this address any more ({status})")
    if status in _NOT_LET_IN:
        return Gone(f"the host does not let us in at this address any more ({status})")
    if 300 <= status < 400:
        return Gone(f"the host points elsewhere, where we do not go ({status})")
    if status >= 500 or status in _LATER:
        return Transient(f"the host cannot take it now ({status})")
    return Permanent(f"the host refused it ({status})")


def _rest(said: str | None) -> timedelta | None:
    """Read Retry-After: seconds, or a date; an hour at most, None where it says nothing that we understand."""
    if said is None:
        return None
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=min(int(said[:9]), 86_400)), LONGEST_REST)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(aware - datetime.now(UTC), timedelta(0)), LONGEST_REST)
