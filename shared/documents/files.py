"""A document as a file that somebody is given: what it is called, of what type it is, and how it is drawn."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class File:
    """See the module. draw: takes a while, and nothing but what was gathered before."""

    name: str
    media_type: str
    draw: Callable[[], bytes]

    @property
    def disposition(self) -> str:
        """How a browser is told to save it (RFC 6266)."""
        quoted = quote(self.name)
        return f"attachment; filename={quoted}" if quoted == self.name else f"attachment; filename*=utf-8''{quoted}"


def safe(text: str) -> str:
    """Return an id as a part of a file's name: no folder, no dot in front."""
    return re.sub(r"[^\w-]+", "-", text).strip("-") or "customer"
