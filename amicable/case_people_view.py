"""Who of both sides was talked to, how each of them sees it, and what the customer wrote on its page."""

from rich.console import Group, RenderableType
from rich.text import Text

from amicable.drawing import plain_table, titled
from services.action_plans.domain.players import DISAGREE, fit_spread
from services.action_plans.explanation import Explanation

SIDE = {"us": "we", "customer": "the customer"}
COMMENTS = 5
CHANNEL = {"in_person": "in person", "phone": "phone", "video": "video"}


def conversations_of(told: Explanation) -> RenderableType:
    table = plain_table("When", "How", "Who", "What was said")
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


def players_of(told: Explanation) -> RenderableType:
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


def comments_of(told: Explanation) -> RenderableType:
    table = plain_table("When", "Who", "What they wrote")
    table.columns[1].ratio, table.columns[2].ratio = 3, 8
    comments = told.case.comments
    for one in reversed(comments[-COMMENTS:]):
        text = Text("asks for a change: ", "yellow") if one.proposes else Text()
        table.add_row(f"{one.at:%-d %b %Y}", Text(told.name(one.contact_id)), text.append(one.text))
    aside = f"the last {COMMENTS} of {len(comments)}" if len(comments) > COMMENTS else ""
    return Group(titled("On the customer's page", aside), table)
