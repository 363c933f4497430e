"""From the written plan to its approval: submitted as a version, reviewed by every team it affects, an executive last.

From domain.md, step 4: silence is not approval, the author never approves, a change resets the teams it affects.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from services.transition_review.domain import lawful
from services.transition_review.domain.parts import PartName, Parts, changed, hash_of_all, hashes, missing
from services.transition_review.domain.policy import Policy, Reason, TeamRule
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.review import Opinion, Says, TeamReview, review_of, seen
from services.transition_review.domain.settlement.settling import Settlement
from services.transition_review.domain.transition import (
    Approval,
    Asked,
    Transition,
    Version,
    require_going,
    require_opened,
)

MOST_VERSIONS = 200
MOST_OPINIONS = 500


@dataclass(frozen=True)
class Recurring:
    """What the customer pays in a year."""

    amount: Decimal
    currency: str


def reasons(parts: Parts, policy: Policy, *, overridden: bool, recurring: Recurring | None) -> tuple[Reason, ...]:
    """Return which reasons for a review hold for a plan. recurring: None where it is not known, then any limit is 0."""
    found: list[Reason] = ["always"]
    settlements = lawful.settlement_of(parts)
    if any(line.amount for one in settlements for line in one.lines):
        found.append("money_moves")
    if parts.contracts is not None:
        found.append("clause_used")
    if _over_limit(settlements, policy, recurring):
        found.append("refund_over_limit")
    if overridden:
        found.append("condition_overridden")
    if parts.support is not None:
        found.append("data_handled")
    return tuple(found)


def _over_limit(settlements: tuple[Settlement, ...], policy: Policy, recurring: Recurring | None) -> bool:
    for one in settlements:
        owed = sum((line.amount for line in one.lines if line.amount > 0), Decimal(0))  # what we owe
        known = recurring.amount if recurring and recurring.currency == one.currency else None
        limit = policy.limit(one.currency, known) if known is not None else None
        if owed > (limit or 0):
            return True
    return False


def required(transition: Transition, parts: Parts, recurring: Recurring | None) -> tuple[TeamRule, ...]:
    """Return the teams that have to review these parts."""
    holding = reasons(parts, transition.policy, overridden=bool(transition.overrides), recurring=recurring)
    return transition.policy.required(holding)


def reviews(transition: Transition, recurring: Recurring | None) -> tuple[TeamReview, ...]:
    """Return where every required team stands on the version that was submitted last; none before the first."""
    version = transition.submitted
    if version is None:
        return ()
    return tuple(_review(transition, version, rule) for rule in required(transition, version.parts, recurring))


def _review(transition: Transition, version: Version, rule: TeamRule) -> TeamReview:
    parts_since = max((version.since[part] for part in rule.parts if part in version.since), default=version.at)
    since = max(parts_since, version.asked.get(rule.team, version.at))
    found = review_of(rule, transition.opinions, version.of_parts, since, transition.authors)
    return replace(found, since=max(since, version.at)) if found.has_written else found


def with_asked(transition: Transition, recurring: Recurring | None, now: datetime) -> Transition:
    """Return the transition which notes whom the version that waits requires by now, and of whom it did not before.

    That is by its content, an override, or what the customer pays; so nobody is late before they were asked.
    """
    version = transition.submitted
    if version is None or not transition.is_open or transition.is_written_on:
        return transition
    if transition.is_published:  # nobody is asked of it: whoever is asked of the next one begins then
        return replace(transition, submitted=replace(version, asked={}))
    first = now if version.asked else version.at
    teams = [rule.team for rule in required(transition, version.parts, recurring)]
    asked = {team: version.asked.get(team, first) for team in teams}
    return replace(transition, submitted=replace(version, asked=asked))


def lacking(transition: Transition, now: datetime) -> list[str]:
    """Return what keeps the plan, as it is written, from being reviewed: parts, contract, money."""
    today = transition.today(now)
    received_on = transition.notice.received_on if transition.notice else None
    passed = () if transition.announced or transition.parts.timeline is None else transition.parts.timeline.milestones
    return [
        *missing(transition.parts, today),
        *(f"milestone {one.milestone_id} is due today or later" for one in passed if one.due_on < today),
        *lawful.unmet(transition.parts, today, received_on),
    ]


def submit(transition: Transition, by: str, now: datetime, unmet: list[str]) -> tuple[Transition, tuple[PartName, ...]]:
    """Return the transition with the written parts as its next version, and what changed since the last one.

    unmet: what speaks against it besides, such as a team that nobody knows.
    """
    require_going(transition)
    if lacks := [*lacking(transition, now), *unmet]:
        raise NotPossible("not_complete", "The plan cannot be reviewed yet.", *lacks)
    if transition.versions >= MOST_VERSIONS:
        raise NotPossible("too_many", f"A transition has at most {MOST_VERSIONS} versions.", "there are fewer")
    before, now_are = transition.submitted, hashes(transition.parts)
    differing = changed(before.of_parts if before else {}, now_are)
    if not differing:
        raise NotPossible("no_change", "The plan is under review as it is.", "a part was changed")
    since = {name: now if name in differing or before is None else before.since[name] for name in now_are}
    version = Version(
        transition.versions + 1,
        by,
        now,
        hash_of_all(transition.transition_id, now_are),
        now_are,
        since,
        transition.parts,
        before.asked if before else {},
    )
    authors = tuple(dict.fromkeys([*transition.authors, by]))
    moved = transition.next(submitted=version, versions=version.number, authors=authors, asked=None)
    return moved, differing


def _version(transition: Transition, content_hash: str) -> Version:
    version = transition.submitted
    if version is None or transition.is_written_on:
        raise NotPossible("not_submitted", "No version waits for a review.", "the plan is submitted as it is now")
    if version.content_hash != content_hash:
        raise NotPossible(
            "other_version",
            f"Version {version.number} waits, which is another than the one you saw.",
            f"content_hash is {version.content_hash}",
        )
    return version


@dataclass(frozen=True)
class Word:
    """What a person says for a team of the version that they saw. stands_in: the person is not of the team."""

    team: str
    says: Says
    content_hash: str
    why: str
    by: str
    stands_in: bool


def opine(transition: Transition, word: Word, recurring: Recurring | None, now: datetime) -> Transition:
    """Return the transition with what a team says of the version that waits.

    Whoever asks for changes or objects after the executive's approval takes that back: it came last, and does no more.
    """
    team, says, by = word.team, word.says, word.by
    require_opened(transition)
    version = _version(transition, word.content_hash)
    rules = {rule.team: rule for rule in required(transition, version.parts, recurring)}
    if team not in rules:
        raise NotPossible(
            "not_affected", f"The team {team} is not asked about this plan.", f"the team is one of {', '.join(rules)}"
        )
    if says == "approve" and by in transition.authors:
        raise NotPossible("own_plan", "Nobody approves a plan that they have written on.", "another person approves")
    if word.stands_in and says != "object" and _objects_itself(transition, team):
        raise NotPossible(
            "objection_stands",
            f"The team {team} itself objects, which nobody who stands in for it can end.",
            f"somebody of {team} itself takes it back, or an executive overrules it",
        )
    if says != "approve" and not word.why:
        raise NotPossible("no_reason", "It is said why.", "a reason is given")
    if len(transition.opinions) >= MOST_OPINIONS:
        raise NotPossible("too_many", f"A transition holds at most {MOST_OPINIONS} opinions.", "there are fewer")
    opinion = Opinion(
        team, by, says, version.number, seen(rules[team], version.of_parts), now, word.why, word.stands_in
    )
    approval = transition.approval if says == "approve" else None
    return transition.next(opinions=(*transition.opinions, opinion), asked=None, approval=approval)


def _objects_itself(transition: Transition, team: str) -> bool:
    """Tell whether the last word of the team's own people is an objection, whatever who stands in has said since."""
    own = [one for one in transition.opinions if one.team == team and not one.stands_in]
    return bool(own) and own[-1].says == "object"


def overrule(transition: Transition, team: str, why: str, *, by: str, recurring: Recurring | None) -> Transition:
    """Return the transition with a team's objection overruled by an executive, for as long as its parts stay so."""
    require_opened(transition)
    standing = {one.team: one for one in reviews(transition, recurring)}.get(team)
    if standing is None or standing.standing != "objected" or standing.opinion is None:
        raise NotPossible("no_objection", f"The team {team} objects to nothing.", "an objection of the team stands")
    if by in transition.authors or by == standing.opinion.by:
        raise NotPossible("own_plan", "Nobody overrules in their own cause.", "another executive overrules")
    opinion = standing.opinion
    now_is = replace(opinion, overruled_by=by, overruled_why=why)
    opinions = tuple(now_is if one is opinion else one for one in transition.opinions)
    return transition.next(opinions=opinions)


def unmet_for_approval(transition: Transition, by: str, recurring: Recurring | None) -> list[str]:
    """Return what keeps this executive from approving the version that waits."""
    standings = reviews(transition, recurring)
    unmet = unreviewed(standings)
    if by in transition.authors:
        unmet.append("the executive has not written on the plan")
    approvers = {one.opinion.by for one in standings if one.standing == "approved" and one.opinion} | {by}
    if not unmet and len(approvers) < 2:  # two people
        unmet.append("two different people have approved")
    return unmet


def unreviewed(standings: Iterable[TeamReview]) -> list[str]:
    """Return what would bring the required teams to their approval that have not given it."""
    return [f"{one.team} {_needed(one)}" for one in standings if one.standing not in {"approved", "overruled"}]


def _needed(one: TeamReview) -> str:
    match one.standing:
        case "objected":
            return "takes its objection back by approving, or another executive overrules it"
        case "change_requested":
            return "approves once what it asked for is changed"
        case "waiting" if one.has_written and one.opinion:
            return f"approves by somebody else: {one.opinion.by}, who approved for it, has written on the plan"
        case _:
            return f"approves (it is waited for since {one.since:%Y-%m-%d})"


def approve(
    transition: Transition,
    content_hash: str,
    question_id: str,
    *,
    by: str,
    recurring: Recurring | None,
    now: datetime,
) -> Transition:
    """Return the transition with an executive's approval, given at once after the announcement, else once confirmed.

    Before the announcement action_plans is asked again whether the relationship may be ended; the answer decides.
    """
    require_going(transition)
    version = _version(transition, content_hash)
    if transition.is_approved:
        raise NotPossible("no_change", "This version is approved already.", "another version waits")
    if transition.asked is not None:
        raise NotPossible("asked", "It is being asked whether the relationship may be ended.", "the answer is there")
    if unmet := unmet_for_approval(transition, by, recurring):
        raise NotPossible("not_reviewed", "The plan cannot be approved yet.", *unmet)
    if transition.announced is not None:
        return transition.next(approval=Approval(version.number, version.content_hash, by, now))
    return transition.next(asked=Asked(question_id, "approval", now, by))


def confirm(transition: Transition, now: datetime) -> Transition:
    """Return the transition after action_plans has confirmed that the relationship may be ended."""
    asked, version = transition.asked, transition.submitted
    if asked is None:
        return transition
    if asked.about == "opening":
        return transition.next(asked=None, opened_at=now)
    if version is None:
        return transition.next(asked=None)
    approval = Approval(version.number, version.content_hash, asked.by, now)
    first = transition.first_approved_at or now
    return transition.next(asked=None, approval=approval, first_approved_at=first)
