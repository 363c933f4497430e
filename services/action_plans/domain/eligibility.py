"""The last-resort checklist: may this relationship be ended today? Every condition, with what it stands on.

From domain.md, step 4. Computed from the case and the moment alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.action_plans.domain import calendar, plan, players, progress, review
from services.action_plans.domain.case import Case, Ground
from services.action_plans.domain.conversation import Conversation
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import CADENCE_DAYS, Commitment

CONVERSATIONS = 2
REVIEWS = 3
FULL_CADENCE = timedelta(days=14)  # where no plan says another
MOST_EVIDENCE = 30  # record ids of one condition, the latest ones
MOST_NAMED = 10  # commitments that a condition names


@dataclass(frozen=True)
class Condition:
    """One condition.

    says: how it stands; needed: what would meet it, empty where it is met; evidence: ids of records, 30 at most.
    """

    name: str
    met: bool
    says: str
    needed: str
    evidence: tuple[str, ...]


def checklist(case: Case, now: datetime) -> tuple[Condition, ...]:
    """Return every condition as it stands at a moment, in the order of the five steps."""
    return (
        _candid_conversation(case),
        _executive(case),
        _plan_ran_out(case, now),
        _reviews(case),
        _our_part(case, now),
        _no_surprise(case, now),
        _health_known(case),
        _declared_failed(case),
    )


def is_eligible(conditions: Iterable[Condition]) -> bool:
    """Tell whether every condition is met."""
    return all(condition.met for condition in conditions)


def held(case: Case) -> list[Conversation]:
    """Return the candid conversations that took place, the earliest first."""
    there = [one for one in case.conversations if one.held_at is not None]
    return sorted(there, key=lambda one: one.held_at or one.planned_for)


def grounds(case: Case, now: datetime) -> dict[Ground, tuple[str, ...]]:
    """Return on which grounds the plan has failed, each with the ids of the records that it stands on."""
    return _of_agreed(case, now) if case.plan.agreed is not None else _of_offered(case)


def _of_agreed(case: Case, now: datetime) -> dict[Ground, tuple[str, ...]]:
    """Refusing to change an agreed plan is not refusing the plan: only its end, or staying away, counts."""
    found: dict[Ground, tuple[str, ...]] = {}
    agreed = case.plan.agreed
    if agreed is None or agreed.agreed_at is None:
        return found
    if case.today(now) > agreed.terms.ends_on:
        found["time_frame_over"] = (f"version-{agreed.number}",)
    until = case.failure.at if case.failure else now  # reviews that nobody expected any more count for nothing
    missed = review.last_missed_in_a_row(case.reviews, agreed.agreed_at, until)
    if _days(case, missed) >= review.ABANDONED:
        found["abandoned"] = tuple(one.review_id for one in reversed(missed))
    return found


def _of_offered(case: Case) -> dict[Ground, tuple[str, ...]]:
    proposed = case.plan.proposed
    if proposed is not None and proposed.refusal is not None:
        return {"refused": (f"version-{proposed.number}",)}
    heard_on = max((case.today(one.at) for one in case.comments), default=None)
    offers = plan.unanswered(case.plan, heard_on)
    if len(offers) < plan.UNANSWERED:
        return {}
    return {"unanswered": tuple(f"offer-{offer.on.isoformat()}" for offer in offers)}


def before_proposing(case: Case) -> tuple[str, ...]:
    """Return what is missing before a plan is put to the customer: the talk, and an executive or the exception."""
    return tuple(one.needed for one in (_candid_conversation(case), _executive(case)) if not one.met)


def _condition(name: str, says: str, needed: Iterable[str], evidence: Iterable[str]) -> Condition:
    missing = "; ".join(needed)
    return Condition(name, not missing, says, missing, tuple(evidence)[-MOST_EVIDENCE:])


def _candid_conversation(case: Case) -> Condition:
    talks = held(case)
    standing = [one for one in case.expectations if one.retracted_at is None]
    needed = [] if talks else ["a candid conversation is held and recorded"]
    for side, whose in (("us", "our"), ("customer", "the customer's")):
        if not any(one.side == side for one in standing):
            needed.append(f"{whose} expectations are recorded")
    recorded = _count(len(standing), "expectation").lower()
    says = f"{_count(len(talks), 'candid conversation')} held, {recorded} recorded."
    evidence = [*(one.conversation_id for one in talks), *(one.expectation_id for one in standing)]
    return _condition("candid_conversation", says, needed, evidence)


def has_executive(case: Case) -> bool:
    """Tell whether an executive of the customer took part, or a manager allowed going on without."""
    return _executive(case).met


def _executive(case: Case) -> Condition:
    executives = {one.stakeholder_id for one in case.stakeholders if players.is_executive(one)}
    there = [one.conversation_id for one in held(case) if executives & set(one.attendees)]
    there += [one.review_id for one in case.reviews if one.state == "held" and executives & set(one.attendees)]
    if there:
        return _condition("executive_involved", "An executive of the customer took part.", (), there)
    if case.exception is not None and case.exception.allowed_at is not None:
        says = f"A manager allowed going on without an executive on {case.exception.allowed_at:%-d %B %Y}."
        return _condition("executive_involved", says, (), ("exception",))
    needed = "an executive of the customer takes part, or the CSM's manager allows an exception in writing"
    return _condition("executive_involved", "No executive of the customer took part.", (needed,), ())


def _plan_ran_out(case: Case, now: datetime) -> Condition:
    found = grounds(case, now)
    says = {
        "time_frame_over": "The agreed time frame is over.",
        "refused": "The customer refused the plan.",
        "unanswered": f"The customer left {plan.UNANSWERED} documented offers of the plan unanswered.",
        "abandoned": f"The customer missed the last {review.ABANDONED} reviews or more in a row.",
    }
    if found:
        told = " ".join(says[ground] for ground in found)
        return _condition("plan_ran_out", told, (), (id_ for ids in found.values() for id_ in ids))
    if case.plan.agreed is not None:
        ends_on = case.plan.agreed.terms.ends_on
        evidence = (f"version-{case.plan.agreed.number}",)
        needed = f"the agreed time frame ends (on {ends_on:%-d %B %Y}), or the customer refuses or abandons the plan"
        return _condition("plan_ran_out", f"The plan runs until {ends_on:%-d %B %Y}.", (needed,), evidence)
    needed = "a plan agreed by both sides runs to the end of its time frame, or the customer refuses it"
    return _condition("plan_ran_out", "No plan was agreed.", (needed,), ())


def _reviews(case: Case) -> Condition:
    offered = [one for one in case.reviews if one.state == "held" or one.missed_by == "customer"]
    latest = case.plan.agreed or case.plan.proposed  # what is only proposed has not changed an agreed plan
    changed = (latest.agreed_at or latest.proposed_at) if latest else None
    after = [one for one in offered if changed is None or (one.held_at or one.planned_for) > changed]
    needed = []
    if _days(case, offered) < REVIEWS:
        needed.append(f"{REVIEWS} reviews are held, or offered and missed by the customer, each on a day of its own")
    if not after:
        needed.append("a review is held or offered after the last change of the plan")
    says = f"{_count(len(offered), 'review')} held or offered"
    says += f", {len(after)} of them after the plan's last change." if offered else "."
    return _condition("reviews_held", says, needed, (one.review_id for one in offered))


def _days(case: Case, reviews: Iterable[Review]) -> int:
    """Count reviews: several on one day are one, since on a cadence there is time between them."""
    return len({case.today(one.held_at or one.planned_for) for one in reviews})


def _our_part(case: Case, now: datetime) -> Condition:
    owed = progress.overdue_of_ours(case.commitments, case.progress_by_id, case.today(now))
    needed = what_we_owe(owed)
    says = f"{_count(len(owed), 'commitment')} of ours overdue." if owed else "No commitment of ours is overdue."
    ours = [one.commitment_id for one in (owed or case.commitments) if one.side == "us"]
    return _condition("our_part_done", says, needed, ours)


def what_we_owe(owed: Sequence[Commitment]) -> tuple[str, ...]:
    """Return, for each overdue commitment of ours, what would settle it; of very many the first ones."""
    named = tuple(
        f"our commitment {one.commitment_id} is done, or recorded as undeliverable, acknowledged by a manager and told"
        for one in owed[:MOST_NAMED]
    )
    more = len(owed) - MOST_NAMED
    return (*named, f"and so are {more} more") if more > 0 else named


def _no_surprise(case: Case, now: datetime) -> Condition:
    talks = held(case)
    told = [one for one in talks if one.told_ending_possible and one.held_at is not None]
    long_ago = [one for one in told if one.held_at is not None and one.held_at <= now - cadence(case)]
    needed = []
    if len(talks) < CONVERSATIONS:
        needed.append(f"{CONVERSATIONS} candid conversations are held")
    if not long_ago:
        since = f" (from {told_long_enough(case):%-d %B %Y} on)" if told else ""
        needed.append(f"the customer was told, at least one full cadence ago, that ending is possible{since}")
    said = f"told in {len(told)} of them that ending is possible" if told else "that ending is possible was not said"
    says = f"{_count(len(talks), 'candid conversation')} held; {said}."
    return _condition("no_surprise", says, needed, (one.conversation_id for one in told or talks))


def cadence(case: Case) -> timedelta:
    """Return one full cadence of the plan's reviews; two weeks where there is no plan."""
    if case.plan.agreed is None:
        return FULL_CADENCE
    return timedelta(days=CADENCE_DAYS[case.plan.agreed.terms.cadence])


def told_long_enough(case: Case) -> datetime | None:
    """Return from when on the customer has known for a full cadence that ending is possible; None if never told."""
    told = [one.held_at for one in held(case) if one.told_ending_possible and one.held_at is not None]
    return min(told) + cadence(case) if told else None


def _health_known(case: Case) -> Condition:
    if case.band != "unknown":
        return _condition("health_known", f"The health band is known: {case.band}.", (), ("health",))
    if case.missing_data is not None:
        says = "The health band is unknown; a manager has stated why in writing."
        return _condition("health_known", says, (), ("missing-data",))
    needed = "the health band is known, or a manager states in writing why the data are missing"
    return _condition("health_known", "The health band is unknown.", (needed,), ())


def _declared_failed(case: Case) -> Condition:
    if case.failure is not None:
        says = f"The case was declared failed on {case.failure.at:%-d %B %Y}."
        return _condition("declared_failed", says, (), ("failure",))
    return _condition("declared_failed", "The case was not declared failed.", ("the CSM declares it failed",), ())


def _count(number: int, what: str) -> str:
    return f"{number or 'No'} {what}{'s' * (number != 1)}"


def changes_at(case: Case) -> list[datetime]:
    """Return the moments at which time alone can change a condition."""
    found = [calendar.end_of(one.due_on, case.time_zone) for one in case.commitments if one.side == "us"]
    if case.failure is None:
        found += [one.planned_for for one in case.reviews if one.state == "planned"]
    if case.plan.agreed is not None:
        found.append(calendar.end_of(case.plan.agreed.terms.ends_on, case.time_zone))
    since = told_long_enough(case)
    return [*found, since] if since is not None else found
