"""Forms of reviews, and of how a case ends."""

from collections.abc import Sequence
from datetime import timedelta

from services.console.page.acting.conversations import OPEN, SIDES, is_undecided, is_worked_on
from services.console.page.acting.field import Field, Option, moment_for, next_morning
from services.console.page.acting.form import About, Form, Given
from services.console.page.acting.situations import SITUATIONS
from shared.contracts.endings import commands as ending_commands
from shared.contracts.plans import commands
from shared.contracts.plans.case import Commitment, Condition, Progress, Review

STATUSES = (
    Option("done", "Done"),
    Option("open", "Open, still in time"),
    Option("late", "Late"),
    Option("missed", "Missed"),
    Option("waived", "No longer wanted"),
)
STEPS = (
    Option("candid_conversation", "The candid conversation"),
    Option("key_players", "Bringing in key players"),
    Option("joint_plan", "The joint plan"),
    Option("reviews", "The reviews"),
    Option("playbook", "A playbook"),
)


def _review(about: About, item: str) -> Review | None:
    return next((one for one in about.case.reviews if one.review_id == item), None)


def _planned(about: About) -> list[str]:
    if about.case.state not in OPEN:
        return []
    planned = sorted((one for one in about.case.reviews if one.state == "planned"), key=lambda one: one.planned_for)
    ahead = [one.review_id for one in planned if one.planned_for > about.write.now]
    return [*(one.review_id for one in planned if one.planned_for <= about.write.now), *ahead[:1]]


def _to_record(about: About) -> list[str]:
    known = {one.review_id: one.planned_for for one in about.case.reviews}
    return [id_ for id_ in _planned(about) if known[id_] <= about.write.now + timedelta(days=1)]


def _of_day(about: About, item: str) -> str:
    found = _review(about, item)
    return f" of {about.write.day(found.planned_for)}" if found else ""


def due(about: About) -> list[Commitment]:
    """Return the commitments that a review of today says something of: due, and not said how they ended before."""
    agreed = about.case.plan.agreed
    known = {one.commitment_id: one for one in about.case.progress}
    told = {
        result.commitment_id
        for one in about.case.reviews
        for result in one.results
        if one.held_at is not None and _is_over(known.get(result.commitment_id))
    }
    commitments = agreed.terms.commitments if agreed else ()
    return [one for one in commitments if one.due_on <= about.write.today() and one.commitment_id not in told]


def _is_over(known: Progress | None) -> bool:
    return known is not None and known.state != "open"


def _hold(about: About, item: str) -> Sequence[Field]:
    found = _review(about, item)
    known = {one.commitment_id: one.state for one in about.case.progress}
    when = moment_for(min(found.planned_for, about.write.now), about.write.time_zone) if found else ()
    fields = [
        Field("held_at", "When it was held", "moment", value=when),
        Field("attendees", "Who was there", "many", options=about.players()),
    ]
    for number, one in enumerate(due(about)):
        state = known.get(one.commitment_id, "open")
        said = "late" if state == "open" and one.due_on < about.write.today() else state
        who = "we" if one.side == "us" else "the customer"
        fields += [
            Field(f"status-{number}", f"“{one.what[:120]}” ({who})", "choice", options=STATUSES, value=(said,)),
            Field(f"note-{number}", "Note on it", "line", required=False),
        ]
    return (*fields, Field("decided", "What was decided", "text", required=False, hint="One decision a line."))


def _held(given: Given, about: About, _: str) -> Given:
    results = [
        {
            "commitment_id": one.commitment_id,
            "status": given[f"status-{number}"],
            "note": given[f"note-{number}"] or "",
        }
        for number, one in enumerate(due(about))
    ]
    decided = [line.strip() for line in (given["decided"] or "").splitlines() if line.strip()]
    return {"held_at": given["held_at"], "attendees": given["attendees"], "results": results, "decided": decided}


def _move(about: About, item: str) -> Sequence[Field]:
    found = _review(about, item)
    return (
        Field("to", "New time", "moment", value=moment_for(found.planned_for, about.write.time_zone) if found else ()),
        Field("by", "Who asked for it", "choice", options=SIDES),
    )


def _proposed(about: About) -> tuple[str, ...]:
    return ("",) if about.case.plan.versions and about.case.state in OPEN else ()


def _cause(about: About) -> Field:
    reasons = {one.code for one in about.case.reasons}
    first = next((name for name in SITUATIONS if name in reasons), None)
    options = tuple(Option(*one) for one in SITUATIONS.items())
    return Field("cause", "What it came from", "choice", options=options, value=(first,) if first else ())


def _data_missing(about: About) -> tuple[str, ...]:
    unknown = about.case.band == "unknown" and about.case.missing_data is None
    return ("",) if unknown and about.case.state in OPEN else ()


def _failed(about: About) -> tuple[str, ...]:
    return ("",) if about.case.state == "failed" and about.under_way is None else ()


def _unmet(about: About) -> list[Condition]:
    return [one for one in about.case.checklist.conditions if not one.met]


def _in_emergency(about: About) -> tuple[str, ...]:
    return ("",) if about.case.state in OPEN and about.under_way is None and _unmet(about) else ()


def _saved(about: About, _: str) -> str:
    if about.under_way is None:
        return "The customer is saved"
    return "The customer is saved: their ending is withdrawn, and whoever heard of it is told"


def _overrides(about: About, _: str) -> Sequence[Field]:
    return (
        Field("why", "Why it ends", "text"),
        *(Field(f"without-{one.name}", f"Why all the same: {one.says}", "text") for one in _unmet(about)),
    )


def _overriding(given: Given, about: About, _: str) -> Given:
    reasons = [{"condition": one.name, "reason": given[f"without-{one.name}"]} for one in _unmet(about)]
    return {"why": given["why"], "overrides": reasons}


def _handed_to(about: About, _: str) -> Sequence[Field]:
    others = tuple(one for one in about.colleagues() if one.value != about.case.csm)
    return (Field("csm", "To whom", "choice", options=others), Field("reason", "Why", "text"))


FORMS = (
    Form(
        "hold_review", commands.HoldReview, lambda about, item: f"Record the review{_of_day(about, item)}", "Record it",
        _hold, _to_record, item="review_id", make=_held,
        note="The result of every commitment that was due belongs into the record.",
    ),
    Form(
        "miss_review", commands.RecordMissedReview,
        lambda about, item: f"The review{_of_day(about, item)} did not happen", "Record that",
        lambda _, __: (Field("by", "Who did not come", "choice", options=SIDES),), _to_record, item="review_id",
    ),
    Form(
        "move_review", commands.MoveReview, lambda about, item: f"Move the review{_of_day(about, item)}", "Move it",
        _move, _planned, item="review_id",
    ),
    Form(
        "schedule_review", commands.ScheduleReview, "Plan a review beside those on cadence", "Plan it",
        lambda about, _: (
            Field("planned_for", "When", "moment", value=next_morning(about.write.now, about.write.time_zone)),
        ), _proposed, new="review_id",
    ),
    Form(
        "explain_missing_data", commands.ExplainMissingData, "State why nothing is known of their health", "State it",
        lambda _, __: (Field("why", "Why the data are missing", "text"),), _data_missing, right="manager",
    ),
    Form(
        "declare_saved", commands.DeclareSaved, _saved, "Declare them saved",
        lambda about, _: (
            Field("why", "What shows it", "text"), _cause(about), Field("helped", "What helped", "many", options=STEPS),
        ), is_undecided,
    ),
    Form(
        "declare_failed", commands.DeclareFailed, "Everything was tried, and it still fails", "Declare it failed",
        lambda about, _: (Field("why", "What was tried, and why it fails", "text"), _cause(about)), is_worked_on,
        grave=True, note="Only then can an ending be prepared. The conditions are listed above.",
    ),
    Form(
        "propose_transition", ending_commands.ProposeTransition, "Propose to end the relationship", "Propose it",
        lambda _, __: (Field("why", "Why", "text"),), _failed, new="transition_id", grave=True,
        note="The last resort. It is asked at once whether everything was tried; nothing reaches the customer.",
    ),
    Form(
        "propose_in_emergency", ending_commands.ProposeTransition, "End it in an emergency", "Propose it all the same",
        _overrides, _in_emergency, right="executive", new="transition_id", make=_overriding, grave=True,
        note="Abuse of our people, say, or a legal risk. Whatever was not done is named with your reason for it: it is"
        " visible for ever, and in every report. The affected teams, and legal, review it all the same.",
    ),
    Form(
        "dismiss_case", commands.DismissCase, "No plan is needed", "Dismiss the case",
        lambda _, __: (Field("reason", "Why", "text"),), is_worked_on, grave=True,
    ),
    Form(
        "reassign_case", commands.ReassignCase, "Give the case to somebody else", "Reassign it", _handed_to,
        lambda about: ("",) if about.case.state in OPEN else (), right="senior",
    ),
)  # fmt: skip
