"""What contract and money say of a plan's last day: too early, or not computable."""

from dataclasses import replace
from datetime import date

from services.transition_review.domain.clauses.ending import Ending, NotLawful, earliest_end, require_lawful
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.settlement.refused import CannotSettle
from services.transition_review.domain.settlement.settling import Settlement, settle


def unmet(parts: Parts, today: date, received_on: date | None = None) -> list[str]:
    """Return what contract and money have against the plan as it is written; parts that are not there say nothing.

    received_on: of the notice, None where the customer has not received it: then it counts as it is planned.
    """
    contracts, timeline = parts.contracts, parts.timeline
    found = []
    if contracts is not None:
        if received_on is None and contracts.notice.received_on < today:
            found.append("the notice is planned for today or later")
        if timeline is not None:
            found += too_early(parts, received_on or contracts.notice.received_on)
    if parts.refunds is not None and timeline is not None:
        try:
            settled = settle(parts.refunds.items, timeline.last_day)
        except CannotSettle as why:
            return [*found, str(why)]
        owed = [f"{one.total} {one.currency}" for one in settled if one.owed_by == "us"]
        if owed and "refund_paid" not in {one.kind for one in timeline.milestones}:
            found.append(f"a milestone says when the {' and '.join(owed)} that we owe are paid")
    return found


def too_early(parts: Parts, received_on: date) -> list[str]:
    """Return why the last day is too early for a notice received on a day; nothing where it is not."""
    contracts, timeline = parts.contracts, parts.timeline
    if contracts is None or timeline is None:
        return []
    try:
        require_lawful(contracts.terms, replace(contracts.notice, received_on=received_on), timeline.last_day)
    except NotLawful as why:
        return [why.why, *why.unmet]
    return []


def end_of(parts: Parts, received_on: date | None = None) -> Ending | None:
    """Return the earliest lawful end of a plan, None while its contract is not written."""
    if parts.contracts is None:
        return None
    notice = parts.contracts.notice
    return earliest_end(parts.contracts.terms, replace(notice, received_on=received_on or notice.received_on))


def settlement_of(parts: Parts) -> tuple[Settlement, ...]:
    """Return what is owed either way, by currency; nothing while it is not written, or cannot be computed."""
    if parts.refunds is None or parts.timeline is None:
        return ()
    try:
        return settle(parts.refunds.items, parts.timeline.last_day)
    except CannotSettle:
        return ()
