"""Forms of a transition: its reviews, approval, the talk, the announcement, and what has to be done until the end."""

from collections.abc import Callable, Sequence

from services.console.page.acting.conversations import CHANNELS, ONCE, nothing
from services.console.page.acting.field import Field, Option, moment_for, next_morning
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands
from shared.contracts.endings.parts import Milestone, PartName
from shared.contracts.endings.transition import State, TransitionSnapshot

BEFORE_TOLD: frozenset[State] = frozenset({"draft", "in_review", "approved"})
OPEN: frozenset[State] = BEFORE_TOLD | {"proposed", "announced", "ending"}
SAYS = (
    Option("approve", "We approve it"),
    Option("change", "We ask for changes"),
    Option("object", "We object"),
)
TOPICS = {
    "ending": "That we are ending it",
    "reasons": "The reasons",
    "final": "That it is final",
    "plan": "The transition plan",
    "open_talk": "What they wanted to talk about",
}
PARTS = (
    Option("timeline", "Timeline"),
    Option("contracts", "Contracts"),
    Option("refunds", "Refunds"),
    Option("support", "Support"),
    Option("communication", "Communication"),
    Option("referral", "Referral"),
)


def ending_of(about: About) -> TransitionSnapshot:
    """Return the transition. LookupError where this person sees only what was announced of it."""
    if about.ending is None:
        raise LookupError(about.page)
    return about.ending


def part(name: PartName) -> Callable[[About, str], object]:
    """Return by what one sees a part of the plan as it is written now, whatever else is."""
    return lambda about, _: getattr(ending_of(about).parts, name)


def prepared(about: About, _: str) -> object:
    """Return what was prepared of the talk."""
    talk = ending_of(about).talk
    return (talk.agenda, talk.preparation) if talk else None


def _heard(about: About) -> tuple[str, ...]:
    """Return whom of the customer's the talk was held with."""
    talk = ending_of(about).talk
    return talk.contacts if talk else ()


def in_states(*states: State) -> "_Once":
    """Return that it is there once, in these states of a transition that is seen whole."""
    return _Once(frozenset(states))


class _Once:
    """See in_states."""

    def __init__(self, states: frozenset[State]) -> None:
        self._states = states

    def __call__(self, about: About) -> tuple[str, ...]:
        return ONCE if about.ending is not None and about.ending.state in self._states else ()


written = in_states("draft", "in_review", "approved", "announced", "ending")


def _version(about: About) -> Field:
    """Return the version that somebody speaks of: the one before them, whatever is put to the teams meanwhile."""
    submitted = ending_of(about).submitted
    return Field("content_hash", "", "seen", value=(submitted.content_hash if submitted else "0" * 64,))


def _to_submit(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state in OPEN - {"proposed"} and (one.submitted is None or one.written_on) else ()


def _to_review(about: About) -> list[str]:
    one = ending_of(about)
    waits = one.state in {"in_review", "approved", "announced", "ending"}  # a team may be asked after the approval
    return [review.team for review in one.reviews] if waits else []


def _reviewed(given: Given, _: About, __: str) -> Given:
    return {**given, "why": given["why"] or ""}


def _objected(about: About) -> list[str]:
    return [one.team for one in ending_of(about).reviews if one.standing == "objected"]


def _to_approve(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    agreed = bool(one.reviews) and all(review.standing in {"approved", "overruled"} for review in one.reviews)
    new = one.submitted is not None and (one.approval is None or one.approval.version < one.submitted.number)
    return ONCE if agreed and new and one.state in OPEN else ()


def _to_arrange(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state == "approved" and (one.talk is None or one.talk.held_at is None) else ()


def _to_hold(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state in BEFORE_TOLD and one.talk is not None and one.talk.held_at is None else ()


def _to_announce(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    told, approved = one.announced, one.approval
    new = approved is not None and (told is None or told.version < approved.version)
    held = one.talk is not None and one.talk.held_at is not None
    return ONCE if held and new and one.state in {"approved", "announced", "ending"} else ()


def _arrange(about: About, _: str) -> Sequence[Field]:
    talk = ending_of(about).talk
    zone = about.write.time_zone
    when = moment_for(talk.planned_for, zone) if talk else next_morning(about.write.now, zone)
    return (
        Field("planned_for", "When", "moment", value=when),
        Field("channel", "How", "choice", options=CHANNELS, value=(talk.channel,) if talk else ("in_person",)),
        Field(
            "speakers",
            "Who of ours speaks",
            "many",
            options=about.colleagues(),
            value=talk.speakers if talk else about.owner(),
        ),
        Field("contacts", "With whom", "many", options=about.contacts(), value=talk.contacts if talk else ()),
    )


def _held(about: About) -> tuple[str, ...]:
    talk = ending_of(about).talk
    return moment_for(min(talk.planned_for, about.write.now), about.write.time_zone) if talk else ()


def _record(about: About, item: str) -> Sequence[Field]:
    return (
        Field("held_at", "When it was held", "moment", value=_held(about)),
        *_arrange(about, item)[1:],
        *(Field(f"outcome-{topic}", f"What came of: {says}", "text") for topic, says in TOPICS.items()),
        Field("reaction", "How they took it", "text"),
        Field(
            "agreed_changes", "Parts that it was agreed to change", "many", options=PARTS, required=False,
            hint="They go back to the teams that they affect before anything is announced.",
        ),
    )  # fmt: skip


def _recorded(given: Given, _: About, __: str) -> Given:
    outcomes = [{"topic": topic, "outcome": given.pop(f"outcome-{topic}")} for topic in TOPICS]
    return {**given, "outcomes": outcomes}


def _milestones(about: About) -> list[str]:
    """Return those that are not reached, as the teams were told of them, or as who prepares the ending sees them."""
    return [f"{one.team}:{one.milestone_id}" for one in _open_milestones(about)]


def _open_milestones(about: About) -> Sequence[Milestone]:
    if about.ending is None:
        return about.announced.open_milestones() if about.announced else ()
    one = about.ending
    done = {reached.milestone_id for reached in one.reached}
    planned = one.parts.timeline.milestones if one.parts.timeline else ()
    is_told = one.state in {"announced", "ending"}
    return [milestone for milestone in planned if is_told and milestone.milestone_id not in done]


def _reach_title(about: About, item: str) -> str:
    id_ = item.partition(":")[2]
    found = next((one for one in _open_milestones(about) if one.milestone_id == id_), None)
    return f"Reached: {found.what}" if found else "A milestone was reached"


def _reached(given: Given, _: About, item: str) -> Given:
    return {**given, "milestone_id": item.partition(":")[2]}


def _conditions(about: About) -> list[str]:
    if about.seen_case is None:
        return []
    overridden = {one.condition for one in ending_of(about).overrides}
    open_ = ending_of(about).state in BEFORE_TOLD | {"proposed"}
    unmet = [one.name for one in about.case.checklist.conditions if not one.met and one.name not in overridden]
    return unmet if open_ else []


def _teams(about: About) -> list[str]:
    one = ending_of(about)
    return [review.team for review in one.reviews] if one.state in OPEN - {"proposed"} else []


def _stand_in(about: About, _: str) -> Sequence[Field]:
    ending = ending_of(about)
    not_they = {about.person.person_id, ending.proposed_by, ending.csm, *ending.authors}
    others = tuple(one for one in about.colleagues() if one.value not in not_they)
    return (
        Field("person", "Who answers for the team", "choice", options=others),
        Field("until", "Until", "moment"),
        Field("why", "Why", "text"),
    )


def _no_notice(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state in {"announced", "ending"} and one.notice is None else ()


def _learned(about: About) -> tuple[str, ...]:
    one = ending_of(about)
    return ONCE if one.state in {"ended", "lost"} and one.post_mortem is None else ()


FORMS = (
    Form(
        "submit_plan", commands.SubmitPlan, "Put the plan to the teams", "Put it to them", nothing, _to_submit,
        edits=True, note="It becomes the next version. Which teams review it follows from the plan.",
    ),
    Form(
        "give_review", commands.GiveReview, lambda _, item: f"What does {item} say?", "Say so",
        lambda about, _: (
            _version(about),
            Field("says", "What you say for the team", "choice", options=SAYS),
            Field("why", "Why", "text", required=False, hint="Needed unless you approve."),
        ), _to_review, right="team", item="team", make=_reviewed,
        note="You speak of the version that is shown. A change to a part asks the teams that it affects again.",
    ),
    Form(
        "name_stand_in", commands.NameStandIn, lambda _, item: f"Name a stand-in for {item}", "Name them", _stand_in,
        _teams, right="team_or_lead", item="team",
        note="They see the transition, and answer for the team until then; the team hears of it.",
    ),
    Form(
        "overrule", commands.OverruleObjection, lambda _, item: f"Go on in spite of {item}", "Overrule the objection",
        lambda _, __: (Field("why", "Why", "text"),), _objected, right="executive", item="team", grave=True,
    ),
    Form(
        "approve_plan", commands.ApprovePlan, "Approve the plan, last of all", "Approve this version",
        lambda about, _: (_version(about),), _to_approve, right="executive",
        note="Only then may anybody talk to the customer. Whoever wrote it does not approve it.",
    ),
    Form(
        "override_condition", commands.OverrideCondition,
        lambda about, item: "Go on without: " + next(
            (one.says.rstrip(".") for one in about.case.checklist.conditions if one.name == item), item),
        "Override it", lambda _, __: (Field("reason", "Why", "text"),), _conditions, right="executive",
        item="condition", grave=True, note="It is visible for ever, and in every report.",
    ),
    Form(
        "arrange_talk", commands.ArrangeTalk, "Arrange the talk", "Arrange it", _arrange, _to_arrange, edits=True,
        note="In person, by phone or by video; never by mail. Its agenda is made from the record.",
    ),
    Form(
        "record_talk", commands.RecordTalk, "Record the talk", "Record it", _record, _to_hold, make=_recorded,
        edits=True, note="If it was held, record it, even where something has stopped the ending since: they know.",
    ),
    Form(
        "announce", commands.AnnounceEnding, "Announce the ending", "Announce it",
        lambda about, _: (
            Field("contacts", "Who gets the written notice", "many", options=about.contacts(), value=_heard(about)),
        ),
        _to_announce, edits=True, grave=True, note="Revenue and operations are told, and the written notice is sent.",
    ),
    Form(
        "record_notice", commands.RecordNotice, "The notice was received", "Record it",
        lambda about, _: (
            Field("received_on", "On", "day", value=(about.write.today().isoformat(),)),
            Field("how", "How it is known", "text", hint="Such as: handed over in person, and signed for."),
        ), _no_notice,
    ),
    Form(
        "reach_milestone", commands.ReachMilestone, _reach_title, "Record it",
        lambda about, _: (
            Field("on", "On", "day", value=(about.write.today().isoformat(),)),
            Field("evidence", "What shows it", "text"),
        ), _milestones, right="team", make=_reached, each=True,
    ),
    Form(
        "withdraw", commands.WithdrawTransition, "Call it off", "Withdraw it",
        lambda _, __: (Field("why", "Why", "text"),), in_states(*OPEN), edits=True,
        note="Everyone who was told is told. The case goes back to where it was.",
    ),
    Form(
        "post_mortem", commands.RecordPostMortem, "Record what was learned", "Record it",
        lambda _, __: (
            Field("missed_signals", "Signals that were missed", "text"),
            Field("misfit_at_sale", "What did not fit from the start", "text"),
            Field("do_differently", "What we do differently", "text"),
        ), _learned,
    ),
)  # fmt: skip
