"""The signed webhook: one JSON object, signed as standardwebhooks.com describes, with one key or two.

The signature is HMAC-SHA256 over `ID.TIMESTAMP.BODY`. While keys are exchanged both sign, and receivers take either.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence

from services.notifications.channels import posting
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.domain.parcel import Parcel

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64


class Webhook:
    """Posts what happened to a URL, for a machine."""

    name = "webhook"

    def __init__(self, http: GuardedHttp, keys: Sequence[bytes], *, now: Callable[[], float] = time.time) -> None:
        """keys: one, or two while they are exchanged (read_keys). now: the real time, which receivers compare."""
        self._http = http
        self._keys = tuple(keys)
        self._now = now

    def destination(self, parcel: Parcel) -> str:
        """Return the URL's host."""
        return posting.destination(self._http, parcel.address)

    def wrong(self, address: str) -> str | None:
        """Say why nothing would be sent to this URL."""
        return posting.wrong(self._http, address)

    async def send(self, parcel: Parcel) -> None:
        """Post the message. Raises Permanent, Throttled or Transient."""
        content = body(parcel)
        moment = str(int(self._now()))
        signatures = " ".join(signature(key, parcel.key, moment, content) for key in self._keys)
        headers = {
            "webhook-id": parcel.key,
            "webhook-timestamp": moment,
            "webhook-signature": signatures,
            "Idempotency-Key": parcel.key,
        }
        await posting.hand_over(self._http, parcel.address, content, headers)

    async def close(self) -> None:
        """Close the way out, which other channels share: when all of them have left."""
        await self._http.close()


def body(parcel: Parcel) -> bytes:
    """Return what is posted: the message as people read it, and the fact that it tells of."""
    told = {
        "id": parcel.key,
        "sent_at": parcel.sent_at.isoformat(),
        "urgency": parcel.urgency,
        "subject": parcel.subject,
        "text": parcel.text,
        "link": parcel.link,
        "fact": dict(parcel.fact),
    }
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def signature(key: bytes, message_id: str, moment: str, content: bytes) -> str:
    """Return the signature of one key: `v1,` and HMAC-SHA256 over `ID.TIMESTAMP.BODY` in base64."""
    signed = b".".join((message_id.encode(), moment.encode(), content))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def read_keys(text: str) -> tuple[bytes, ...]:
    """Read one key or two, with a comma: `whsec_` and 24 to 64 bytes in base64. Raises ValueError with a sentence."""
    written = [one.strip() for one in text.split(",")]
    if not 1 <= len(written) <= 2:
        raise ValueError("one key, or two while they are exchanged")
    keys = []
    for one in written:
        try:
            key = base64.b64decode(one.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not one.startswith(PREFIX) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValueError(f"each key is {PREFIX} and {SHORTEST_KEY} to {LONGEST_KEY} random bytes in base64")
        keys.append(key)
    return tuple(keys)
