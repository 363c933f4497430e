"""What follows from a transition's plan as it is written, computed by transition_review: dates and money."""

from shared.contracts.endings.clauses import LawfulEnd
from shared.contracts.endings.money import Settlements
from shared.contracts.event import Contract
from shared.contracts.fields import Day, Flag, Number, PersonalLine


class Verdict(Contract):
    """What the contract says of the last day that is planned."""

    is_lawful: Flag
    sentence: PersonalLine


class LatestReceipt(Contract):
    """Until when the notice has to be received for that last day; day: absent where no notice can bring it about."""

    day: Day | None = None
    sentence: PersonalLine


class TimeNeeded(Contract):
    """Until when the customer needs to find another way, and whether the last day leaves it; it refuses nothing."""

    day: Day
    kept: Flag
    sentence: PersonalLine


class Reckoned(Contract):
    """What follows from the plan; absent where its parts do not say enough yet.

    settlement: by currency; lines_left_out: how many of its lines are too long to be told, its sums hold them all.
    unsettled: why nothing is settled.
    """

    lawful_end: LawfulEnd | None = None
    verdict: Verdict | None = None
    receive_by: LatestReceipt | None = None
    time_needed: TimeNeeded | None = None
    settlement: Settlements = ()
    lines_left_out: Number = 0
    unsettled: PersonalLine | None = None
