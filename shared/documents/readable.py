"""Texts as documents show them: what is not seen, but changes how a text is read, is shown as a mark."""

import re

MARK = "\ufffd"
_BREAKS = re.compile("\r\n?|\u2028|\u2029|\u0085|\v|\f")
# Controls, the bidirectional ones among them; halves of surrogate pairs; what Unicode gives no meaning; invisible tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LAST_OF_A_PLANE = frozenset({0xFFFE, 0xFFFF})


def readable(text: str) -> str:
    """Return the text with line breaks as \\n, tabs as spaces, and a mark for each character that hides itself."""
    text = _UNSEEN.sub(MARK, _BREAKS.sub("\n", text).replace("\t", " "))
    return "".join(MARK if ord(one) & 0xFFFF in _LAST_OF_A_PLANE else one for one in text)
