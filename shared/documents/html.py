"""A document as one HTML page that needs nothing else: no script, no address, its style inside; it prints on A4."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from shared.documents import tree
from shared.documents.tree import Document

_HERE = files(__package__ or "")
_TEMPLATE = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
).from_string((_HERE / "document.html.j2").read_text("utf-8"))
_STYLE = (_HERE / "document.css").read_text("utf-8")


def render(document: Document) -> str:
    """Return the document as HTML."""
    blocks = [(type(block).__name__, block) for block in document.blocks]
    return _TEMPLATE.render(document=document, blocks=blocks, language=tree.LANGUAGE, style=_STYLE)
