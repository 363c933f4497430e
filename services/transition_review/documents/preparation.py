"""The preparation sheet as a document: who does what, likely questions with answers, words to avoid, whom to ask."""

from collections.abc import Iterator

from services.transition_review.documents.sheet import CHANNEL, Sheet, their_people, when
from shared.documents.tree import (
    Block,
    Bullets,
    Column,
    Document,
    Facts,
    Heading,
    Line,
    Notice,
    Paragraph,
    Table,
    line,
)

INTERNAL = "Internal: for our people alone. The customer never sees this sheet."


def document_of(sheet: Sheet) -> Document:
    """Return what the preparation sheet says."""
    return Document(
        title=f"Before the talk with {sheet.names.customer}",
        subtitle=f"Preparation · {when(sheet)}",
        running=f"Internal · preparation for the talk with {sheet.names.customer}",
        at=sheet.at,
        blocks=tuple(_blocks(sheet)),
    )


def _blocks(sheet: Sheet) -> Iterator[Block]:
    prepared = sheet.talk.preparation
    yield Notice(line(INTERNAL, "strong"))
    yield Facts(
        (
            ("When", line(when(sheet))),
            ("How", line(CHANNEL[sheet.talk.channel])),
            (sheet.names.customer, their_people(sheet)),
        )
    )
    yield Heading(1, f"Who speaks for {sheet.names.us}, and who does what")
    roles = tuple((line(sheet.names.person("us", who), "strong"), line(does)) for who, does in prepared.roles)
    yield Table((Column("Who", 1), Column("In the talk", 3)), roles) if roles else _nobody()
    yield Heading(1, "What they are likely to ask")
    for one in prepared.questions:
        yield Heading(2, one.question)
        yield Paragraph(line(one.answer))
    if prepared.words_to_avoid:
        yield Heading(1, "Words to avoid")
        yield Paragraph(line(" · ".join(prepared.words_to_avoid)))
    yield Heading(1, "How to say it")
    yield Bullets(tuple(line(one) for one in _MANNERS))
    yield Heading(1, "Whom to ask")
    named = tuple((line(one.name, "strong"), line(one.does)) for one in sheet.colleagues)
    yield Table((Column("Who", 1), Column("For what", 3)), named)


def _nobody() -> Block:
    return Paragraph((Line("Nobody is named yet: say who does what before the talk.", "bad"),))


_MANNERS = (
    "Say the decision in the first minute, in one sentence, and then be silent for a while.",
    "Name only facts that both sides know, and what we missed as plainly as what they missed.",
    "Do not argue about whether: it is final. Talk about how.",
    "Promise nothing that is not in the plan: note it, and say when the answer comes.",
    "Thank them. They may come back, and they may send somebody whom we fit.",
)
