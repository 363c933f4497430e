"""Headings and tables, as the case and what is counted over cases are drawn."""

from rich import box
from rich.table import Table
from rich.text import Text


def titled(title: str, aside: str = "") -> Text:
    """Return a heading."""
    return Text.assemble((title, "bold underline"), (f"  {aside}" if aside else "", "dim"))


def plain_table(*columns: str) -> Table:
    """Return a table without lines that fills the width."""
    table = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, expand=True, pad_edge=False, padding=(0, 2, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table


def marked() -> Table:
    """Return a table of a mark and a text that hangs beside it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
