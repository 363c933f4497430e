"""Documents of the shared plan: the same facts in every kind, real structure, nothing of a text taken for markup."""

import html as entities
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import docx
import icalendar
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from services.action_plans.documents.content import document_of
from services.action_plans.documents.kinds import KINDS
from shared.documents import html, markdown, pdf, word
from shared.documents.readable import MARK, readable
from shared.documents.tree import Heading, Line, Table
from tests.services.action_plans import plans
from tests.services.action_plans.plans import TEXT_KINDS, commitment, example, squeezed

MARKUP = (
    "<script>alert(1)</script> &amp; <b>bold</b>",
    "*stars* _lines_ `code` [a link](javascript:x) ![](x) ~~gone~~ | a cell | $x$ \\",
    "# no heading",
    "1. no list",
    "- no list either\n> no quote\n=====\n```",
    '#import "x": * #panic("typst") $ x $ @ref <label> //gone /* gone */ \\u{41} [content]',
    "{{ 7 * 7 }} {% raw %} ]]> <?xml ?> &#65; &copy",
)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def plain(kind: str, content: bytes) -> str:
    """Return what a person reads in a document, without blanks."""
    if kind == "md":
        kept = READER.render(content.decode())
    elif kind == "html":
        kept = content.decode().partition("<body>")[2]
    elif kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            kept = parts.read("word/document.xml").decode()
    else:
        return squeezed(plans.read(kind, content))
    return squeezed(entities.unescape(re.sub(r"<[^>]*>", "", kept)))


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_every_kind_says_everything_in_the_same_order(kind: str) -> None:
    plan = example()
    document = document_of(plan)
    said, place = plain(kind, KINDS[kind].render(plan)), 0
    for text in (text for block in document.blocks if not isinstance(block, Table) for text in plans.texts(block)):
        if text in set(Line.__annotations__) | {"plain", "strong", "quiet", "good", "bad"}:
            continue
        for part in text.split("\n"):
            place = said.find(squeezed(part), place)
            assert place >= 0, part
    for row in (row for block in document.blocks if isinstance(block, Table) for row in block.rows):
        for line in (line for cell in row for line in cell):
            assert squeezed(line.text) in said


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_what_both_sides_wrote_and_did_is_there(kind: str) -> None:
    said = plain(kind, KINDS[kind].render(example()))
    for fact in (
        "Version 2, in force", "3 March 2026 to 29 May 2026", "put off by 45 days", "Tours within an hour",
        "Usual are 2 weeks; here 9 were off", "Deliver part 1 of the nightly export",
        "Done 3 days late on 13 March 2026",
        "Late by 20 days", "put off by 7 days", "The log of three nights",
        "Nordwind cannot do it, and said so on 20 March",
        "The interface is not open to us", "Missed, recorded on 16 March 2026", "New heads", "Waived by both sides",
        "Missed by Nordwind", "Missed by Acme Logistics GmbH", "moved by Acme Logistics GmbH from 6 March 2026, 10:00",
        "The list of carriers: done (Both saw it)", "The next one looks at Bremen", "14 April 2026",
        "Carla Main for Acme Logistics GmbH, 28 March 2026", "We need it in May.", plans.HASH,
    ):  # fmt: skip
        assert squeezed(fact) in said, fact


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_misses_of_both_sides_are_told_in_the_same_words(kind: str) -> None:
    misses = (commitment(1, status="late", days_late=4), commitment(2, side="customer", status="late", days_late=4))
    plan = example(commitments=misses, earlier=(), reviews=(), changes=(), comments=())
    said = plain(kind, KINDS[kind].render(plan))
    assert said.count(squeezed("Late by 4 days")) == len(misses)
    looks = {
        line.look
        for block in document_of(plan).blocks
        if isinstance(block, Table)
        for row in block.rows
        for line in row[-1]
        if line.text == "Late by 4 days"
    }
    assert looks == {"bad"}


@pytest.mark.parametrize("kind", TEXT_KINDS)
@pytest.mark.parametrize("text", MARKUP)
def test_nothing_that_people_wrote_is_markup(kind: str, text: str) -> None:
    plan = example(
        purpose=text,
        customer=text.replace("\n", " "),
        commitments=(commitment(1, what=text, done_when=text),),
        comments=(replace(example().comments[0], text=text),),
    )
    said = plain(kind, KINDS[kind].render(plan))
    for part in text.split("\n"):
        assert said.count(squeezed(part)) >= len(("purpose", "what", "done_when", "comment")), part


def test_web_page_holds_no_element_that_a_text_made() -> None:
    said = html.render(document_of(example(purpose="<script>x</script><img src=x onerror=y>", customer='"><script>')))
    assert "<script" not in said
    assert "<img" not in said
    assert "default-src 'none'" in said


def test_markdown_makes_nothing_of_a_text() -> None:
    text = "\n".join(MARKUP)
    plan = example(purpose=text, commitments=(commitment(1, what=text),), comments=())
    made = READER.render(markdown.render(document_of(plan)))
    quiet = READER.render(markdown.render(document_of(example(commitments=(commitment(1),), comments=()))))
    tags = r"<(?!br|hr|code|/)(\w+)"
    assert set(re.findall(tags, made)) == set(re.findall(tags, quiet))
    assert [one for one in re.findall(tags, made) if one != "strong"] == re.findall(tags, quiet.replace("<strong>", ""))
    assert "<code>" not in made.replace(plans.HASH, "")
    assert "<hr" not in made


@pytest.mark.parametrize("kind", [*TEXT_KINDS, "ics"])
def test_what_hides_itself_is_shown_as_a_mark(kind: str) -> None:
    hidden = "\x00\x07\x1b\u202e\u2066\ufeff\U000e0041"
    said = plans.read(kind, KINDS[kind].render(example(commitments=(commitment(1, what=f"pay{hidden}less"),))))
    assert not set(hidden) & set(said)
    assert squeezed(f"pay{MARK * len(hidden)}less") in squeezed(said)


@given(st.text(max_size=60), st.text("\n\r\t \x00\u202e*_[]|`<>&\\$@~={}-+.!()#'\";:,1a中ש💡", max_size=30))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_whatever_people_write_every_kind_is_made_and_says_it(one: str, other: str) -> None:
    plan = example(
        purpose=other,
        customer=f"Acme{other}",
        us=f"{other}Nordwind",
        commitments=(commitment(1, what=f"what {one}", owner=other, cause=one, evidence=other),),
        comments=(replace(example().comments[0], text=f"said {one}"),),
    )
    kept = squeezed(readable(f"what {one}"))
    for name, kind in KINDS.items():
        made = kind.render(plan)
        if name == "ics":
            assert not icalendar.Calendar.from_ical(made.decode()).errors
        else:  # of a PDF, scripts that join letters or run the other way are not read back as they were written
            assert kept in plain(name, made) or (name == "pdf" and not kept.isascii()), name


def test_readable_keeps_what_people_write() -> None:
    written = "Zażółć, Ελληνικά, Русский, 中文, שלום, مرحبا, 👩‍🚒 — “quoted”\nnext"
    assert readable(written) == written
    assert readable("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd e"


def test_pdf_is_tagged_and_says_what_it_is() -> None:
    read: Any = PdfReader(io.BytesIO(pdf.render(document_of(example()))))
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.metadata.title == example().title
    assert "part>1</pdfuaid:part" in root["/Metadata"].get_data().decode()
    kinds = set(_tags(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/Table", "/TH", "/TD"} <= kinds
    assert read.outline
    assert {round(float(side)) for side in read.pages[0].mediabox[2:]} == {595, 842}, "A4"


def _tags(node: Any) -> Any:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from _tags(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        yield from _tags(node.get("/K", []))


def test_every_page_of_a_pdf_names_the_version_and_its_number() -> None:
    many = tuple(commitment(number) for number in range(1, 51))
    pages = PdfReader(io.BytesIO(pdf.render(document_of(example(commitments=many))))).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        said = page.extract_text()
        assert f"{example().title} · version 2" in said
        assert f"Page {number} of {len(pages)}" in said


def test_pdf_goes_on_where_no_font_has_a_letter() -> None:
    plan = example(commitments=(commitment(1, what="\U0001f9ff \U00012000 private \ue123"),))
    read: Any = PdfReader(io.BytesIO(pdf.render(document_of(plan))))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "private" in read.pages[0].extract_text() + read.pages[1].extract_text()


@pytest.mark.parametrize("length", [200, 4_000])
def test_long_words_stay_in_their_column(length: int) -> None:
    plan = example(commitments=(commitment(1, what="w" * length, owner="o" * 200),))
    pages = PdfReader(io.BytesIO(pdf.render(document_of(plan)))).pages
    said = "\n".join(page.extract_text() for page in pages).replace("\u200b", "")
    for letter, whole, most in (("w", length, 30), ("o", 200, 20)):
        lines = [found for found in re.findall(f"{letter}+", said) if len(found) > 2]
        assert sum(map(len, lines)) == whole
        assert max(map(len, lines)) <= most


def test_word_file_has_real_structure() -> None:
    plan = example()
    read = docx.Document(io.BytesIO(word.render(document_of(plan))))
    styles = [(one.style.name, one.text) for one in read.paragraphs if one.style is not None]
    headings = [(f"Heading {one.level}", one.text) for one in document_of(plan).blocks if isinstance(one, Heading)]
    assert [one for one in styles if one[0].startswith("Heading")] == headings
    assert styles[0] == ("Title", plan.title)
    assert (read.core_properties.title, read.core_properties.language) == (plan.title, "en-GB")
    assert read.core_properties.author == ""
    assert read.tables
    for table in read.tables:
        assert table.rows[0]._tr.get_or_add_trPr().find(qn("w:tblHeader")) is not None
    language = read.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "en-GB"


@pytest.mark.parametrize("kind", [*TEXT_KINDS, "ics"])
def test_same_plan_is_the_same_bytes(kind: str) -> None:
    made = KINDS[kind].render(example())
    assert KINDS[kind].render(example()) == made
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(made)) as parts:
            assert {part.date_time[0] for part in parts.infolist()} == {1980}, "no part of it says when it was made"


def test_version_that_waits_says_who_has_not_accepted_it() -> None:
    plan = example(standing="waiting", version=3, in_force=2, signatures=example().signatures[:1])
    said = markdown.render(document_of(plan))
    assert "Version 3 waits until Acme Logistics GmbH accepts it. Until then, version 2 is in force." in said
    assert "nobody yet for Acme Logistics GmbH" in said
