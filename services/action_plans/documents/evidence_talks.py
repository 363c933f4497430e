"""What was said and by whom, as evidence: conversations, players and their views, expectations, decisions."""

from collections.abc import Iterator

from services.action_plans.domain.conversation import Conversation
from services.action_plans.domain.expectation import Expectation
from services.action_plans.domain.players import Stakeholder
from services.action_plans.store.dossier import Dossier
from shared.documents.tree import NOTHING, Block, Column, Heading, Line, Lines, Paragraph, Table, line
from shared.documents.wording import day, moment

NONE = line("None is recorded.", "quiet")


def conversations_of(dossier: Dossier) -> Iterator[Block]:
    """Candid conversations, those that did not happen too."""
    yield Heading(1, "Candid conversations")
    if not dossier.case.conversations:
        yield Paragraph(NONE)
        return
    columns = (Column("Conversation", 5), Column("How it went", 5), Column("What was said", 10))
    yield Table(columns, tuple(_conversation(dossier, one) for one in dossier.case.conversations))


def _conversation(dossier: Dossier, one: Conversation) -> tuple[Lines, ...]:
    zone = dossier.case.time_zone
    went = [Line(f"{one.state}{f' by {one.missed_by}' if one.missed_by else ''}", "bad" if one.missed_by else "strong")]
    went.append(Line(f"{one.channel.replace('_', ' ')}, planned for {moment(one.planned_for, zone)}"))
    went += [Line(f"moved by {move.by} from {moment(move.planned_for, zone)}", "quiet") for move in one.moves]
    if one.held_at:
        went.append(Line(f"held {moment(one.held_at, zone)}"))
    told = "It was said that ending is possible." if one.told_ending_possible else "It was not said that it may end."
    said = [Line(one.notes), Line(told, "strong" if one.told_ending_possible else "quiet")] if one.held_at else []
    there = ", ".join(attending(dossier, one.attendees))
    return line(one.conversation_id, "strong"), tuple(went), (*said, Line(f"There: {there or NOTHING}", "quiet"))


def attending(dossier: Dossier, ids: tuple[str, ...]) -> list[str]:
    """Return who the players of these ids are."""
    players = {one.stakeholder_id: one.person_id for one in dossier.case.stakeholders}
    return [dossier.person(players.get(id_, id_)) for id_ in ids]


def players_of(dossier: Dossier) -> Iterator[Block]:
    """The key players, each with how they have seen it, and what stands in for an executive."""
    yield Heading(1, "Key players and their views")
    if dossier.case.stakeholders:
        columns = (Column("Player", 5), Column("Side and role", 4), Column("Views", 11))
        yield Table(columns, tuple(_player(dossier, one) for one in dossier.case.stakeholders))
    else:
        yield Paragraph(NONE)
    known = dossier.case.exception
    if known is not None:
        yield Heading(2, "Going on without an executive")
        tried = [Line(f"Tried on {day(one.on)}: {one.how}") for one in known.attempts]
        asked = f"Asked for by {dossier.person(known.asked_by)}, {moment(known.asked_at, dossier.case.time_zone)}"
        allowed = "Not allowed yet."
        if known.allowed_at is not None:
            at = moment(known.allowed_at, dossier.case.time_zone)
            allowed = f"Allowed by {dossier.person(known.allowed_by)}, {at}: {known.manager_says}"
        yield Paragraph((Line(asked, "strong"), Line(known.why), *tried, Line(allowed)))


def _player(dossier: Dossier, one: Stakeholder) -> tuple[Lines, ...]:
    views = [
        Line(f"{day(view.on)}: fit {view.fit} of 5, sentiment {view.sentiment} of 5. {view.wants}")
        for view in one.views
    ]
    who = Line(dossier.person(one.person_id), "strong"), Line(one.stakeholder_id, "quiet")
    return who, line(f"{one.side}, {one.role}"), tuple(views) or line(NOTHING)


def expectations_of(dossier: Dossier) -> Iterator[Block]:
    """What each side expects, what was taken back too."""
    yield Heading(1, "Expectations")
    if not dossier.case.expectations:
        yield Paragraph(NONE)
        return
    columns = (Column("Expectation", 10), Column("Whose", 4), Column("Heard", 4))
    yield Table(columns, tuple(_expectation(dossier, one) for one in dossier.case.expectations))


def _expectation(dossier: Dossier, one: Expectation) -> tuple[Lines, ...]:
    zone = dossier.case.time_zone
    said = [Line(one.text, "strong"), Line(f"{one.expectation_id} · {one.kind}", "quiet")]
    said += [
        Line(f"{name}: {text}")
        for name, text in (("In comparison", one.norm), ("Measured by", one.target))
        if text is not None
    ]
    if one.by_day is not None:
        said.append(Line(f"By: {day(one.by_day)}"))
    if one.retracted_at is not None:
        said.append(Line(f"Taken back {moment(one.retracted_at, zone)}: {one.retracted_why}"))
    whose = Line(one.side), Line(f"said by {attending(dossier, (one.author,))[0]}", "quiet")
    return tuple(said), whose, line(moment(one.heard_at, zone) if one.heard_at else "not yet")


def said_of(dossier: Dossier) -> Iterator[Block]:
    """Decisions, how the CSM felt, playbooks, and what the customer wrote."""
    case, zone = dossier.case, dossier.case.time_zone
    rows = [
        (
            one.at,
            f"Decision {one.decision_id}{f' in review {one.review_id}' if one.review_id else ''}",
            one.by,
            one.text,
        )
        for one in case.decisions
    ]
    rows += [(one.at, f"Sentiment {one.value} of 5", one.by, one.why) for one in case.sentiments]
    rows += [(one.at, f"Playbook {one.playbook}, version {one.version}", one.by, "") for one in case.playbooks]
    rows += [
        (
            one.at,
            "The customer asks for a change" if one.proposes else "Comment of the customer",
            one.contact_id,
            one.text,
        )
        for one in case.comments
    ]
    yield Heading(1, "Decisions, sentiment, playbooks, comments")
    if not rows:
        yield Paragraph(NONE)
        return
    columns = (Column("What", 6), Column("By, when", 5), Column("Words", 9))
    yield Table(
        columns,
        tuple(
            (line(what, "strong"), (Line(dossier.person(by)), Line(moment(at, zone), "quiet")), line(text or NOTHING))
            for at, what, by, text in sorted(rows)
        ),
    )
