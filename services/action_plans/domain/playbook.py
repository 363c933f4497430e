"""A playbook: what to do in one situation. Which ones a risk suggests, and why; what one puts into a plan's draft."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.terms import CADENCE_DAYS, Cadence

OurRole = Literal[
    "csm", "manager", "executive_sponsor", "implementation", "training", "support", "product", "engineering", "finance",
    "sales",
]  # fmt: skip
CustomerRole = Literal[
    "main_contact", "executive_contact", "project_lead", "team_lead", "key_user", "it_contact", "finance_contact",
    "purchasing",
]  # fmt: skip
Role = Literal[OurRole, CustomerRole]
ROLES: dict[Side, tuple[str, ...]] = {"us": get_args(OurRole), "customer": get_args(CustomerRole)}
Sign = Literal["clear", "possible"]
SATURDAY = 5


@dataclass(frozen=True)
class Clue:
    """A reason of a risk that suggests the playbook. why: a sentence to say to the CSM."""

    code: str
    sign: Sign
    why: str


@dataclass(frozen=True)
class SuggestedExpectation:
    """side: whose it is. norm: a template of what is usual beside how it is here."""

    side: Side
    kind: ExpectationKind
    text: str
    target: str | None = None
    norm: str | None = None


@dataclass(frozen=True)
class SuggestedCommitment:
    """What one side does; due so many days after the plan starts."""

    what: str
    side: Side
    owner: Role
    due_days: int
    done_when: str


@dataclass(frozen=True)
class Player:
    """Whom to involve, and why."""

    side: Side
    role: Role
    why: str


@dataclass(frozen=True)
class Playbook:
    """A situation in one version.

    applies: for our people alone; purpose: what the plan says that both sides want to reach. agenda, letter: templates;
    avoid: what not to say.
    """

    name: str
    version: int
    title: str
    applies: str
    purpose: str
    reasons: tuple[Clue, ...]
    questions: tuple[str, ...]
    expectations: tuple[SuggestedExpectation, ...]
    commitments: tuple[SuggestedCommitment, ...]
    involve: tuple[Player, ...]
    frame_days: int
    cadence: Cadence
    agenda: str
    letter: str
    avoid: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A playbook that the reasons of a risk suggest. because: the clues that are there, clear ones first."""

    playbook: Playbook
    because: tuple[Clue, ...]


def suggest(codes: Sequence[str], playbooks: Iterable[Playbook]) -> tuple[Suggestion, ...]:
    """Return the playbooks that the codes of a risk's reasons (the gravest first) suggest, the likeliest first.

    A clear sign comes before a possible one; then the graver reason; then more signs; then the playbook's name.
    """
    gravity = {code: place for place, code in reversed(list(enumerate(codes)))}
    found: list[tuple[tuple[bool, int, int, int, str], Suggestion]] = []
    for playbook in playbooks:
        there = sorted(
            (clue for clue in playbook.reasons if clue.code in gravity),
            key=lambda clue: (clue.sign != "clear", gravity[clue.code]),
        )
        if there:
            first, clear = there[0], sum(1 for clue in there if clue.sign == "clear")
            rank = (first.sign != "clear", gravity[first.code], -clear, -len(there), playbook.name)
            found.append((rank, Suggestion(playbook, tuple(there))))
    return tuple(suggestion for _, suggestion in sorted(found, key=lambda one: one[0]))


@dataclass(frozen=True)
class DueCommitment:
    """A suggested commitment with its day."""

    what: str
    side: Side
    owner: Role
    due_on: date
    done_when: str


@dataclass(frozen=True)
class Filling:
    """What a playbook puts into a plan's draft, for people to edit."""

    playbook: str
    version: int
    starts_on: date
    ends_on: date
    cadence: Cadence
    first_review_on: date
    expectations: tuple[SuggestedExpectation, ...]
    commitments: tuple[DueCommitment, ...]
    involve: tuple[Player, ...]


def after_weekend(day: date) -> date:
    """Return the day, or the Monday after it if it is a Saturday or a Sunday."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def apply(playbook: Playbook, starts_on: date, working_day: Callable[[date], date] = after_weekend) -> Filling:
    """Return what the playbook suggests for a plan that starts on that day.

    working_day: returns a day, or the first one after it on which people work; no day but that of the first review,
    which is a cadence after the start, is another.
    """
    start = working_day(starts_on)

    def after(days: int) -> date:
        return working_day(start + timedelta(days=days))

    commitments = tuple(
        DueCommitment(one.what, one.side, one.owner, after(one.due_days), one.done_when) for one in playbook.commitments
    )
    return Filling(
        playbook=playbook.name,
        version=playbook.version,
        starts_on=start,
        ends_on=after(playbook.frame_days),
        cadence=playbook.cadence,
        first_review_on=start + timedelta(days=CADENCE_DAYS[playbook.cadence]),
        expectations=playbook.expectations,
        commitments=commitments,
        involve=playbook.involve,
    )
