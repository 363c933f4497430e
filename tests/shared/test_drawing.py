"""What every document looks like, whoever says it."""

import io
from datetime import UTC, datetime

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH

from shared.documents import html, markdown, word
from shared.documents.kinds import KINDS, kinds_of
from shared.documents.tree import Column, Document, Table, line

SUMS = Document(
    "Sums",
    "of March",
    "Sums",
    datetime(2026, 3, 2, tzinfo=UTC),
    (Table((Column("For", 2), Column("Amount", 1, figures=True)), ((line("Licences"), line("1,840.00 EUR")),)),),
)


def test_figures_stand_one_below_the_other() -> None:
    assert "| --- | ---: |" in markdown.render(SUMS)
    assert html.render(SUMS).count('class="figures"') == len(("title", "amount"))
    (table,) = docx.Document(io.BytesIO(word.render(SUMS))).tables
    assert {cell.paragraphs[0].alignment for cell in table.columns[1].cells} == {WD_ALIGN_PARAGRAPH.RIGHT}
    assert {cell.paragraphs[0].alignment for cell in table.columns[0].cells} == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_says_a_document_is_drawn_in_every_kind(kind: str) -> None:
    def sums(_: str) -> Document:
        return SUMS

    said = kinds_of(sums)[kind]
    assert (said.ending, said.label) == (KINDS[kind].ending, KINDS[kind].label)
    assert said.render("anything") == KINDS[kind].render(SUMS)
