"""Forms of documents: the service that owns what they are of makes them, and whoever asked fetches them from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from services.console.page.acting.endings import ending_of
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given, Link
from shared.contracts.endings.commands import RequestEndingDocument
from shared.contracts.plans.commands import RequestDocument
from shared.page.links import hash_of

SHOWN = timedelta(minutes=15)  # as long as the owning services let it be fetched
FORMATS = {"pdf": "PDF", "docx": "Word", "md": "Markdown", "html": "web page", "ics": "calendar", "zip": "ZIP archive"}
TEXT = ("pdf", "docx", "md", "html")


@dataclass(frozen=True)
class Documents:
    """Documents that one form offers. offered: what each is called, and its formats, the usual one first.

    command: asks for one of them; setting: where they are fetched.
    """

    command: type[RequestDocument | RequestEndingDocument]
    setting: Literal["plan_url", "ending_url"]
    offered: Mapping[str, tuple[str, tuple[str, ...]]]

    def title(self, _: About, item: str) -> str:
        """Return what a document is called, at the beginning of a line."""
        return _capital(self.offered[item][0]) if item in self.offered else "A document"

    def formats(self, item: str) -> tuple[str, ...]:
        """Return the formats of a document."""
        return self.offered[item][1] if item in self.offered else ()

    def fields(self, _: About, item: str) -> Sequence[Field]:
        """Return the formats to choose from, where there are several."""
        formats = self.formats(item)
        options = tuple(Option(one, _capital(FORMATS[one])) for one in formats)
        return (Field("format", "Format", "choice", options=options, value=formats[:1]),) if options[1:] else ()

    def asked(self, given: Given, about: About, item: str) -> Given:
        """Return what is asked for: of the token by which it is fetched the hash alone."""
        return {"format": "".join(self.formats(item)[:1]), **given, "token_hash": hash_of(about.token)}

    def fetched(self, link: str) -> str:
        """Return what is fetched by a link, which ends with document and format."""
        document, _, format_ = link.rpartition("/")[2].partition(".")
        return f"Download {self.offered[document][0]} ({FORMATS[format_]})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


OF_CASE = Documents(RequestDocument, "plan_url", {"plan": ("the joint plan", (*TEXT, "ics"))})
OF_CASE_OURS = Documents(RequestDocument, "plan_url", {"evidence": ("the evidence pack", ("zip",))})
OF_ENDING = Documents(
    RequestEndingDocument,
    "ending_url",
    {"plan": ("their transition plan", TEXT), "notice": ("the written notice", TEXT)},
)
OF_ENDING_OURS = Documents(
    RequestEndingDocument,
    "ending_url",
    {"agenda": ("the agenda of the talk", TEXT), "preparation": ("the preparation sheet", TEXT)},
)


def _to(token: str, command: Any) -> str:
    return f"/documents/{token}/{command.document}.{command.format}"


def _proposed(about: About) -> tuple[str, ...]:
    plan = about.case.plan
    return ("plan",) if plan.proposed or plan.agreed else ()


def _told(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ("plan", "notice") if one.announced is not None and one.state != "withdrawn" else ()


def _prepared(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    is_there = one.talk is not None and (one.talk.held_at is not None or one.state == "approved")
    return ("agenda", "preparation") if is_there else ()


def _form(documents: Documents, items: Callable[[About], Sequence[str]], *, internal: bool = False) -> Form:
    return Form(
        "internal_document" if internal else "document", documents.command, documents.title, "Make the document",
        documents.fields, items, right="reader", item="document", make=documents.asked,
        makes_link=Link(documents.setting, _to, documents.fetched, SHOWN),
        note="Internal: not for the customer." if internal else "",
    )  # fmt: skip


CASE_FORMS = (_form(OF_CASE, _proposed), _form(OF_CASE_OURS, lambda _: ("evidence",), internal=True))
ENDING_FORMS = (_form(OF_ENDING_OURS, _prepared, internal=True), _form(OF_ENDING, _told))
