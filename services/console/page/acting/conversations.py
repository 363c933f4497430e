"""Forms of the first two steps: candid conversations, expectations, key players and their views."""

from collections.abc import Sequence

from services.console.page.acting.field import Field, Option, moment_for, next_morning
from services.console.page.acting.form import About, Form, Given
from services.console.page.words import ROLE
from shared.contracts.plans import commands

ONCE = ("",)
OPEN = frozenset({"at_risk", "conversation", "plan", "reviewing", "failed"})
WORKING = OPEN - {"failed"}
CHANNELS = (Option("in_person", "In person"), Option("video", "Video"), Option("phone", "Phone"))
SIDES = (Option("customer", "The customer"), Option("us", "We"))
FIVE = tuple(Option(str(one), says) for one, says in enumerate(("1, bad", "2", "3", "4", "5, very good"), 1))
KINDS = (Option("outcome", "Outcome"), Option("initiative", "Initiative"), Option("expectation", "Expectation"))
ROLES = (
    Option("main", "Main contact"),
    Option("executive", "Executive"),
    Option("sponsor", "Sponsor"),
    Option("affected", "Affected"),
)


def is_open(about: About) -> tuple[str, ...]:
    """Return that it is there once, where the case is open."""
    return ONCE if about.case.state in OPEN else ()


def is_worked_on(about: About) -> tuple[str, ...]:
    """Return that it is there once, where the plan of the case is worked at: no ending of it is announced either."""
    return is_undecided(about) if about.case.announced_at is None else ()


def is_undecided(about: About) -> tuple[str, ...]:
    """Return that it is there once, where the case is open and was not declared failed."""
    return ONCE if about.case.state in WORKING else ()


def nothing(_: About, __: str) -> tuple[Field, ...]:
    """Return no fields: there is only a decision."""
    return ()


def _planned(about: About) -> list[str]:
    if about.case.state not in OPEN:
        return []
    return [one.conversation_id for one in about.case.conversations if one.state == "planned"]


def _when(about: About, item: str) -> tuple[str, ...]:
    found = next((one for one in about.case.conversations if one.conversation_id == item), None)
    return moment_for(min(found.planned_for, about.write.now), about.write.time_zone) if found else ()


def _of_day(about: About, item: str) -> str:
    found = next((one for one in about.case.conversations if one.conversation_id == item), None)
    return f" of {about.write.day(found.planned_for)}" if found else ""


def _schedule(about: About, _: str) -> Sequence[Field]:
    return (
        Field(
            "planned_for",
            "When",
            "moment",
            value=next_morning(about.write.now, about.write.time_zone),
            hint=f"In {about.write.time_zone.replace('_', ' ')}.",
        ),
        Field("channel", "How", "choice", options=CHANNELS, value=("video",)),
        Field(
            "invited",
            "Who is invited",
            "many",
            options=about.players(),
            required=False,
            hint="On their side the main contact and an executive; name players first to see them here.",
            grows_by="add_stakeholder",
        ),
    )


def _record(about: About, item: str) -> Sequence[Field]:
    known = next((one for one in about.case.conversations if one.conversation_id == item), None)
    return (
        Field("held_at", "When it was held", "moment", value=_when(about, item)),
        Field("channel", "How", "choice", options=CHANNELS, value=(known.channel,) if known else ()),
        Field(
            "attendees",
            "Who was there",
            "many",
            options=about.players(),
            value=known.invited if known else (),
            hint="Somebody of the customer has to have been there; else they have missed it.",
        ),
        Field(
            "told_ending_possible",
            "They were told that ending the relationship is possible",
            "yes",
            hint="So that nobody is ever surprised. It is one of the conditions of the last resort.",
        ),
        Field("notes", "What was said", "text", required=False, hint="Fair enough to read aloud to either side."),
        Field(
            "private_notes", "Private note", "text", required=False, hint="For us alone; the customer never sees it."
        ),
    )


def _recorded(given: Given, _: About, __: str) -> Given:
    return {**given, "notes": given["notes"] or ""}


def _missed(_: About, __: str) -> Sequence[Field]:
    return (Field("by", "Who did not come, or called it off", "choice", options=SIDES),)


def _moved(about: About, item: str) -> Sequence[Field]:
    found = next((one for one in about.case.conversations if one.conversation_id == item), None)
    return (
        Field("to", "New time", "moment", value=moment_for(found.planned_for, about.write.time_zone) if found else ()),
        Field("by", "Who asked for it", "choice", options=SIDES),
    )


def _expectation(about: About, _: str) -> Sequence[Field]:
    held = [one for one in about.case.conversations if one.state == "held"]
    authors = (*about.players(), *(one for one in about.colleagues() if one.value == about.person.person_id))
    return (
        Field("side", "Whose expectation", "choice", options=SIDES),
        Field("kind", "What it is", "choice", options=KINDS, value=("expectation",)),
        Field("text", "In their words", "text"),
        Field("author", "Who said so", "choice", options=authors),
        Field(
            "conversation_id",
            "From which conversation",
            "choice",
            required=False,
            options=tuple(Option(one.conversation_id, about.write.day(one.held_at or one.planned_for)) for one in held),
            value=(held[-1].conversation_id,) if held else (),
        ),
        Field("norm", "What is usual elsewhere", "line", required=False),
        Field("target", "Measured by", "line", required=False),
        Field("by_day", "Until", "day", required=False),
        Field("heard", "The other side has heard it", "yes"),
    )


def _unheard(about: About) -> list[str]:
    standing = [one for one in about.case.expectations if one.retracted_at is None and one.heard_at is None]
    return [one.expectation_id for one in standing] if about.case.state in OPEN else []


def _standing(about: About) -> list[str]:
    standing = [one for one in about.case.expectations if one.retracted_at is None]
    return [one.expectation_id for one in standing] if about.case.state in OPEN else []


def _stakeholder(about: About, _: str) -> Sequence[Field]:
    named = {one.person_id for one in about.case.stakeholders}
    role = {one.contact_id: one.role for one in about.customer.contacts} if about.customer else {}
    theirs = tuple(
        Option(one.value, f"{one.label} (customer, {ROLE[role[one.value]]})")
        for one in about.contacts()
        if one.value not in named
    )
    ours = tuple(Option(one.value, f"{one.label} (ours)") for one in about.colleagues() if one.value not in named)
    return (
        Field("person_id", "Who", "choice", options=(*theirs, *ours)),
        Field("role", "As what", "choice", options=ROLES),
    )


def _named(given: Given, about: About, _: str) -> Given:
    return {**given, "side": "us" if given["person_id"] in about.ours else "customer"}


def _players(about: About) -> list[str]:
    return [one.stakeholder_id for one in about.case.stakeholders] if about.case.state in OPEN else []


def _view_of(about: About, item: str) -> str:
    return f"Record the view of {about.people.name(item)}"


def _view(about: About, _: str) -> Sequence[Field]:
    return (
        Field("fit", "How well we fit, they think", "choice", options=FIVE),
        Field("sentiment", "How they feel about it", "choice", options=FIVE),
        Field("wants", "What they want", "text"),
        Field("on", "On", "day", value=(about.write.today().isoformat(),)),
    )


def _numbers(given: Given, _: About, __: str) -> Given:
    return {**given, **{name: int(given[name]) for name in ("fit", "sentiment", "value") if name in given}}


def _exception(about: About, _: str) -> Sequence[Field]:
    return (
        Field("on", "Last tried on", "day", value=(about.write.today().isoformat(),)),
        Field("how", "How, and how often", "line"),
        Field("why", "Why it cannot be done", "text"),
    )


def _attempted(given: Given, _: About, __: str) -> Given:
    return {"attempts": [{"on": given["on"], "how": given["how"]}], "why": given["why"]}


def _no_exception(about: About) -> tuple[str, ...]:
    executive = next((one for one in about.case.checklist.conditions if one.name.startswith("executive")), None)
    needed = about.case.exception is None and not (executive is not None and executive.met)
    return ONCE if needed and about.case.state in OPEN else ()


def _asked_exception(about: About) -> tuple[str, ...]:
    asked = about.case.exception
    return ONCE if asked is not None and asked.allowed_by is None and about.case.state in OPEN else ()


FORMS = (
    Form(
        "schedule_conversation", commands.ScheduleConversation, "Schedule a candid conversation", "Schedule it",
        _schedule, is_open, new="conversation_id",
        note="The first one includes, on their side, the main contact and somebody who decides.",
    ),
    Form(
        "record_conversation", commands.RecordConversation,
        lambda about, item: f"Record the conversation{_of_day(about, item)}", "Record it",
        _record, _planned, item="conversation_id", make=_recorded,
    ),
    Form(
        "move_conversation", commands.MoveConversation,
        lambda about, item: f"Move the conversation{_of_day(about, item)}", "Move it",
        _moved, _planned, item="conversation_id",
    ),
    Form(
        "miss_conversation", commands.RecordMissedConversation,
        lambda about, item: f"The conversation{_of_day(about, item)} did not happen", "Record that",
        _missed, _planned, item="conversation_id", note="Our own misses are recorded as plainly as theirs.",
    ),
    Form(
        "add_expectation", commands.AddExpectation, "Record an expectation", "Record it", _expectation, is_open,
        new="expectation_id", note="What success looks like, for both sides.",
    ),
    Form(
        "hear_expectation", commands.MarkExpectationHeard, "The other side has heard it", "Yes, it was heard", nothing,
        _unheard, item="expectation_id",
    ),
    Form(
        "retract_expectation", commands.RetractExpectation, "Take it back", "Take it back",
        lambda _, __: (Field("reason", "Why", "text"),), _standing, item="expectation_id",
    ),
    Form(
        "add_stakeholder", commands.AddStakeholder, "Name a player", "Name them", _stakeholder, is_open,
        new="stakeholder_id", make=_named,
    ),
    Form(
        "record_view", commands.RecordView, _view_of, "Record it", _view, _players, item="stakeholder_id",
        make=_numbers,
    ),
    Form(
        "request_exception", commands.RequestException, "Ask to go on without an executive", "Ask the manager",
        _exception, _no_exception, make=_attempted,
    ),
    Form(
        "approve_exception", commands.ApproveException, "Allow going on without an executive", "Allow it",
        lambda _, __: (Field("statement", "Why you allow it", "text"),), _asked_exception, right="manager",
    ),
    Form(
        "record_sentiment", commands.RecordSentiment, "How do you feel about it?", "Record it",
        lambda _, __: (Field("value", "Your feeling", "choice", options=FIVE), Field("why", "Why", "text")), is_open,
        make=_numbers, note="It is kept apart from the computed score.",
    ),
)  # fmt: skip
