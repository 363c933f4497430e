"""The kinds of document that a customer may be given, each drawn from the shared plan alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.action_plans.documents import calendar, html, markdown, pdf, word
from services.action_plans.documents.content import document_of
from services.action_plans.domain.shared_plan import SharedPlan


@dataclass(frozen=True)
class Kind:
    """A kind of document. ending: of the file's name; is_text: it can be read in a terminal."""

    ending: str
    label: str
    media_type: str
    is_text: bool
    render: Callable[[SharedPlan], bytes]


KINDS: Mapping[str, Kind] = {
    kind.ending: kind
    for kind in (
        Kind("pdf", "PDF", "application/pdf", False, lambda plan: pdf.render(document_of(plan))),
        Kind(
            "docx",
            "Word",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            False,
            lambda plan: word.render(document_of(plan)),
        ),
        Kind(
            "md",
            "Markdown",
            "text/markdown; charset=utf-8",
            True,
            lambda plan: markdown.render(document_of(plan)).encode(),
        ),
        Kind(
            "html", "web page", "text/html; charset=utf-8", True, lambda plan: html.render(document_of(plan)).encode()
        ),
        Kind("ics", "calendar", "text/calendar; charset=utf-8", True, calendar.render),
    )
}
