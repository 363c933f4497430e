"""A shared plan with something of everything, and what can be read out of a document of any kind."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from pypdf import PdfReader

from services.action_plans.domain.shared_changes import Difference
from services.action_plans.domain.shared_plan import (
    Counts,
    SharedComment,
    SharedCommitment,
    SharedMove,
    SharedPlan,
    SharedPromise,
    SharedResult,
    SharedReview,
    Signature,
)

US, THEM = "Nordwind", "Acme Logistics GmbH"
ZONE = "Europe/Berlin"
HASH = "3b1f" * 16
TEXT_KINDS = ("md", "html", "pdf", "docx")


def at(month: int, day: int, hour: int = 9) -> datetime:
    """Return a moment in 2026, UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def commitment(number: int, **changes: Any) -> SharedCommitment:
    """Return a commitment; ours, open, unless changed."""
    plain = SharedCommitment(
        number=number,
        side="us",
        what=f"Deliver part {number} of the nightly export",
        owner="Ana Ruiz",
        due_on=date(2026, 3, 10),
        done_when=f"Three nights without a gap in part {number}.",
        status="open",
        days_late=0,
        change="none",
        due_before=None,
        slippage=0,
        on=None,
        evidence=None,
        cause=None,
        undeliverable=None,
        told_at=None,
        key=f"{number:032x}",
    )
    return replace(plain, **changes)


def review(number: int, planned_for: datetime, **changes: Any) -> SharedReview:
    """Return a planned review, unless changed."""
    plain = SharedReview(planned_for, "planned", (), None, (), (), (), None, f"{number:032x}")
    return replace(plain, **changes)


def example(**changes: Any) -> SharedPlan:
    """Return a plan in its second version, with misses of both sides."""
    plan = SharedPlan(
        us=US,
        customer=THEM,
        partner="Ana Ruiz",
        time_zone=ZONE,
        as_of=at(3, 30),
        today=date(2026, 3, 30),
        version=2,
        content_hash=HASH,
        standing="agreed",
        in_force=2,
        answerable=False,
        proposed_at=at(3, 27),
        agreed_at=at(3, 28),
        purpose="By the summer every branch plans its tours in the product,\nand nobody keeps a second list.",
        starts_on=date(2026, 3, 3),
        ends_on=date(2026, 5, 29),
        ends_before=None,
        frame_slipped_days=45,
        cadence="weekly",
        first_review_on=date(2026, 3, 9),
        review_hour=10,
        promises=(
            SharedPromise("customer", "outcome", "Tours within an hour", None, "60 minutes", date(2026, 4, 11)),
            SharedPromise("us", "expectation", "Meetings take place", "Usual are 2 weeks; here 9 were off", None, None),
        ),
        commitments=(
            commitment(1, status="late", on=date(2026, 3, 13), days_late=3, evidence="The log of three nights"),
            commitment(2, status="late", days_late=20, slippage=7),
            commitment(3, undeliverable="The interface is not open to us", told_at=at(3, 20), status="missed"),
            commitment(4, side="customer", owner="Carla Main", status="done", on=date(2026, 3, 8), evidence="The list"),
            commitment(5, side="customer", owner="Eddy Exec", status="missed", on=date(2026, 3, 16), cause="New heads"),
            commitment(
                6, side="customer", owner="Carla Main", status="waived", on=date(2026, 3, 16), cause="Not wanted"
            ),
        ),
        earlier=(commitment(7, status="done", on=date(2026, 3, 5), evidence="Seen by both"),),
        reviews=(
            review(
                1,
                at(3, 9),
                state="held",
                held_at=at(3, 9),
                moves=(SharedMove("customer", at(3, 6)),),
                attendees=("Carla Main", "Ana Ruiz"),
                results=(SharedResult(4, "The list of carriers", "done", "Both saw it"),),
                decided=("The next one looks at Bremen",),
            ),
            review(2, at(3, 16), state="missed", missed_by="us"),
            review(3, at(3, 23), state="missed", missed_by="customer"),
            review(4, at(4, 6, 8)),
            review(5, at(10, 26, 9)),
        ),
        changes=(Difference("frame", "changed", None, "", "ends_on", date(2026, 4, 14), date(2026, 5, 29)),),
        signatures=(Signature("us", "Ana Ruiz", at(3, 27)), Signature("customer", "Carla Main", at(3, 28))),
        refusal=None,
        comments=(SharedComment("Carla Main", "Could it hold subcontractors?\nWe need it in May.", at(3, 30), True),),
        counts=(
            Counts("us", US, 4, 0, 2, 1, 0, 0, 43, 1, 1, 0),
            Counts("customer", THEM, 3, 1, 0, 1, 1, 0, 14, 0, 1, 1),
        ),
    )
    return replace(plan, **changes)


def texts(thing: Any) -> Iterator[str]:
    """Yield every text in a plan, a document, or a part of one."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from texts(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from texts(getattr(thing, field.name))


def squeezed(text: str) -> str:
    """Return the text without what a layout adds or takes away: blanks, breaks, places to break."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def read(kind: str, content: bytes) -> str:
    """Return everything that can be read out of a document: its text, and what it says of itself."""
    if kind == "pdf":
        pdf = PdfReader(io.BytesIO(content))
        return "\n".join([*(page.extract_text() for page in pdf.pages), str(pdf.metadata), str(pdf.xmp_metadata)])
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            xml = "\n".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))
        return html.unescape(re.sub(r"<[^>]*>", "", xml) + xml)
    return re.sub(r"\r\n ", "", content.decode()) if kind == "ics" else content.decode()
