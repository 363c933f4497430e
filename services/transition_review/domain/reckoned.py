"""What follows from a plan as it is written, for those who write, review and approve it: dates and money.

From domain.md, step 4: the earliest lawful end with its derivation, the time that the customer needs beside it, and
what is owed either way, line by line. It is computed when it is asked for; the plan keeps none of it.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from services.transition_review.domain.clauses.calendar import in_words
from services.transition_review.domain.clauses.contract import ContractTerms, Notice, Place, Span
from services.transition_review.domain.clauses.ending import (
    Ending,
    LatestReceipt,
    Recommendation,
    latest_receipt,
    recommend,
)
from services.transition_review.domain.lawful import end_of, too_early
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.settlement.refused import CannotSettle
from services.transition_review.domain.settlement.settling import Settlement, settle
from services.transition_review.domain.transition import Transition

LAST = date(2099, 12, 31)  # of the years whose holidays are known: no notice is looked for beyond


@dataclass(frozen=True)
class Verdict:
    """What the contract says of the last day that is planned."""

    is_lawful: bool
    sentence: str


@dataclass(frozen=True)
class Reckoned:
    """What follows from a plan; None and empty where its parts do not say enough yet.

    receive_by: until when the notice has to be received for the last day that is planned, None once it was received.
    time_needed: beside the lawful end, it refuses nothing. settlements: by currency; unsettled: why there are none.
    """

    end: Ending | None = None
    verdict: Verdict | None = None
    receive_by: LatestReceipt | None = None
    time_needed: Recommendation | None = None
    settlements: tuple[Settlement, ...] = ()
    unsettled: str | None = None


def reckon(transition: Transition) -> Reckoned:
    """Return what follows from the transition's parts as they are now."""
    parts, notice = transition.parts, transition.notice
    received = notice.received_on if notice else None
    end = end_of(parts, received)
    settlements, unsettled = _settled(parts)
    return Reckoned(
        end=end,
        verdict=_verdict(parts, end, received),
        receive_by=_receive_by(parts) if received is None else None,
        time_needed=_time_needed(transition),
        settlements=settlements,
        unsettled=unsettled,
    )


def _verdict(parts: Parts, end: Ending | None, received: date | None) -> Verdict | None:
    if parts.contracts is None or parts.timeline is None or end is None:
        return None
    found = too_early(parts, received or parts.contracts.notice.received_on)
    if found or end.day is None:
        return Verdict(False, found[0])
    beyond = (parts.timeline.last_day - end.day).days
    last = f"The last day {in_words(parts.timeline.last_day)}"
    if beyond == 0:
        return Verdict(True, f"{last} is the earliest lawful end.")
    return Verdict(True, f"{last} is {beyond} day{'' if beyond == 1 else 's'} after the earliest lawful end.")


def _receive_by(parts: Parts) -> LatestReceipt | None:
    if parts.contracts is None or parts.timeline is None or parts.timeline.last_day > LAST:
        return None
    return _latest(parts.contracts.terms, parts.contracts.notice, parts.timeline.last_day)


@lru_cache(maxsize=1_000)  # looked for day by day, and the same for every fact that leaves contract and last day alone
def _latest(terms: ContractTerms, notice: Notice, wanted: date) -> LatestReceipt:
    return latest_receipt(terms, notice, wanted)


def _time_needed(transition: Transition) -> Recommendation | None:
    timeline, told_on = transition.parts.timeline, _told_on(transition)
    if timeline is None or told_on is None or not 0 < timeline.time_needed_days <= (date.max - told_on).days:
        return None
    return recommend(told_on, Span(timeline.time_needed_days, "days"), timeline.last_day, Place(transition.time_zone))


def _told_on(transition: Transition) -> date | None:
    """Return when the customer is told: in the talk; until one is arranged, by the plan's first message to it, else by
    the notice.
    """
    talk, communication, contracts = transition.talk, transition.parts.communication, transition.parts.contracts
    if talk is not None:
        return transition.today(talk.held_at or talk.planned_for)
    messages = communication.messages if communication else ()
    planned = contracts.notice.received_on if contracts else None
    return min((one.on for one in messages if one.audience == "customer"), default=planned)


def _settled(parts: Parts) -> tuple[tuple[Settlement, ...], str | None]:
    if parts.refunds is None or parts.timeline is None:
        return (), "It is computed as soon as the parts timeline and refunds are written."
    try:
        return settle(parts.refunds.items, parts.timeline.last_day), None
    except CannotSettle as why:
        return (), str(why)
