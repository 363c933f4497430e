"""Texts of others as people and machines may read them: what hides itself is shown as a mark, and lines stay lines."""

import re

MARK = "\ufffd"
# Whatever Unicode, HTTP, SMTP or an editor takes for the end of a line.
_BREAKS = re.compile("\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, the bidirectional ones among them; halves of surrogate pairs; what has no meaning; invisible tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def readable(text: str) -> str:
    """Return the text with line breaks as \\n, tabs as spaces, and a mark for each character that hides itself."""
    return _UNSEEN.sub(MARK, _BREAKS.sub("\n", text).replace("\t", " "))


def one_line(text: str, most: int = 200) -> str:
    """Return the text as a single line of at most `most` characters; what is cut off is shown by an ellipsis."""
    line = " ".join(readable(text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
