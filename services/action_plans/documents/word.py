"""A document as a Word file on A4: real headings, lists, tables with rows of titles; its title and language said."""

from typing import Any

import docx
from docx.document import Document as Word
from docx.shared import Mm
from docx.text.paragraph import Paragraph as WordParagraph

from services.action_plans.documents import archive, word_styles
from services.action_plans.documents.tree import Bullets, Document, Facts, Heading, Lines, Notice, Paragraph, Table
from services.action_plans.documents.word_styles import LOOKS, TEXT_WIDTH

_LABEL = Mm(38)


def render(document: Document) -> bytes:
    """Return the document as .docx; the same document, the same bytes."""
    word = docx.Document()
    word_styles.apply(word, document)
    word.add_paragraph(document.title, style="Title")
    word.add_paragraph(document.subtitle, style="Subtitle")
    for block in document.blocks:
        _add(word, block)
    return archive.of_word(word)


def _add(word: Word, block: object) -> None:
    match block:
        case Heading(level, text):
            word.add_heading(text, level)
        case Paragraph(lines):
            _write(word.add_paragraph(), lines)
        case Notice(lines):
            _write(word.add_paragraph(style="Notice"), lines)
        case Facts(pairs):
            for name, lines in pairs:
                fact = word.add_paragraph(style="Fact")
                fact.add_run(f"{name}\t", style="Quiet")
                _write(fact, lines)
        case Bullets(items):
            for lines in items:
                _write(word.add_paragraph(style="List Bullet"), lines)
        case Table():
            _add_table(word, block)


def _add_table(word: Word, said: Table) -> None:
    table = word.add_table(rows=1, cols=len(said.columns), style="Plain")
    table.autofit = False
    whole = sum(column.share for column in said.columns)
    widths = [int(TEXT_WIDTH * column.share / whole) for column in said.columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    word_styles.repeat_as_titles(table.rows[0])
    for cell, column in zip(table.rows[0].cells, said.columns, strict=True):
        cell.paragraphs[0].add_run(column.title, style="Quiet").bold = True
    for row in said.rows:
        added = table.add_row()
        word_styles.keep_together(added)
        for cell, lines in zip(added.cells, row, strict=True):
            _write(cell.paragraphs[0], lines)
    for row_of in table.rows:
        for cell, width in zip(row_of.cells, widths, strict=True):
            cell.width = width
            for paragraph in cell.paragraphs:
                paragraph.style = "Cell"
    word.add_paragraph(style="Gap")


def _write(paragraph: WordParagraph, lines: Lines) -> None:
    """Add the lines, each below the other; python-docx makes line breaks of \\n and escapes the rest."""
    some: Any = [line for line in lines if line.text.strip()]
    for number, line in enumerate(some):
        run = paragraph.add_run(line.text, style=LOOKS[line.look])
        if number < len(some) - 1:
            run.add_break()
