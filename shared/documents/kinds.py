"""The kinds of document that everything can be drawn as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.documents import html, markdown, pdf, word
from shared.documents.tree import Document

Made = TypeVar("Made")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Kind(Generic[Made]):
    """A kind of document. ending: of the file's name; is_text: it can be read in a terminal."""

    ending: str
    label: str
    media_type: str
    is_text: bool
    render: Callable[[Made], bytes]


KINDS: Mapping[str, Kind[Document]] = {
    kind.ending: kind
    for kind in (
        Kind("pdf", "PDF", "application/pdf", False, pdf.render),
        Kind("docx", "Word", _WORD, False, word.render),
        Kind("md", "Markdown", "text/markdown; charset=utf-8", True, lambda said: markdown.render(said).encode()),
        Kind("html", "web page", "text/html; charset=utf-8", True, lambda said: html.render(said).encode()),
    )
}


def kinds_of(said: Callable[[Made], Document]) -> dict[str, Kind[Made]]:
    """Return every kind for things of which a document can be made. said: what it says of such a thing."""

    def drawn(kind: Kind[Document]) -> Kind[Made]:
        return Kind(kind.ending, kind.label, kind.media_type, kind.is_text, lambda made: kind.render(said(made)))

    return {ending: drawn(kind) for ending, kind in KINDS.items()}
