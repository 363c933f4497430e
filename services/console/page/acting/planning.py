"""Forms of the joint plan: playbook, frame, commitments of both sides, proposing, signing, sharing, what came of it."""

from collections.abc import Sequence
from datetime import timedelta

from services.console.page.acting.conversations import ONCE, OPEN, is_worked_on, nothing
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given, Link
from services.console.page.acting.given_links import good_links, link_title
from services.console.page.acting.situations import SITUATIONS
from shared.contracts.plans import commands
from shared.contracts.plans.case import Commitment, Suggestion, Terms
from shared.page.links import hash_of

CADENCES = (Option("weekly", "Every week"), Option("every_two_weeks", "Every two weeks"))


def draft_of(about: About) -> Terms | None:
    """Return what is edited: the draft; where there is none, what waits or was agreed last."""
    plan = about.case.plan
    if plan.draft is not None:
        return plan.draft
    latest = plan.proposed or plan.agreed
    return latest.terms if latest else None


def best_first(suggested: Sequence[Suggestion]) -> list[Suggestion]:
    """Return the playbooks that fit, that with most reasons for it first."""
    return sorted(suggested, key=lambda one: -len(one.why))


def commitment_of(about: About, item: str) -> Commitment | None:
    """Return a commitment of the draft."""
    draft = draft_of(about)
    return next((one for one in draft.commitments if one.commitment_id == item), None) if draft else None


def _playbook(about: About, _: str) -> Sequence[Field]:
    fits = {one.playbook: f"{one.title} (suggested)" for one in best_first(about.case.suggestions)}
    known = {**fits, **{name: title for name, title in SITUATIONS.items() if name not in fits}}
    first = next(iter(fits), None)
    return (
        Field(
            "playbook",
            "Which",
            "choice",
            options=tuple(Option(*one) for one in known.items()),
            value=(first,) if first else (),
            hint="Those that fit best come first; why is said above.",
        ),
        Field("starts_on", "The plan starts on", "day", value=((about.write.today() + timedelta(days=1)).isoformat(),)),
        Field("usual", "What is usual", "line", required=False, hint="Such as “2 weeks”; both sides read it."),
        Field(
            "yours", "How it is here", "line", required=False, hint="Such as “6 months”; with both, or with neither."
        ),
    )


def _frame(about: About, _: str) -> Sequence[Field]:
    draft, today = draft_of(about), about.write.today()
    start, end = (draft.starts_on, draft.ends_on) if draft else (today + timedelta(days=1), today + timedelta(days=60))
    first = draft.first_review_on if draft else start + timedelta(days=7)
    return (
        Field("purpose", "What it is for", "text", value=(draft.purpose,) if draft else ()),
        Field("starts_on", "From", "day", value=(start.isoformat(),)),
        Field("ends_on", "To", "day", value=(end.isoformat(),)),
        Field("cadence", "Reviews", "choice", options=CADENCES, value=(draft.cadence if draft else "weekly",)),
        Field("first_review_on", "First review on", "day", value=(first.isoformat(),)),
        Field(
            "review_hour", "At (hour, their time)", "whole", value=(str(draft.review_hour) if draft else "10",),
            whole=(0, 23),
        ),
    )  # fmt: skip


def _owners(about: About, side: str | None) -> tuple[Option, ...]:
    theirs = tuple(Option(one.value, f"{one.label} (customer)") for one in about.contacts()) if side != "us" else ()
    ours = tuple(Option(one.value, f"{one.label} (ours)") for one in about.colleagues()) if side != "customer" else ()
    return (*theirs, *ours)


def _commitment(about: About, item: str) -> Sequence[Field]:
    known = commitment_of(about, item)
    return (
        Field("what", "What will be done", "text", value=(known.what,) if known else ()),
        Field(
            "owner", "Who does it", "choice", options=_owners(about, known.side if known else None),
            value=(known.owner,) if known else (), hint="One person; theirs or ours, as the side is.",
        ),
        Field("due_on", "Until", "day", value=(known.due_on.isoformat(),) if known else ()),
        Field("done_when", "Both see that it is done when", "text", value=(known.done_when,) if known else ()),
    )  # fmt: skip


def _framed(about: About, _: str) -> object:
    """Return the frame of what is edited, without what stands in it."""
    found = draft_of(about)
    return found.model_copy(update={"promises": (), "commitments": ()}) if found else None


def _commitment_of(about: About, item: str) -> object:
    found = draft_of(about)
    return next((one for one in found.commitments if one.commitment_id == item), None) if found else None


def _sided(given: Given, about: About, _: str) -> Given:
    return {**given, "side": "us" if given["owner"] in about.ours else "customer"}


def _drafted(about: About) -> tuple[str, ...]:
    return ONCE if draft_of(about) is not None and is_worked_on(about) else ()


def _commitments(about: About) -> list[str]:
    draft = draft_of(about)
    return [one.commitment_id for one in draft.commitments] if draft and _drafted(about) else []


def _to_propose(about: About) -> tuple[str, ...]:
    return ONCE if about.case.plan.draft is not None and is_worked_on(about) else ()


def _to_sign(about: About) -> tuple[str, ...]:
    waiting = about.case.plan.proposed
    unsigned = waiting is not None and waiting.refusal is None and all(one.side != "us" for one in waiting.acceptances)
    return ONCE if unsigned and is_worked_on(about) else ()


def _signed(given: Given, about: About, _: str) -> Given:
    waiting = about.case.plan.proposed
    return {**given, "content_hash": waiting.content_hash if waiting else "0" * 64}


def _agreed(about: About) -> tuple[str, ...]:
    return ONCE if about.case.plan.agreed is not None and is_worked_on(about) else ()


def _shared(about: About) -> tuple[str, ...]:
    return ONCE if about.case.plan.versions and is_worked_on(about) else ()


def _offered(about: About) -> tuple[str, ...]:
    return ONCE if about.case.plan.proposed is not None and is_worked_on(about) else ()


def _link(about: About, _: str) -> Sequence[Field]:
    return (
        Field("contact_id", "For whom", "choice", options=about.contacts()),
        Field("days", "Good for so many days", "whole", value=("90",), whole=(1, 366)),
    )


def _linked(given: Given, about: About, _: str) -> Given:
    """Return what is told of a link: of its token the hash alone."""
    return {**given, "token_hash": hash_of(about.token)}


def _running(about: About) -> list[str]:
    agreed = about.case.plan.agreed
    if agreed is None or about.case.state not in OPEN:
        return []
    over = {one.commitment_id for one in about.case.progress if one.state != "open"}
    return [one.commitment_id for one in agreed.terms.commitments if one.commitment_id not in over]


def _overdue(about: About) -> list[str]:
    agreed, today = about.case.plan.agreed, about.write.today()
    due = {one.commitment_id: one.due_on for one in agreed.terms.commitments} if agreed else {}
    return [id_ for id_ in _running(about) if due[id_] < today]


def _ours_running(about: About) -> list[str]:
    agreed = about.case.plan.agreed
    ours = {one.commitment_id for one in agreed.terms.commitments if one.side == "us"} if agreed else set()
    known = {one.commitment_id for one in about.case.progress if one.undeliverable is not None}
    return [id_ for id_ in _running(about) if id_ in ours - known]


def _given_up(about: About) -> list[str]:
    found = [one for one in about.case.progress if one.undeliverable and not one.undeliverable.acknowledged_by]
    return [one.commitment_id for one in found] if about.case.state in OPEN else []


def _untold(about: About) -> list[str]:
    found = [one for one in about.case.progress if one.undeliverable and not one.undeliverable.told_at]
    return [one.commitment_id for one in found] if about.case.state in OPEN else []


def _theirs(about: About) -> tuple[Option, ...]:
    theirs = {one.stakeholder_id for one in about.case.stakeholders if one.side == "customer"}
    return tuple(one for one in about.players() if one.value in theirs)


def _done(about: About, _: str) -> Sequence[Field]:
    return (
        Field("on", "Done on", "day", value=(about.write.today().isoformat(),)),
        Field("evidence", "What shows it", "text"),
    )


FORMS = (
    Form(
        "apply_playbook", commands.ApplyPlaybook, "Fill the draft from a playbook", "Fill the draft", _playbook,
        is_worked_on, note="What is in the draft already stays as it is.",
    ),
    Form(
        "draft_plan", commands.DraftPlan, "Frame of the plan", "Save the frame", _frame, is_worked_on, edits=True,
        apart=_framed,
    ),
    Form(
        "add_commitment", commands.AddCommitment, "Add a commitment", "Add it", _commitment, _drafted,
        new="commitment_id", make=_sided,
    ),
    Form(
        "edit_commitment", commands.EditCommitment, "Change it", "Save the change", _commitment, _commitments,
        item="commitment_id", edits=True, apart=_commitment_of,
    ),
    Form(
        "remove_commitment", commands.RemoveCommitment, "Take it out of the draft", "Take it out", nothing,
        _commitments, item="commitment_id", edits=True,
    ),
    Form(
        "propose_plan", commands.ProposePlan, "Propose the plan to both sides", "Propose it", nothing, _to_propose,
        edits=True, note="It becomes a numbered version. What changes later is another one, for both to sign.",
    ),
    Form(
        "sign_plan", commands.SignPlan, "Sign for our side", "Sign this version", nothing, _to_sign, make=_signed,
        edits=True,
        note="You accept exactly the words that are shown above. The customer signs on its own page, with a code.",
    ),
    Form(
        "share_plan", commands.CreateShareLink, "Open it to the customer by a link", "Make a link", _link, _shared,
        new="link_id", make=_linked, makes_link=Link("plan_url", lambda token, _: f"/p/{token}"),
        note="They comment and sign there. The link is shown here for a day, to you alone.",
    ),
    Form(
        "revoke_share_link", commands.RevokeShareLink, link_title, "Take it back", nothing, good_links,
        item="link_id", note="From now on it opens nothing. Whoever needs one gets a new one.",
    ),
    Form(
        "extend_plan", commands.ExtendPlan, "Extend the plan", "Propose the extension",
        lambda _, __: (Field("ends_on", "New end", "day"), Field("reason", "Why", "text")), _agreed,
    ),
    Form(
        "unanswered_offer", commands.RecordUnansweredOffer, "The offer was left unanswered", "Record that",
        lambda about, _: (
            Field("on", "Offered on", "day", value=(about.write.today().isoformat(),)), Field("how", "How", "line"),
        ), _offered,
    ),
    Form(
        "complete_commitment", commands.CompleteCommitment, "It was done", "Record it", _done, _running,
        item="commitment_id",
    ),
    Form(
        "miss_commitment", commands.RecordMissedCommitment, "It was missed", "Record that",
        lambda _, __: (Field("cause", "Why", "text"), Field("evidence", "What shows it", "text")), _overdue,
        item="commitment_id", note="Our own misses are recorded as plainly as theirs.",
    ),
    Form(
        "waive_commitment", commands.WaiveCommitment, "Both sides no longer want it", "Record that",
        lambda about, _: (
            Field("reason", "Why", "text"),
            Field("agreed_with", "Who of the customer agreed", "choice", options=_theirs(about)),
        ), _running, item="commitment_id",
    ),
    Form(
        "undeliverable", commands.RecordUndeliverable, "We cannot keep it", "Record that",
        lambda _, __: (Field("cause", "Why", "text"),), _ours_running, item="commitment_id",
    ),
    Form(
        "acknowledge_undeliverable", commands.AcknowledgeUndeliverable, "Take note that we cannot keep it",
        "I take note", nothing, _given_up, item="commitment_id", right="manager",
    ),
    Form(
        "tell_undeliverable", commands.RecordUndeliverableTold, "The customer was told that we cannot keep it",
        "Record that", lambda _, __: (Field("told_at", "When", "moment"),), _untold, item="commitment_id",
    ),
)  # fmt: skip
