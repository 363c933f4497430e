"""A document as a tagged PDF on A4 (PDF/UA-1), set by Typst. Texts go in as data: nothing in them is markup."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from shared.documents import tree
from shared.documents.tree import Document

LONGEST_WORD = 24  # characters that fit into the narrowest column
_LONG = re.compile(rf"\S{{{LONGEST_WORD},}}")
_BREAK_HERE = "\u200b"  # may be broken here, without a hyphen
_NO_LETTER = "could not be displayed"


def render(document: Document) -> bytes:
    """Return the document as PDF: the same document, the same bytes, wherever the same fonts are.

    Latin, Greek, Cyrillic and Hebrew are set in what Typst brings along; other scripts in a font of the machine. Where
    it has none for a letter, that letter is a box and the file is tagged, but does not claim to be PDF/UA-1.
    """
    said = {"document": json.dumps(_breakable(_content(document)), ensure_ascii=False)}
    try:
        return _compile(said, document, ["ua-1"])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return _compile(said, document, [])


def _compile(said: Mapping[str, str], document: Document, standards: list[Any]) -> bytes:
    return typst.compile(
        _template(),
        format="pdf",
        sys_inputs=dict(said),
        pdf_standards=standards,
        font_paths=_fonts(),
        timestamp=int(document.at.timestamp()),
    )


@cache
def _template() -> bytes:
    return (files(__package__ or "") / "document.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()


def _content(document: Document) -> dict[str, Any]:
    """Return the document as JSON values; each block says what it is."""
    said = asdict(document) | {"language": tree.LANGUAGE, "at": document.at.isoformat()}
    said["blocks"] = [{"is": type(one).__name__.lower(), **asdict(one)} for one in document.blocks]
    return said


def _breakable(value: Any) -> Any:
    """Let words that are longer than a column be broken anywhere."""
    if isinstance(value, str):
        return _LONG.sub(lambda word: _BREAK_HERE.join(word[0]), value)
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    return [_breakable(one) for one in value] if isinstance(value, list | tuple) else value
