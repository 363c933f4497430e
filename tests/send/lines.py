"""Lines of upstream events for the tests of `amicable send`."""

import json
from pathlib import Path
from typing import Any


def usage(event_id: str, customer_id: str = "acme", **fields: Any) -> bytes:
    """Return one good line, without its line break."""
    event = {
        "type": "UsageRecorded",
        "event_id": event_id,
        "customer_id": customer_id,
        "occurred_at": "2026-03-02T14:05:09+01:00",
        "metric": "logins",
    }
    return json.dumps(event | fields, ensure_ascii=False).encode()


def write(path: Path, *lines: bytes, end: bytes = b"\n") -> str:
    """Write the lines into a file and return its name."""
    path.write_bytes(end.join([*lines, b""]))
    return str(path)
