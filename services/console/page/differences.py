"""What one version of a plan's terms changes in another, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.console.page.people import People
from services.console.page.words import CADENCE
from services.console.page.writer import Writer
from shared.contracts.plans.case import Commitment, Terms

_FRAME = {
    "purpose": "purpose",
    "starts_on": "start",
    "ends_on": "end",
    "cadence": "reviews",
    "first_review_on": "first review",
}
_PARTS = {"what": "what is done", "owner": "who does it", "due_on": "due", "done_when": "done when"}


@dataclass(frozen=True)
class Difference:
    """One difference: what it is about, and how it was and is; "" where it was, or is, not there."""

    about: str
    before: str
    after: str


def differences(before: Terms, after: Terms, write: Writer, people: People) -> list[Difference]:
    """Return what differs, the frame first, then the commitments in their order."""
    return [*_frame(before, after, write), *_commitments(before, after, write, people)]


def _frame(before: Terms, after: Terms, write: Writer) -> Iterator[Difference]:
    for name, title in _FRAME.items():
        if getattr(before, name) != getattr(after, name):
            yield Difference(title.capitalize(), _spoken(before, name, write), _spoken(after, name, write))


def _spoken(terms: Terms, name: str, write: Writer) -> str:
    found = getattr(terms, name)
    return CADENCE[found] if name == "cadence" else found if isinstance(found, str) else write.day(found)


def _commitments(before: Terms, after: Terms, write: Writer, people: People) -> Iterator[Difference]:
    known = {one.commitment_id: one for one in before.commitments}
    for one in after.commitments:
        was = known.pop(one.commitment_id, None)
        if was is None:
            yield Difference(f"{_side(one)}, new", "", f"{one.what} (due {write.day(one.due_on)})")
        elif was != one:
            for name, title in _PARTS.items():
                if getattr(was, name) != getattr(one, name):
                    yield Difference(
                        f"{_side(one)}, “{one.what[:80]}”: {title}",
                        _part(was, name, write, people),
                        _part(one, name, write, people),
                    )
    for gone in known.values():
        yield Difference(f"{_side(gone)}, taken out", gone.what, "")


def _side(one: Commitment) -> str:
    return "Our commitment" if one.side == "us" else "The customer's commitment"


def _part(one: Commitment, name: str, write: Writer, people: People) -> str:
    if name == "owner":
        return people.name(one.owner)
    return write.day(one.due_on) if name == "due_on" else str(getattr(one, name))
