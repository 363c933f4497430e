"""A customer's ending as people read it in a hundred columns: way, plan, reviews, what each version changed."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from amicable.drawing import marked, plain_table, titled
from amicable.health_view import STYLE
from amicable.transition_list_view import STATE, waits_for
from amicable.transition_reckoned_view import reckoned
from services.transition_review.domain.differences import Difference
from services.transition_review.domain.waited import SATISFIED
from services.transition_review.explanation import Explanation, Review, Stage

WIDTH = 100
SHOWN_CHANGES = 12
_STANDING = {
    "approved": ("✓", "green"),
    "waiting": ("…", "yellow"),
    "change_requested": ("↺", "yellow"),
    "objected": ("✗", "bold red"),
    "overruled": ("✓", "magenta"),
}
_HOW = {
    "ended": "The relationship has ended",
    "refused": "It was not allowed",
    "withdrawn": "It was called off",
    "lost": "The customer left by itself",
}


def explained(told: Explanation) -> RenderableType:
    """Return the whole transition."""
    parts: list[RenderableType] = [_head(told), _way(told)]
    if told.unmet:
        parts.append(_unmet(told.unmet))
    if told.reviews:
        parts.append(_reviews(told))
    parts += reckoned(told.reckoned, told.transition.parts)
    if told.stages:
        parts.append(_milestones(told.stages))
    if told.versions:
        parts.append(_versions(told))
    if told.history:
        parts.append(_history(told))
    parts.append(_record(told))
    return Group(*(one for part in parts for one in (part, "")))


def _head(told: Explanation) -> Text:
    one = told.transition
    name = told.customer.name if told.customer else one.customer_id
    csm = told.customer.csm if told.customer else one.csm
    head = Text.assemble((name, "bold"), (f"  {one.customer_id} · CSM {told.name(csm)}\n", "dim"))
    head.append(one.state.replace("_", " "), STATE.get(one.state, "bold yellow"))
    head.append(f" · proposed {one.proposed_at:%-d %b %Y} by {told.name(one.proposed_by)}")
    if one.health is not None:
        head.append(" · health then ").append(one.health.band, STYLE.get(one.health.band, ""))
        if one.health.score is not None:
            head.append(f" {one.health.score} (card {one.health.card} version {one.health.card_version})")
    days = f"days are counted in {one.time_zone} · policy {one.policy.name} version {one.policy.version}"
    head.append(f"\ntransition {one.transition_id} · case {one.case_id} · revision {one.revision}\n{days}", "dim")
    head.append(f"\n{one.why}")
    for override in one.overrides:
        head.append(f"\nOverridden by {told.name(override.by)} on {override.at:%-d %b %Y}: ", "bold magenta")
        head.append(f"{override.condition.replace('_', ' ')}. {override.reason}")
    for needed in one.stopped:
        head.append("\nStopped, the checklist is no longer complete: ", "bold red").append(needed)
    for needed in told.refused:
        head.append("\nRefused by action_plans, it needs: ", "bold red").append(needed)
    if one.over is not None:
        head.append(f"\n{_HOW[one.over.how]} on {one.over.at:%-d %b %Y}: ", "bold").append(one.over.why)
    else:
        head.append("\nWaits for\n", "bold").append(waits_for(one, told.waited, told.at))
    return head


def _way(told: Explanation) -> RenderableType:
    table = marked()
    for done, says in _steps(told):
        table.add_row(Text("✓", "green") if done else Text("○", "dim"), Text(says, "" if done else "dim"))
    return Group(titled("The way"), table)


def _steps(told: Explanation) -> Iterator[tuple[bool, str]]:
    one = told.transition
    opened, version, talk = one.opened_at, one.submitted, one.talk
    yield opened is not None, f"may be prepared, since {opened:%-d %b %Y}" if opened else "action_plans confirms it"
    yield (
        version is not None,
        f"version {version.number} put to the teams on {version.at:%-d %b %Y}" if version else "the plan is written",
    )
    approval = one.approval if one.is_approved else None
    yield (
        approval is not None,
        f"approved by {told.name(approval.by)} on {approval.at:%-d %b %Y}"
        if approval
        else "approved, an executive last",
    )
    if talk is not None and talk.held_at is not None:
        who = ", ".join(told.name(contact) for contact in talk.contacts)
        yield True, f"told to {who} on {talk.held_at:%-d %b %Y}: {talk.reaction}"
    else:
        yield False, f"the talk, on {talk.planned_for:%-d %b %Y %H:%M} UTC" if talk else "the talk"
    told_at = one.announced.at if one.announced else None
    yield told_at is not None, f"announced on {told_at:%-d %b %Y}" if told_at else "announced"
    notice = one.notice
    yield notice is not None, f"notice received on {notice.received_on:%-d %b %Y}" if notice else "the written notice"
    over = one.over is not None and one.over.how == "ended"
    yield over, "ended" if over else "every milestone reached, and the last day over"


def _unmet(unmet: Sequence[str]) -> RenderableType:
    table = marked()
    for one in unmet:
        table.add_row(Text("✗", "red"), Text(one))
    return Group(titled("Before the teams can review it"), table)


def _reviews(told: Explanation) -> RenderableType:
    table = plain_table("", "Team", "Stands", "Since", "Due", "Says")
    table.columns[5].ratio = 1
    for one in told.reviews:
        mark, style = _STANDING[one.review.standing]
        opinion = one.review.opinion
        said = ""
        if opinion is not None:
            said = f"{told.name(opinion.by)}{', for the team' if opinion.stands_in else ''}"
            said += f": {opinion.why}" if opinion.why else ""
            if opinion.overruled_by:
                said += f"\noverruled by {told.name(opinion.overruled_by)}: {opinion.overruled_why}"
        table.add_row(
            Text(mark, style),
            one.review.team,
            Text(one.review.standing.replace("_", " "), style),
            f"{one.review.since:%-d %b}",
            Text(f"{one.due_on:%-d %b}", "bold red" if one.is_late else ""),
            Text(said),
        )
    return Group(titled("Reviews", _waited(told.reviews)), table)


def _waited(reviews: Sequence[Review]) -> str:
    missing = [one.review.team for one in reviews if one.review.standing not in SATISFIED]
    return f"{', '.join(missing)} missing" if missing else "every team has approved"


def _milestones(stages: Sequence[Stage]) -> RenderableType:
    table = plain_table("", "Due", "Team", "Milestone")
    table.columns[3].ratio = 1
    for one in sorted(stages, key=lambda stage: stage.milestone.due_on):
        says = Text(one.milestone.what)
        says.append(f"\n{one.milestone.milestone_id}", "dim")
        if one.reached is not None:
            says.append(f" · done on {one.reached.on:%-d %b %Y}: {one.reached.evidence}", "dim")
        mark = Text("✓", "green") if one.reached else Text("✗", "red") if one.is_late else Text("○", "dim")
        due = Text(f"{one.milestone.due_on:%-d %b %Y}", "bold red" if one.is_late else "")
        table.add_row(mark, due, one.milestone.team, says)
    return Group(titled("Milestones"), table)


def _versions(told: Explanation) -> RenderableType:
    table = marked()
    for one in reversed(told.versions):
        says = Text(f"by {told.name(one.submitted_by)} on {one.at:%-d %b %Y}")
        says.append(f" · {one.content_hash[:12]}…", "dim")
        changes = told.changes.get(one.number, ())
        for change in changes[:SHOWN_CHANGES]:
            says.append("\n").append(_change(change))
        if len(changes) > SHOWN_CHANGES:
            says.append(f"\n  and {len(changes) - SHOWN_CHANGES} more", "dim")
        table.add_row(f"version {one.number}", says)
    return Group(titled("Versions", "the latest first"), table)


def _change(one: Difference) -> Text:
    text = Text(f"  {', '.join(name.replace('_', ' ') for name in one.path)}: ", "dim")
    if one.before is not None:
        text.append(one.before, "red")
    if one.before is not None and one.after is not None:
        text.append(" → ")
    return text.append(one.after or "", "green")


def _history(told: Explanation) -> RenderableType:
    table = marked()
    for one in told.history:
        other = one.transition
        over = f" on {other.over.at:%-d %b %Y}: {other.over.why}" if other.over else ""
        who = "" if other.customer_id == told.transition.customer_id else f"{one.name} ({other.customer_id}): "
        table.add_row("•", Text(f"{who}{other.state}{over}\n{other.why}"))
    return Group(titled("History"), table)


def _record(told: Explanation) -> RenderableType:
    table = plain_table("Row", "When (UTC)", "What", "About", "By")
    table.columns[0].justify = "right"
    table.columns[3].ratio = 1
    for row in told.record:
        table.add_row(
            str(row["number"]),
            f"{row['at']:%-d %b %Y %H:%M}",
            row["kind"],
            Text(row["about"] or "", "dim"),
            Text(told.name(row["by"])),
        )
    return Group(titled("Record", f"the last {len(told.record)} rows"), table)
