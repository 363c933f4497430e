"""The conversation in which the customer hears it: agenda in five parts, people, what came of it.

From domain.md, step 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.transition_review.domain.parts import PartName
from services.transition_review.domain.refusal import NotPossible

TalkChannel = Literal["in_person", "phone", "video"]  # never by mail
Topic = Literal["ending", "reasons", "final", "plan", "open_talk"]
TOPICS: tuple[Topic, ...] = ("ending", "reasons", "final", "plan", "open_talk")


@dataclass(frozen=True)
class AgendaItem:
    """One of the five parts. outcome: what came of it, once it was held."""

    topic: Topic
    title: str
    points: tuple[str, ...]
    outcome: str = ""


@dataclass(frozen=True)
class Question:
    """A question that the customer is likely to ask, and our answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Preparation:
    """What our people have at hand, and the customer never sees."""

    questions: tuple[Question, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()  # person of ours, what they do in the talk
    words_to_avoid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """speakers: of ours; contacts: of the customer; agreed_changes: parts that are to become other than approved.

    approved_at: of the approval under which it was arranged, None where that was kept before this was.
    """

    planned_for: datetime
    channel: TalkChannel
    speakers: tuple[str, ...]
    contacts: tuple[str, ...]
    agenda: tuple[AgendaItem, ...]
    preparation: Preparation = Preparation()
    held_at: datetime | None = None
    recorded_by: str | None = None
    reaction: str = ""
    agreed_changes: tuple[PartName, ...] = ()
    version: int | None = None  # that was approved when it was arranged; once it was held, then
    made_for: int | None = None  # the version that the agenda was made or edited for
    approved_at: datetime | None = None


def require_agenda(agenda: Sequence[AgendaItem]) -> None:
    """Raise NotPossible unless it has its five parts, in order, each with something to say."""
    if tuple(one.topic for one in agenda) != TOPICS:
        raise NotPossible("agenda", "The agenda has five parts, in their order.", f"its parts are {', '.join(TOPICS)}")
    empty = [one.topic for one in agenda if not one.points]
    if empty:
        raise NotPossible("agenda", "A part of the agenda says nothing.", *(f"{one} has a point" for one in empty))


def hold(  # what came of it
    talk: Talk,
    held_at: datetime,
    channel: TalkChannel,
    people: tuple[tuple[str, ...], tuple[str, ...]],
    outcomes: Sequence[tuple[Topic, str]],
) -> Talk:
    """Return the talk as it was held. people: speakers of ours, contacts of the customer."""
    speakers, contacts = people
    if not speakers or not contacts:
        raise NotPossible("nobody_there", "Somebody of each side was there.", "a person of each side attended")
    said = dict(outcomes)
    if unsaid := [topic for topic in TOPICS if not said.get(topic)]:
        raise NotPossible(
            "outcomes",
            "Each part of the agenda has an outcome.",
            *(f"what came of {topic} is recorded" for topic in unsaid),
        )
    agenda = tuple(replace(one, outcome=said[one.topic]) for one in talk.agenda)
    return replace(talk, held_at=held_at, channel=channel, speakers=speakers, contacts=contacts, agenda=agenda)
