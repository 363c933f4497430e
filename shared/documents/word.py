"""A document as a Word file on A4: real headings, lists, tables with rows of titles; its title and language said."""

import docx
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length
from docx.table import Table as WordTable
from docx.table import _Row
from docx.text.paragraph import Paragraph as WordParagraph

from shared.documents import archive, word_styles
from shared.documents.tree import (
    Bullets,
    Document,
    Facts,
    Heading,
    Lines,
    Notice,
    Paragraph,
    Table,
    line,
)
from shared.documents.word_styles import LOOKS, TEXT_WIDTH, dress


def render(document: Document) -> bytes:
    """Return the document as .docx; the same document, the same bytes."""
    word = docx.Document()
    word_styles.apply(word, document)
    _paragraph(word, "Title", line(document.title))
    _paragraph(word, "Subtitle", line(document.subtitle))
    for block in document.blocks:
        _add(word, block)
    return archive.of_word(word)


def _add(word: Word, block: object) -> None:
    match block:
        case Heading(level, text):
            _paragraph(word, f"Heading {level}", line(text))
        case Paragraph(lines):
            _paragraph(word, "Normal", lines)
        case Notice(lines):
            _paragraph(word, "Notice", lines)
        case Facts(pairs):
            for name, lines in pairs:
                fact = _paragraph(word, "Fact", line(name, "quiet"))
                fact.add_run("\t")
                _write(fact, lines)
        case Bullets(items):
            for lines in items:
                _paragraph(word, "List Bullet", lines)
        case Table():
            _add_table(word, block)


def _paragraph(word: Word, style: str, lines: Lines) -> WordParagraph:
    paragraph = word.add_paragraph()
    dress(paragraph, style)
    _write(paragraph, lines)
    return paragraph


def _add_table(word: Word, said: Table) -> None:
    table = word.add_table(rows=0, cols=len(said.columns))
    table.style = "Plain"
    table.autofit = False
    whole = sum(column.share for column in said.columns)
    widths = [Length(int(TEXT_WIDTH * column.share / whole)) for column in said.columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    titles = tuple(line(column.title) for column in said.columns)
    rows = [_add_row(table, "Titles", titles, widths), *(_add_row(table, "Cell", row, widths) for row in said.rows)]
    word_styles.repeat_as_titles(rows[0])
    for row in rows[1:]:
        word_styles.keep_together(row)
    for number, column in enumerate(said.columns):
        if column.figures:
            for row in rows:
                row.cells[number].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _paragraph(word, "Gap", ())


def _add_row(table: WordTable, style: str, row: tuple[Lines, ...], widths: list[Length]) -> _Row:
    added: _Row = table.add_row()  # type: ignore[no-untyped-call]
    for cell, lines, width in zip(added.cells, row, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        dress(paragraph, style)
        _write(paragraph, lines)
    return added


def _write(paragraph: WordParagraph, lines: Lines) -> None:
    """Add the lines, each below the other; python-docx makes line breaks of \\n and escapes the rest."""
    some = [one for one in lines if one.text.strip()]
    for number, one in enumerate(some):
        run = paragraph.add_run(one.text)
        if one.look in LOOKS:
            dress(run, LOOKS[one.look])
        if number < len(some) - 1:
            run.add_break()
