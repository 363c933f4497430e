"""Forms of documents: the service that owns what they are of makes them, and whoever asked fetches them from it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.console.page.acting.endings import ending_of
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given, Link
from shared.contracts.endings.commands import RequestEndingDocument
from shared.contracts.event import Command
from shared.contracts.plans.commands import RequestDocument
from shared.page.links import hash_of

SHOWN = timedelta(minutes=15)  # as long as the owning services let it be fetched
FORMATS = {"pdf": "PDF", "docx": "Word", "md": "Markdown", "html": "web page", "ics": "calendar", "zip": "ZIP archive"}
TEXT = ("pdf", "docx", "md", "html")
OF_CASE = {"plan": "the joint plan", "evidence": "the evidence pack"}
OF_ENDING = {
    "agenda": "the agenda of the talk",
    "preparation": "the preparation sheet",
    "plan": "their transition plan",
    "notice": "the written notice",
}
IN = {("cases", "plan"): (*TEXT, "ics"), ("cases", "evidence"): ("zip",)}
INTERNAL = "Internal: not for the customer."


def _title(about: About, item: str) -> str:
    name = (OF_CASE if about.kind == "cases" else OF_ENDING)[item]
    return name[0].upper() + name[1:]


def _format(about: About, item: str) -> Sequence[Field]:
    offered = IN.get((about.kind, item), TEXT)
    options = tuple(Option(one, FORMATS[one][0].upper() + FORMATS[one][1:]) for one in offered)
    return (Field("format", "As", "choice", options=options, value=offered[:1]),)


def _asked(given: Given, about: About, _: str) -> Given:
    """Return what is asked for: of the token by which it is fetched the hash alone."""
    return {**given, "token_hash": hash_of(about.token)}


def _to(token: str, command: Any) -> str:
    return f"/documents/{token}/{command.document}.{command.format}"


def _says(names: Mapping[str, str]) -> Callable[[str], str]:
    def says(link: str) -> str:
        document, _, format_ = link.rpartition("/")[2].partition(".")
        return f"Download {names[document]} ({FORMATS[format_]})"

    return says


def _plan(about: About) -> tuple[str, ...]:
    plan = about.case.plan
    return ("plan",) if plan.proposed or plan.agreed else ()


def _told(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ("plan", "notice") if one.announced is not None and one.state != "withdrawn" else ()


def _prepared(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    is_there = one.talk is not None and (one.talk.held_at is not None or one.state == "approved")
    return ("agenda", "preparation") if is_there else ()


def _form(
    command: type[Command], link: Link, items: Callable[[About], Sequence[str]], *, internal: bool = False
) -> Form:
    return Form(
        "internal_document" if internal else "document", command, _title, "Make the document", _format, items,
        right="reader", item="document", make=_asked, makes_link=link, note=INTERNAL if internal else "",
    )  # fmt: skip


_CASES = Link("plan_url", _to, _says(OF_CASE), SHOWN)
_ENDINGS = Link("ending_url", _to, _says(OF_ENDING), SHOWN)
CASE_FORMS = (
    _form(RequestDocument, _CASES, _plan),
    _form(RequestDocument, _CASES, lambda _: ("evidence",), internal=True),
)
ENDING_FORMS = (
    _form(RequestEndingDocument, _ENDINGS, _prepared, internal=True),
    _form(RequestEndingDocument, _ENDINGS, _told),
)
