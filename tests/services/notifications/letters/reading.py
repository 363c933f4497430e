"""What a reader's program makes of a letter's HTML."""

from dataclasses import dataclass

import html5lib

UNSEEN = {"head", "style", "title", "script"}
BLOCKS = {"p", "h1", "h2", "li", "tr", "td", "th", "blockquote", "div", "a", "br", "figure", "table"}


@dataclass(frozen=True)
class Page:
    """tags: in order, without line breaks. links: where they lead. attributes: all names. text: what is seen."""

    tags: tuple[str, ...]
    links: tuple[str, ...]
    attributes: frozenset[str]
    text: str


def read(html: str) -> Page:
    """Parse as browsers do."""
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    elements = [one for one in tree.iter() if isinstance(one.tag, str)]
    seen: list[str] = []
    _see(tree, seen)
    return Page(
        tuple(one.tag for one in elements if one.tag != "br"),
        tuple(one.attrib["href"] for one in elements if "href" in one.attrib),
        frozenset(name for one in elements for name in one.attrib),
        " ".join("".join(seen).split()),
    )


def _see(element: object, seen: list[str]) -> None:
    tag, text, tail = (getattr(element, name) for name in ("tag", "text", "tail"))
    if isinstance(tag, str) and tag not in UNSEEN and "hidden" not in element.attrib.get("class", ""):  # type: ignore[attr-defined]
        seen += [" " if tag in BLOCKS else "", text or ""]
        for child in element:  # type: ignore[attr-defined]
            _see(child, seen)
        seen.append(" " if tag in BLOCKS else "")
    seen.append(tail or "")
