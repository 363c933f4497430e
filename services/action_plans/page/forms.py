"""What the page's forms send: bounded, checked as the contracts do, and proved to come from the page itself."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from shared.contracts.fields import plain_text

MOST_FIELDS = 10
LONGEST_COMMENT = 2_000
LONGEST_REASON = 4_000
_CODE = re.compile(r"[0-9]{6}")
_ENTRY = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Forged(Exception):
    """The body is no form of this page."""


class Wrong(Exception):
    """What was typed cannot be taken; `says`: one sentence for whoever typed it."""

    def __init__(self, says: str) -> None:
        """One sentence: what, and what to do."""
        super().__init__(says)
        self.says = says


def key_of(token: str) -> str:
    """Return what every form of a link's page carries: whoever does not know the link cannot make it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Form:
    """The fields of a form."""

    fields: Mapping[str, str]

    @classmethod
    def read(cls, body: bytes, token: str) -> "Form":
        """Read a body. Raises Forged where it was not made by the page of this link."""
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise Forged from None
        form = cls(dict(pairs))
        if not hmac.compare_digest(form.fields.get("key", "").encode(), key_of(token).encode()):
            raise Forged
        return form

    def text(self, name: str, what: str, longest: int) -> str:
        """Return a text with plain line ends, nothing around it. what: as the sentence calls it. Raises Wrong."""
        text = self.fields.get(name, "").replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            raise Wrong(f"{what} is empty: please write something first.")
        if len(text) > longest:
            raise Wrong(f"{what} is too long: it has {len(text):,} characters, and there is room for {longest:,}.")
        try:
            return plain_text(text)
        except ValueError:
            raise Wrong(f"{what} holds control characters, which nobody can read: please take them out.") from None

    def raw(self, name: str) -> str:
        """Return what was typed, to be shown again, without what nobody can read."""
        return "".join(one for one in self.fields.get(name, "") if one.isprintable() or one in "\t\n")

    @property
    def content_hash(self) -> str:
        """The content that was on the screen."""
        return self._matching("content_hash", _HASH)

    @property
    def entry(self) -> str:
        """What makes a form sent twice one entry."""
        return self._matching("entry", _ENTRY)

    @property
    def code(self) -> str:
        """The code that was typed, without the blanks that people put into it. Raises Wrong."""
        code = re.sub(r"[\s-]", "", self.fields.get("code", "")[:50])
        if not _CODE.fullmatch(code):
            raise Wrong("The code has six digits: please type it as it is in the mail.")
        return code

    def _matching(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.fields.get(name, "")
        if not pattern.fullmatch(value):
            raise Forged
        return value
