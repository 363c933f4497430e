"""How a plan is submitted, reviewed by the teams it affects, and approved by an executive last."""

from uuid import uuid4

from services.transition_review.domain import approving, ending
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.review import StandIn
from services.transition_review.domain.transition import Transition, require_opened
from services.transition_review.handlers.desk import Desk, by_executive, decided, rule
from services.transition_review.handlers.opening import ask_again
from services.transition_review.keeping import Decided
from services.transition_review.store import known
from shared import people
from shared.contracts.endings import commands, facts

MOST_STAND_INS = 100


@rule(commands.SubmitPlan)
async def submit(transition: Transition, asked: commands.SubmitPlan, desk: Desk) -> Decided:
    """Put the plan as it is written to the teams."""
    del asked
    now = desk.tx.now
    unmet = await _unmet(transition, desk)
    moved, changed = approving.submit(transition, desk.by, now, unmet)
    return decided(moved, facts.PlanSubmitted, str(moved.versions), changed=changed)


async def _unmet(transition: Transition, desk: Desk) -> list[str]:
    parts = transition.parts
    unmet: list[str] = []
    if parts.referral is not None:
        missing = await known.unknown_alternatives(desk.tx, parts.referral.alternatives)
        unmet += [f"{one} is an alternative of the catalogue" for one in missing]
    if parts.timeline is not None:
        teams = {rule.team for rule in transition.policy.teams}
        unmet += [
            f"the milestone {one.milestone_id} is of a team that the policy knows ({', '.join(sorted(teams))})"
            for one in parts.timeline.milestones
            if one.team not in teams
        ]
    return unmet


async def by_team(transition: Transition, asked: commands.GiveReview | commands.ReachMilestone, desk: Desk) -> None:
    """A member of the team may, or who stands in for it now."""
    people.require_active(desk.person)
    if isinstance(asked, commands.GiveReview):
        team: str | None = asked.team
    else:
        known_are = {one.milestone_id: one.team for one in ending.milestones(transition)}
        team = known_are.get(asked.milestone_id)
    if team is not None and team not in desk.teams and not stands_in(transition, team, desk):
        raise people.not_allowed(f"Only the team {team} may do this, or who stands in for it.")


def stands_in(transition: Transition, team: str, desk: Desk) -> bool:
    """Tell whether the person stands in for the team now."""
    return any(one.team == team and one.person == desk.by and desk.tx.now < one.until for one in transition.stand_ins)


@rule(commands.GiveReview, by_team)
async def give_review(transition: Transition, asked: commands.GiveReview, desk: Desk) -> Decided:
    """Approve, ask for changes, or object."""
    stands_in = asked.team not in desk.teams
    word = approving.Word(asked.team, asked.says, asked.content_hash, asked.why, desk.by, stands_in)
    moved = approving.opine(transition, word, desk.recurring, desk.tx.now)
    match asked.says:
        case "approve":
            return decided(moved, facts.TeamApproved, asked.team, stands_in=stands_in)
        case "change":
            return decided(moved, facts.ChangeRequested, asked.team, why=asked.why, stands_in=stands_in)
        case "object":
            return decided(moved, facts.ObjectionRaised, asked.team, why=asked.why, stands_in=stands_in)


@rule(commands.OverruleObjection, by_executive)
async def overrule(transition: Transition, asked: commands.OverruleObjection, desk: Desk) -> Decided:
    """Go on in spite of an objection, for a written reason."""
    moved = approving.overrule(transition, asked.team, asked.why, by=desk.by, recurring=desk.recurring)
    return decided(moved, facts.ObjectionOverruled, asked.team, why=asked.why)


async def by_team_or_who_leads_it(transition: Transition, asked: commands.NameStandIn, desk: Desk) -> None:
    """A member of the team may, the manager of one, or an admin."""
    del transition
    roles = people.require_active(desk.person).roles
    if asked.team in desk.teams or "admin" in roles:
        return
    members = await known.members_of(desk.tx, asked.team)
    if "manager" not in roles or not await people.leads(desk.tx, desk.by, members):
        raise people.not_allowed(
            f"Only the team {asked.team}, the manager of somebody who is in it, or an admin may do this."
        )


@rule(commands.NameStandIn, by_team_or_who_leads_it)
async def name_stand_in(transition: Transition, asked: commands.NameStandIn, desk: Desk) -> Decided:
    """Let somebody answer for a team that is away: neither oneself from outside, nor who leads the ending."""
    require_opened(transition)
    await desk.require_of_ours(asked.person)
    if asked.person == desk.by and asked.team not in desk.teams:
        raise NotPossible("own_name", "Nobody outside a team names themselves for it.", "somebody else is named")
    if asked.person in {transition.proposed_by, transition.csm, *transition.authors}:
        raise NotPossible(
            "own_plan",
            "Nobody answers for a team who has proposed the ending, leads it or has written on its plan.",
            "somebody else is named",
        )
    if not any(one.team == asked.team for one in transition.policy.teams):
        raise NotPossible("unknown_team", f"The policy knows no team {asked.team}.", "the team is one of the policy")
    if asked.until <= desk.tx.now:
        raise NotPossible("in_the_past", "A stand-in is named for a time that is ahead.", "until is ahead")
    if len(transition.stand_ins) >= MOST_STAND_INS:
        raise NotPossible("too_many", f"A transition has at most {MOST_STAND_INS} stand-ins.", "there are fewer")
    named = StandIn(asked.team, asked.person, asked.until, asked.why, desk.by)
    moved = transition.next(stand_ins=(*transition.stand_ins, named))
    return decided(moved, facts.StandInNamed, asked.team, person=asked.person, until=asked.until)


@rule(commands.ApprovePlan, by_executive)
async def approve(transition: Transition, asked: commands.ApprovePlan, desk: Desk) -> Decided:
    """Approve last of all; before the announcement action_plans is asked once more."""
    moved = approving.approve(
        transition,
        asked.content_hash,
        str(uuid4()),
        by=desk.by,
        recurring=desk.recurring,
        now=desk.tx.now,
    )
    if moved.asked is None:
        return decided(moved, facts.TransitionApproved, desk.by)
    case = await known.find_case(desk.tx, transition.case_id)
    return ask_again(moved, case[1].revision if case else transition.case_revision)
