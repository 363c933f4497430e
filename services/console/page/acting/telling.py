"""Forms of who tells whom: the communication part, the agenda of the talk, and links to the customer's plan."""

from collections.abc import Sequence

from services.console.page.acting import rows
from services.console.page.acting.conversations import ONCE, nothing
from services.console.page.acting.endings import TOPICS, ending_of, in_states, part, prepared, written
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given
from services.console.page.acting.given_links import good_links, link_title
from shared.contracts.endings import commands
from shared.contracts.endings.parts import Communication, PlannedMessage
from shared.contracts.endings.transition import AgendaItem

AUDIENCES = (Option("internal", "Our own people"), Option("customer", "The customer"))
WAYS = (
    Option("in_person", "In person"),
    Option("video", "By video"),
    Option("phone", "By phone"),
    Option("mail", "By mail"),
)


def _planned(about: About) -> Sequence[PlannedMessage]:
    part = ending_of(about).parts.communication
    return part.messages if part else ()


def _rows(about: About) -> list[Field]:
    def row(one: PlannedMessage | None) -> Sequence[Field]:
        return (
            Field("what", "What is told", "text", value=(one.what,) if one else (),
                  hint="" if one else "Leave it empty where there is none."),
            Field("audience", "To which side", "choice", options=AUDIENCES, value=(one.audience,) if one else ()),
            Field("to", "To whom", value=(one.to,) if one else ()),
            Field("by", "Who tells it", "choice", options=about.colleagues(),
                  value=(one.by,) if one else about.owner()),
            Field("on", "On", "day", value=(one.on.isoformat(),) if one else ()),
            Field("channel", "How", "choice", options=WAYS, value=(one.channel,) if one else ()),
        )  # fmt: skip

    return rows.laid("Message", _planned(about), 2, row)


def _told(given: Given, about: About, _: str) -> Given:
    known = [one.message_id for one in _planned(about)]
    free = rows.free_ids("message", known)
    messages = [
        {**row.given, "message_id": known[row.number] if row.number < len(known) else next(free)}
        for row in rows.typed(given, _rows(about), "what")
    ]
    return {"communication": Communication.model_validate({"messages": messages})}


def _to_prepare(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state == "approved" and one.talk is not None and one.talk.held_at is None else ()


def _agenda(about: About, _: str) -> Sequence[Field]:
    talk = ending_of(about).talk
    known: dict[str, AgendaItem] = {one.topic: one for one in talk.agenda} if talk else {}
    fields = []
    for number, topic in enumerate(TOPICS, start=1):
        one = known.get(topic)
        fields += [
            Field(f"title-{topic}", f"Title of part {number}", value=(one.title if one else TOPICS[topic],)),
            Field(
                f"points-{topic}", "What is said", "text", value=("\n".join(one.points),) if one else (),
                hint="One point a line.",
            ),
        ]  # fmt: skip
    return fields


def _prepared(given: Given, _: About, __: str) -> Given:
    agenda = [
        {
            "topic": topic,
            "title": given[f"title-{topic}"],
            "points": [line.strip() for line in given[f"points-{topic}"].splitlines() if line.strip()],
        }
        for topic in TOPICS
    ]
    return {"agenda": agenda}


def _share(about: About, _: str) -> Sequence[Field]:
    return (
        Field("contacts", "To whom", "many", options=about.contacts()),
        Field("days", "Good for so many days", "whole", value=("180",), whole=(1, 366)),
    )


FORMS = (
    Form(
        "write_communication", commands.WriteCommunication, "Write who tells whom", "Save the part",
        lambda about, _: _rows(about), written, make=_told, edits=True, apart=part("communication"),
        note="Internal first. Nobody tells the customer anything before an executive has approved.",
    ),
    Form(
        "prepare_talk", commands.PrepareTalk, "Edit the agenda of the talk", "Save the agenda", _agenda, _to_prepare,
        make=_prepared, edits=True, apart=prepared,
        note="It was made from the record. Five parts, in this order: that it ends, why, that it is final, the plan,"
        " and what they want to say.",
    ),
    Form(
        "share_ending", commands.ShareEnding, "Send them a link to their plan", "Send it", _share,
        in_states("announced", "ending"), note="Each contact gets a link of their own by mail.",
    ),
    Form(
        "revoke_ending_link", commands.RevokeEndingLink, link_title, "Take it back", nothing, good_links,
        item="link_id", note="From now on it opens nothing. Whoever needs one gets a new one.",
    ),
)  # fmt: skip
