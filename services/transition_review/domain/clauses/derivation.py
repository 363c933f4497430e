"""How an end is derived: step by step, each from the day at which the one before arrived."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Rule = Literal[
    "cure", "cure_roll", "receipt", "notice", "notice_roll", "period", "minimum_term", "period_after_minimum",
    "auto_renewal", "own_end",
]  # fmt: skip
NAMES: dict[Rule, str] = {
    "cure": "the cure period",
    "cure_roll": "the next business day after the cure period",
    "receipt": "the receipt of the notice",
    "notice": "the notice period",
    "notice_roll": "the next business day after the notice period",
    "period": "the period to whose end the clause counts",
    "minimum_term": "the minimum term",
    "period_after_minimum": "the period to whose end the clause counts",
    "auto_renewal": "the automatic renewal",
    "own_end": "the contract's own term",
}


@dataclass(frozen=True)
class Step:
    """One rule's part: it found `from_day` and arrived at `to_day`; the sentence can be read aloud."""

    rule: Rule
    from_day: date
    to_day: date
    sentence: str

    @property
    def name(self) -> str:
        """What the rule is called within a sentence."""
        return NAMES[self.rule]


@dataclass
class Walk:
    """The steps so far, and the day at which they have arrived."""

    day: date
    steps: list[Step] = field(default_factory=list)

    def to(self, day: date, rule: Rule, sentence: str) -> None:
        """Go on to a day by a rule."""
        self.steps.append(Step(rule, self.day, day, sentence))
        self.day = day
