"""The agenda of the talk as a document: its five parts, in order."""

from collections.abc import Iterator

from services.transition_review.documents.sheet import CHANNEL, Sheet, our_people, their_people, when
from shared.documents.tree import Block, Bullets, Document, Facts, Heading, Line, Notice, line

INTERNAL = "Internal: for those who lead the talk. Nothing of it reaches the customer before the talk."


def document_of(sheet: Sheet) -> Document:
    """Return what the agenda says."""
    return Document(
        title=f"The talk with {sheet.names.customer}",
        subtitle=f"Agenda · {when(sheet)}",
        running=f"Internal · agenda for the talk with {sheet.names.customer}",
        at=sheet.at,
        blocks=tuple(_blocks(sheet)),
    )


def _blocks(sheet: Sheet) -> Iterator[Block]:
    yield Notice((Line(INTERNAL, "strong"), *_outdated(sheet)))
    yield Facts(
        (
            ("When", line(when(sheet))),
            ("How", line(CHANNEL[sheet.talk.channel])),
            (sheet.names.us, our_people(sheet)),
            (sheet.names.customer, their_people(sheet)),
        )
    )
    for number, part in enumerate(sheet.talk.agenda, 1):
        yield Heading(1, f"{number}. {part.title}")
        yield Bullets(tuple(line(point) for point in part.points))


def _outdated(sheet: Sheet) -> Iterator[Line]:
    if sheet.is_outdated:
        made_for, now = sheet.talk.made_for, sheet.version
        yield Line(f"It was made for version {made_for} of the plan, which is at version {now}: check part 4.", "bad")
