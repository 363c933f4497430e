"""A document in the terminal: what the other formats say, in the same order."""

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text

from shared.documents.tree import Bullets, Document, Facts, Heading, Lines, Notice, Paragraph, Table

WIDTH = 100
_LOOKS = {"plain": "", "strong": "bold", "quiet": "dim", "good": "green", "bad": "bold red"}
_LEVELS = {1: "bold cyan", 2: "bold", 3: "italic"}


def drawn(document: Document) -> RenderableType:
    """Return the whole document."""
    head = Text.assemble((document.title, "bold"), "\n", (document.subtitle, "dim"))
    return Group(head, *(Padding(_block(block), (1, 0, 0, 0)) for block in document.blocks))


def _block(block: object) -> RenderableType:
    match block:
        case Heading(level, text):
            return Text(text, style=_LEVELS[level])
        case Paragraph(lines):
            return _lines(lines)
        case Notice(lines):
            return Panel(_lines(lines), box=box.HEAVY, border_style="cyan")
        case Facts(pairs):
            facts = Grid(box=None, show_header=False, pad_edge=False)
            for name, lines in pairs:
                facts.add_row(Text(name, style="dim"), _lines(lines))
            return facts
        case Bullets(items):
            return Group(*(Text.assemble("• ", _lines(item)) for item in items))
        case Table():
            return _table(block)
    raise TypeError(type(block).__name__)


def _table(said: Table) -> Grid:
    table = Grid(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    for column in said.columns:
        table.add_column(Text(column.title), ratio=column.share, overflow="fold")
    for row in said.rows:
        table.add_row(*(_lines(cell) for cell in row))
    return table


def _lines(lines: Lines) -> Text:
    return Text("\n").join(Text(line.text, style=_LOOKS[line.look]) for line in lines if line.text.strip())
