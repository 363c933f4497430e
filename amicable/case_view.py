"""A customer's case as people read it in a hundred columns: from why it is open to what was written down last."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from amicable.case_plan_view import ledger_of, plan_of
from amicable.health_view import STYLE
from services.action_plans.domain.path import Standing, Step
from services.action_plans.domain.players import DISAGREE, fit_spread
from services.action_plans.explanation import Explanation

WIDTH = 100
SUGGESTED = 3
STATE = {"saved": "bold green", "failed": "bold red", "ended": "red", "lost": "red", "dismissed": "dim"}
SIDE = {"us": "we", "customer": "the customer"}
CHANNEL = {"in_person": "in person", "phone": "phone", "video": "video"}
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
        parts.append(_conversations(told))
    if told.case.stakeholders:
        parts.append(_players(told))
    if told.versions or told.case.plan.draft:
        parts.append(plan_of(told))
    if told.case.commitments or told.case.conversations or told.case.reviews:
        parts.append(ledger_of(told))
    parts += [_checklist(told), _record(told)]
    return Group(*(one for part in parts for one in (part, "")))


def titled(title: str, aside: str = "") -> Text:
    """Return a heading."""
    return Text.assemble((title, "bold underline"), (f"  {aside}" if aside else "", "dim"))


def plain_table(*columns: str) -> Table:
    """Return a table without lines that fills the width."""
    table = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, expand=True, pad_edge=False, padding=(0, 2, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table


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
    table = _marked()
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


def _marked() -> Table:
    """Return a table of a mark and a text that hangs beside it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


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
    for at, what in sorted(ahead)[:3]:
        text.append(f"\n  {at}  ").append(what)
    return text if ahead else text.append("\n  nothing is planned", "yellow" if told.case.is_open else "dim")


def _ahead(told: Explanation) -> Iterator[tuple[str, str]]:
    review = told.next_review
    if review is not None and told.case.is_open:
        late = ", which is not recorded yet" if review.planned_for < told.at else ""
        yield f"{review.planned_for:%Y-%m-%d %H:%M} UTC", f"review of the plan{late} · review_id {review.review_id}"
    for one in told.case.conversations:
        if one.state == "planned" and told.case.is_open:
            what = f"candid conversation, {CHANNEL[one.channel]} · conversation_id {one.conversation_id}"
            yield f"{one.planned_for:%Y-%m-%d %H:%M} UTC", what


def _conversations(told: Explanation) -> RenderableType:
    table = plain_table("When", "How", "Who was there", "What was said")
    table.columns[2].ratio, table.columns[3].ratio = 3, 5
    players = {one.stakeholder_id: told.name(one.person_id) for one in told.case.stakeholders}
    for one in told.case.conversations:
        there = ", ".join(players.get(id_, id_) for id_ in (one.attendees or one.invited))
        said = Text()
        if one.state == "planned":
            said.append("planned", "yellow")
        elif one.state == "missed":
            said.append(f"{SIDE[one.missed_by or 'us']} did not come", "red")
        if one.told_ending_possible:
            said.append("It was said that ending is possible. ", "bold")
        said.append(one.notes)
        for move in one.moves:
            said.append(
                f"\nmoved by {'us' if move.by == 'us' else 'the customer'} from {move.planned_for:%-d %b}", "dim"
            )
        when = one.held_at or one.planned_for
        table.add_row(f"{when:%-d %b %Y}", CHANNEL[one.channel], Text(there), said)
    return Group(titled("Candid conversations"), table)


def _players(told: Explanation) -> RenderableType:
    spread = fit_spread(told.case.stakeholders)
    aside = f"they disagree: their views of fit lie {spread} points apart" if spread >= DISAGREE else ""
    table = plain_table("Player", "Role", "Fit", "Feels", "Wants")
    table.columns[0].ratio, table.columns[4].ratio = 3, 6
    for one in sorted(told.case.stakeholders, key=lambda player: player.side):
        views = sorted(one.views, key=lambda view: view.on)
        role = f"{one.role}, {'ours' if one.side == 'us' else 'theirs'}"
        if not views:
            table.add_row(Text(told.name(one.person_id)), role, "·", "·", Text("not asked yet", "yellow"))
            continue
        view = views[-1]
        changed = f" (was {views[-2].fit})" if len(views) > 1 and views[-2].fit != view.fit else ""
        wants = Text(view.wants).append(f"  {view.on:%-d %b %Y}", "dim")
        table.add_row(
            Text(told.name(one.person_id)), role, f"{view.fit} of 5{changed}", f"{view.sentiment} of 5", wants
        )
    parts: list[RenderableType] = [titled("Key players", aside), table]
    exception = told.case.exception
    if exception is not None:
        tries = f"{len(exception.attempts)} attempt{'s' * (len(exception.attempts) != 1)}"
        says = f"No executive, after {tries}: {exception.why}"
        allowed = f" Allowed by {told.name(exception.allowed_by)}: {exception.manager_says}"
        parts.append(Text(says + (allowed if exception.allowed_by else " Not allowed yet."), "yellow"))
    return Group(*parts)


def _checklist(told: Explanation) -> RenderableType:
    unmet = sum(1 for one in told.checklist if not one.met)
    verdict = f"{unmet} of {len(told.checklist)} conditions are not met" if unmet else "every condition is met"
    table = _marked()
    for one in told.checklist:
        says = Text(one.says)
        if one.needed:
            says.append("\nneeded: ", "yellow").append(one.needed)
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
