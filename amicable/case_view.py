"""A customer's case as people read it in a hundred columns: from why it is open to what was written down last."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from amicable.case_people_view import CHANNEL, comments_of, conversations_of, players_of
from amicable.case_plan_view import is_counted, ledger_of, plan_of
from amicable.drawing import marked, plain_table, titled
from amicable.health_view import STYLE
from services.action_plans.domain.path import Standing, Step
from services.action_plans.explanation import Explanation

WIDTH = 100
SUGGESTED = 3
STATE = {"saved": "bold green", "failed": "bold red", "ended": "red", "lost": "red", "dismissed": "dim"}
_MARK: dict[Standing, tuple[str, str]] = {
    "done": ("✓", "bold green"),
    "now": ("▶", "bold yellow"),
    "ahead": ("○", "dim"),
    "not_needed": ("·", "dim"),
}
_NEW_LINE = "\n"


def explained(told: Explanation) -> RenderableType:
    """Return the whole case."""
    parts: list[RenderableType] = [_head(told), _why(told), _path(told), _next(told)]
    if told.case.conversations:
        parts.append(conversations_of(told))
    if told.case.stakeholders:
        parts.append(players_of(told))
    if told.versions or told.case.plan.draft:
        parts.append(plan_of(told))
    if told.case.comments:
        parts.append(comments_of(told))
    if is_counted(told):
        parts.append(ledger_of(told))
    parts += [checklist(told), _record(told)]
    return Group(*(one for part in parts for one in (part, "")))


def _head(told: Explanation) -> Text:
    case = told.case
    name = told.customer.name if told.customer and told.customer.name else case.customer_id
    head = Text.assemble((name, "bold"), (f"  {case.customer_id} · CSM {told.name(case.csm)}\n", "dim"))
    head.append(case.state.replace("_", " "), STATE.get(case.state, "bold yellow"))
    since = (told.at - case.opened_at).days
    head.append(f" · opened {case.opened_at:%-d %b %Y} by ")
    head.append(told.name(case.opened_by) if case.opened_by else "a risk")
    if case.is_open:
        head.append(f", {since} day{'s' * (since != 1)} ago")
    head.append(" · health ").append(case.band, STYLE[case.band])
    head.append(f"\ncase {case.case_id} · revision {case.revision} · days are counted in {case.time_zone}", "dim")
    if case.sentiments:
        last = case.sentiments[-1]
        head.append(f"\n{told.name(last.by)} feels {last.value} of 5 ({last.at:%-d %b}): ", "bold").append(last.why)
    if case.failure:
        head.append(f"\nFailed, {case.failure.ground.replace('_', ' ')}, by {case.failure.cause}: ", "bold red")
        head.append(case.failure.why)
    if case.ending:
        head.append(f"\n{case.ending.how.capitalize()} on {case.ending.at:%-d %b %Y}", STATE[case.ending.how])
        helped = ", ".join(step.replace("_", " ") for step in case.ending.helped)
        head.append(f" (helped: {helped})" if helped else "").append(f": {case.ending.why}")
    return head


def _why(told: Explanation) -> RenderableType:
    table = marked()
    for reason in told.case.reasons:
        table.add_row("•", Text(reason.text))
    for one in told.suggestions[:SUGGESTED]:
        text = Text.assemble("playbook ", (one.playbook.name, "cyan"), f": {one.playbook.title}")
        table.add_row("→", text.append(f"\n{one.because[0].why}", "dim"))
    if left := ", ".join(one.playbook.name for one in told.suggestions[SUGGESTED:]):
        table.add_row("→", Text(f"perhaps also {left}", "dim"))
    for used in told.case.playbooks:
        says = f"playbook {used.playbook} applied by {told.name(used.by)} on {used.at:%-d %b %Y}"
        table.add_row(Text("✓", "green"), Text(says))
    return Group(titled("Why, and what to do"), table)


def _path(told: Explanation) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in told.path:
        mark, style = _MARK[step.standing]
        table.add_row(Text(mark, style), Text(f"{step.number} {step.title}", style), _done_and_missing(step))
    return Group(titled("The five steps"), table)


def _done_and_missing(step: Step) -> Text:
    if step.standing == "not_needed":
        return Text("only when all of the steps above have honestly failed", "dim")
    text = Text(_NEW_LINE.join(step.did))
    for one in step.missing:
        text.append("\n" if text else "").append("missing: ", "yellow").append(one)
    return text


def _next(told: Explanation) -> Text:
    text = titled("Next")
    ahead = list(_ahead(told))
    for at, what, id_ in sorted(ahead)[:3]:
        text.append(f"\n  {at}  ").append(what).append(f"\n    {id_}", "dim")
    return text if ahead else text.append("\n  nothing is planned", "yellow" if told.case.is_open else "dim")


def _ahead(told: Explanation) -> Iterator[tuple[str, str, str]]:
    review = told.next_review
    if review is not None and told.case.is_open:
        late = ", which is not recorded yet" if review.planned_for < told.at else ""
        yield f"{review.planned_for:%Y-%m-%d %H:%M} UTC", f"review of the plan{late}", f"review_id {review.review_id}"
    for one in told.case.conversations:
        if one.state == "planned" and told.case.is_open:
            what, id_ = f"candid conversation, {CHANNEL[one.channel]}", f"conversation_id {one.conversation_id}"
            yield f"{one.planned_for:%Y-%m-%d %H:%M} UTC", what, id_


def checklist(told: Explanation) -> RenderableType:
    """Return the last-resort checklist: every condition, how it stands, what would meet it, the records behind it."""
    unmet = sum(1 for one in told.checklist if not one.met)
    verdict = f"{unmet} of {len(told.checklist)} conditions are not met" if unmet else "every condition is met"
    table = marked()
    for one in told.checklist:
        says = Text(one.says)
        if one.needed:
            says.append(f" ({one.name})", "dim").append("\nneeded: ", "yellow").append(one.needed)
        if one.evidence:
            says.append(f"\n{_some([_short(told, id_) for id_ in one.evidence])}", "dim")
        table.add_row(Text("✓", "green") if one.met else Text("✗", "red"), says)
    return Group(titled("Last resort: may this relationship be ended today?", verdict), table)


def _short(told: Explanation, id_: str) -> str:
    """Return an id without that of the case, with which those of reviews begin."""
    return id_.removeprefix(f"{told.case.case_id}-")


def _some(evidence: Sequence[str]) -> str:
    more = f" and {len(evidence) - 6} more" if len(evidence) > 6 else ""
    return ", ".join(evidence[:6]) + more


def _record(told: Explanation) -> RenderableType:
    table = plain_table("Row", "When (UTC)", "What", "About", "By")
    table.columns[0].justify = "right"
    table.columns[3].ratio = 1
    for row in told.record:
        by = told.name(row.by) if row.by else "the service"
        table.add_row(
            str(row.number), f"{row.at:%-d %b %Y %H:%M}", row.kind, Text(_short(told, row.about or ""), "dim"), Text(by)
        )
    aside = f"the last {len(told.record)} of {told.head.number} rows · chain {told.head.hash[:12]}…"
    return Group(titled("Record", aside), table)
