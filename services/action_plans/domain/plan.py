"""The joint plan through its versions: drafted by us, proposed, accepted by both sides by the same content, refused."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import Commitment, Terms

UNANSWERED = 3  # offers without an answer that count as refusing


@dataclass(frozen=True)
class Acceptance:
    """A named person of a side accepted the content. proof: for the customer, the id of the code that was mailed."""

    side: Side
    person_id: str
    at: datetime
    content_hash: str
    proof: str | None = None


@dataclass(frozen=True)
class Refusal:
    """The customer said no to a version, in its own words. proof: the id of the code that was mailed."""

    person_id: str
    at: datetime
    why: str
    proof: str | None = None


@dataclass(frozen=True)
class Version:
    """A numbered version of the shared terms, recognised by its content hash."""

    number: int
    author: str
    proposed_at: datetime
    content_hash: str
    terms: Terms
    acceptances: tuple[Acceptance, ...] = ()
    refusal: Refusal | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True)
class FirstDue:
    """When a commitment was due in the first agreed version."""

    commitment_id: str
    due_on: date


@dataclass(frozen=True)
class Baseline:
    """The first agreed version, kept for ever as what slippage is measured against."""

    number: int
    content_hash: str
    agreed_at: datetime
    ends_on: date
    commitments: tuple[FirstDue, ...]

    @property
    def due(self) -> dict[str, date]:
        """When each of its commitments was due."""
        return {one.commitment_id: one.due_on for one in self.commitments}


@dataclass(frozen=True)
class Offer:
    """A documented offer of a version that the customer left unanswered."""

    number: int
    on: date
    how: str
    recorded_by: str


@dataclass(frozen=True)
class Plan:
    """Where the joint plan stands.

    draft: ours alone until it is proposed. proposed: the version that waits for both sides. agreed: the latest version
    that both have accepted. retired: commitments of earlier agreed versions that it no longer holds. versions: how many
    there have been.
    """

    draft: Terms | None = None
    proposed: Version | None = None
    agreed: Version | None = None
    baseline: Baseline | None = None
    retired: tuple[Commitment, ...] = ()
    versions: int = 0
    offers: tuple[Offer, ...] = ()


def propose(plan: Plan, terms: Terms, content_hash: str, author: str, now: datetime) -> Plan:
    """Make the next version of these terms; a version that was waiting is superseded by it."""
    for known in (plan.proposed, plan.agreed):
        if known is not None and known.content_hash == content_hash and known.refusal is None:
            raise NotPossible(
                "no_change", f"Version {known.number} has the same content.", "the terms differ from that version"
            )
    version = Version(plan.versions + 1, author, now, content_hash, terms)
    return replace(plan, draft=None, proposed=version, versions=version.number)


def accept(
    plan: Plan, side: Side, person_id: str, content_hash: str, now: datetime, *, proof: str | None = None
) -> Plan:
    """A side accepts the version that waits, by the hash of the content that it saw. Both: the version is agreed."""
    waiting = _waiting(plan)
    if waiting.content_hash != content_hash:
        raise NotPossible(
            "other_content",
            f"What was seen is not version {waiting.number}, which waits for an answer.",
            f"content_hash is that of version {waiting.number}",
        )
    if _accepted_by(waiting, side):
        raise NotPossible("no_change", "This side has accepted the version already.", "the side has not answered yet")
    signed = replace(waiting, acceptances=(*waiting.acceptances, Acceptance(side, person_id, now, content_hash, proof)))
    if {one.side for one in signed.acceptances} != {"us", "customer"}:
        return replace(plan, proposed=signed)
    agreed = replace(signed, agreed_at=now)
    due = tuple(FirstDue(one.commitment_id, one.due_on) for one in agreed.terms.commitments)
    first = Baseline(agreed.number, content_hash, now, agreed.terms.ends_on, due)
    return replace(plan, proposed=None, agreed=agreed, baseline=plan.baseline or first, retired=_retired(plan, agreed))


def _retired(plan: Plan, agreed: Version) -> tuple[Commitment, ...]:
    still = {one.commitment_id for one in agreed.terms.commitments}
    known = {one.commitment_id: one for one in (*plan.retired, *(plan.agreed.terms.commitments if plan.agreed else ()))}
    return tuple(one for id_, one in known.items() if id_ not in still)


def refuse(plan: Plan, person_id: str, why: str, now: datetime, *, proof: str | None = None) -> Plan:
    """The customer refuses the version that waits."""
    return replace(plan, proposed=replace(_waiting(plan), refusal=Refusal(person_id, now, why, proof)))


def leave_unanswered(plan: Plan, on: date, how: str, by: str, *, proposed_on: date, today: date) -> Plan:
    """Record that the waiting version was offered, and that no answer came. Days are the customer's."""
    waiting = _waiting(plan)
    if _accepted_by(waiting, "customer"):
        raise NotPossible("answered", "The customer has accepted this version.", "the customer has not answered")
    if on > today:
        raise NotPossible("in_the_future", "An offer cannot be of a day that is ahead.", "the offer was made")
    if on < proposed_on:
        raise NotPossible("before_proposed", "The version was proposed after that day.", "the offer came after it")
    if any(offer.on == on for offer in plan.offers):
        raise NotPossible("no_change", "An offer of that day is recorded already.", "each offer is of another day")
    return replace(plan, offers=(*plan.offers, Offer(waiting.number, on, how, by)))


def unanswered(plan: Plan, heard_on: date | None) -> tuple[Offer, ...]:
    """Return the offers that were left unanswered since the customer was last heard of, on its page, that day."""
    if plan.proposed is None or _accepted_by(plan.proposed, "customer"):
        return ()
    return tuple(offer for offer in plan.offers if heard_on is None or offer.on > heard_on)


def _accepted_by(version: Version, side: Side) -> bool:
    return any(one.side == side for one in version.acceptances)


def _waiting(plan: Plan) -> Version:
    if plan.proposed is None:
        raise NotPossible("nothing_proposed", "No version waits for an answer.", "a version is proposed")
    if plan.proposed.refusal is not None:
        raise NotPossible("refused", "The customer refused this version.", "another version is proposed")
    return plan.proposed
