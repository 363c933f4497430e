"""How a Word file looks: its styles, page, running head and foot, and what it says of itself."""

from typing import Any

from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from shared.documents.tree import Document

LANGUAGE = "en-GB"
SIDE = Mm(24)
TEXT_WIDTH = Length(Mm(210) - 2 * SIDE)
LOOKS = {"strong": "Strong", "quiet": "Quiet", "good": "Good", "bad": "Bad"}  # and plain has none
_FONT = "Calibri"
_INK, _QUIET, _ACCENT = RGBColor(0x1D, 0x27, 0x33), RGBColor(0x56, 0x61, 0x6E), RGBColor(0x17, 0x49, 0x5B)
_GOOD, _BAD = RGBColor(0x17, 0x63, 0x3A), RGBColor(0x96, 0x20, 0x2A)
_LABEL = Mm(38)
# Style: size and space before and after in points, colour, bold.
_PARAGRAPHS: dict[str, tuple[float, float, float, RGBColor, bool]] = {
    "Normal": (10.5, 0, 6, _INK, False),
    "Title": (25, 0, 4, _ACCENT, True),
    "Subtitle": (12, 0, 16, _QUIET, False),
    "Heading 1": (15.5, 24, 8, _ACCENT, True),
    "Heading 2": (12, 15, 6, _INK, True),
    "Heading 3": (10.5, 11, 4, _INK, True),
    "Fact": (10.5, 0, 4, _INK, False),
    "Notice": (10.5, 6, 10, _INK, False),
    "Cell": (9.5, 3, 3, _INK, False),
    "Titles": (8.5, 3, 3, _QUIET, True),
    "Gap": (4, 0, 0, _INK, False),
    "List Bullet": (10.5, 0, 3, _INK, False),
    "Header": (8.5, 0, 0, _QUIET, False),
    "Footer": (8.5, 0, 0, _QUIET, False),
}
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
_OWN = ("Fact", "Notice", "Cell", "Titles", "Gap")


def apply(word: Word, document: Document) -> None:
    """Give the new file its page, its styles, its running head, and its properties."""
    _page(word, document)
    for name, looks in _PARAGRAPHS.items():
        _paragraph_style(word, name, *looks)
    _character_styles(word)
    _rule(word.styles["Heading 1"], "bottom", 8, _ACCENT)
    _rule(word.styles["Notice"], "left", 24, _ACCENT)
    _shade(word.styles["Notice"], "F2F6F7")
    _table_style(word)
    fact: Any = word.styles["Fact"]
    fact.paragraph_format.left_indent, fact.paragraph_format.first_line_indent = _LABEL, -_LABEL
    fact.paragraph_format.tab_stops.add_tab_stop(_LABEL)
    _say_what_it_is(word, document)


def dress(part: Paragraph | Run, style: str) -> None:
    """Give a paragraph or a run a style of this file; python-docx would look through all styles each time."""
    element: Any = part._p if isinstance(part, Paragraph) else part._r  # noqa: SLF001
    element.style = style.replace(" ", "")


def _page(word: Word, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = SIDE
    section.top_margin, section.bottom_margin = Mm(30), Mm(26)
    section.header_distance, section.footer_distance = Mm(14), Mm(12)
    section.header.paragraphs[0].text = document.running
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    foot.add_run("Page ")
    _field(foot, "PAGE")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES")


def _field(paragraph: Paragraph, what: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), what)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001  python-docx has no fields


def _paragraph_style(
    word: Word, name: str, size: float, before: float, after: float, colour: RGBColor, bold: bool
) -> None:
    if name in _OWN:
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["Normal"]
    style: Any = word.styles[name]
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), bold
    style.font.color.rgb, style.font.italic = colour, False
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.0 if name == "Gap" else 1.12
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[theme]
    fonts.set(qn("w:hAnsi"), _FONT)
    _plain(style)
    if name in {"Header", "Footer"}:
        style.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)


def _character_styles(word: Word) -> None:
    for name, colour, bold in (("Quiet", _QUIET, False), ("Good", _GOOD, True), ("Bad", _BAD, True)):
        style: Any = word.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.color.rgb, style.font.bold = colour, bold
        if name == "Quiet":
            style.font.size = Pt(9)


def _plain(style: Any) -> None:
    """Take away the rules and the spaced letters that python-docx's own template has."""
    letters = [one for own in style.element.findall(qn("w:rPr")) for one in own.findall(qn("w:spacing"))]
    for one in (*letters, *style.element.findall(f".//{qn('w:pBdr')}")):
        one.getparent().remove(one)


def _rule(style: Any, side: str, eighths: int, colour: RGBColor) -> None:
    borders, rule = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", str(colour))):
        rule.set(qn(f"w:{name}"), value)
    borders.append(rule)
    style.element.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)


def _shade(style: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    style.element.get_or_add_pPr().insert_element_before(shade, *_AFTER_BORDERS[1:])


def _table_style(word: Word) -> None:
    style: Any = word.styles.add_style("Plain", WD_STYLE_TYPE.TABLE)
    properties, borders = OxmlElement("w:tblPr"), OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        rule = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "D5DBE1")):
            rule.set(qn(f"w:{name}"), value)
        borders.append(rule)
    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("left", 0), ("right", 140)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(borders)
    properties.append(margins)
    style.element.append(properties)


def repeat_as_titles(row: _Row) -> None:
    """Make the row the table's titles, on every page that it goes on to."""
    mark = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001


def keep_together(row: _Row) -> None:
    """Do not let a page end inside of the row."""
    mark = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001


def _say_what_it_is(word: Word, document: Document) -> None:
    """Title, language and time; by nobody: a program has no place where a person is looked for."""
    about = word.core_properties
    about.title, about.subject, about.language = document.title[:255], document.subtitle[:255], LANGUAGE
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.created = about.modified = document.at.replace(tzinfo=None)
    about.revision = 1
    defaults = word.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    language.set(qn("w:val"), LANGUAGE)
