"""Cases made up from a seed, with a sentinel in every text that is ours alone; what the case learns tomorrow included.

Each text of a case is a sentinel unless `SHARED` names it: a new field needs nobody to remember it here.
"""

import re
import types
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Literal

from services.action_plans.domain.case import Case, Decision
from services.action_plans.domain.names import Names
from services.action_plans.domain.progress import Progress
from services.action_plans.domain.terms import Commitment

SENTINEL = "qzxqzx"
MARK = "wvwv"  # what every shared text holds, so that a test sees that it arrives
_ODD = "\n\t #*_[]|`<>&\\$@~={}-+.!()'\"\x00\x1b\u202e\u2066é\u0416Ω中ש💡"
_LETTERS = "abcdefghilmnoprstu"
_ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland")
_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
# By their place in a case: what the customer reads. `owner`, `by`, ids: people, who are called by name or not at all.
SHARED = re.compile(
    r"plan\.(proposed|agreed)\.(terms\.(purpose|promises\.(text|norm|target)|commitments\.(what|done_when))|refusal\.why)"
    r"|plan\.retired\.(what|done_when)|progress\.(evidence|cause)|reviews\.(results\.note|decided)|comments\.text"
)
PLAYERS, COMMITMENTS, PEOPLE, REVIEWS = ([f"{SENTINEL}-{kind}-{n}" for n in range(4)] for kind in "scpr")
_IDS = {
    "stakeholder_id": PLAYERS, "attendees": PLAYERS, "invited": PLAYERS, "agreed_with": PLAYERS,
    "commitment_id": COMMITMENTS, "review_id": REVIEWS,
    "person_id": PEOPLE, "owner": PEOPLE, "by": PEOPLE, "contact_id": PEOPLE, "csm": PEOPLE,
}  # fmt: skip


class Planter:
    """Makes a case up."""

    def __init__(self, seed: int) -> None:
        """The same seed, the same case."""
        self.random = Random(seed)

    def case(self) -> Case:
        """Return a case whose parts know each other, as those of a real one do."""
        case: Case = self._make(Case, "")
        case = replace(case, time_zone=self.random.choice(_ZONES), stakeholders=self._numbered(case.stakeholders))
        held = {one.review_id for one in case.reviews if one.state == "held"}
        return replace(
            case,
            reviews=tuple({one.review_id: one for one in case.reviews}.values()),
            progress=tuple(self._told(one) for one in {one.commitment_id: one for one in case.progress}.values()),
            decisions=tuple(
                replace(one, text=self.shared()) if one.review_id in held else one for one in case.decisions
            ),
        )

    def names(self) -> Names:
        """Return what some of the people are called."""
        known = self.random.sample(PEOPLE, 2)
        return Names(self.shared(), self.shared(), {known[0]: self.shared()}, {known[1]: self.shared()})

    def shared(self) -> str:
        """Return a text that the customer may read, with everything in it that could upset a format."""
        parts = ["".join(self.random.choices(_LETTERS, k=self.random.randint(1, 9))), MARK]
        parts += self.random.choices(_ODD, k=self.random.randint(0, 6))
        self.random.shuffle(parts)
        return "".join(parts) + "a" * (self.random.random() < 0.05) * 200

    def _decided(self, one: Decision, held: set[str]) -> Decision:
        """What was decided in a review that was held, both sides have heard."""
        return replace(one, text=self.shared()) if one.review_id in held else one

    def _told(self, one: Progress) -> Progress:
        """What we cannot do is the customer's to read once it was told."""
        given_up = one.undeliverable
        if given_up is None or given_up.told_at is None:
            return one
        return replace(one, undeliverable=replace(given_up, cause=self.shared()))

    def _numbered(self, players: Any) -> Any:
        return tuple(replace(one, stakeholder_id=PLAYERS[n]) for n, one in enumerate(players[: len(PLAYERS)]))

    def _make(self, kind: Any, path: str) -> Any:
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin in (types.UnionType, typing.Union):
            if type(None) in inner and self.random.random() < 0.3:
                return None
            return self._make(self.random.choice([one for one in inner if one is not type(None)]), path)
        if origin is Literal:
            return self.random.choice(inner)
        if origin is tuple:
            return tuple(self._make(inner[0], path) for _ in range(self.random.randint(0, 3)))
        if origin is dict:
            return {one: self._make(inner[1], path) for one in COMMITMENTS}
        if is_dataclass(kind) and isinstance(kind, type):
            return self._dataclass(kind, path)
        return self._plain(kind, path)

    def _plain(self, kind: type, path: str) -> Any:
        hours, days = self.random.randint(-2_000, 2_000), self.random.randint(-90, 90)
        made = {
            bool: days > 0,
            int: abs(days) % 5 + 1,
            float: hours / 7,
            datetime: _START + timedelta(hours=hours),
            date: _START.date() + timedelta(days=days),
        }
        return made[kind] if kind in made else self._text(path)

    def _dataclass(self, kind: type, path: str) -> Any:
        hints = typing.get_type_hints(kind)
        made = {one.name: self._make(hints[one.name], f"{path}.{one.name}".lstrip(".")) for one in fields(kind)}
        if kind.__name__ == "Terms":
            by_id: dict[str, Commitment] = {one.commitment_id: one for one in made["commitments"]}
            made |= {"commitments": tuple(by_id.values()), "review_hour": self.random.randint(0, 23)}
        return kind(**made)

    def _text(self, path: str) -> str:
        name = path.rpartition(".")[2]
        if name == "content_hash":
            return f"{self.random.getrandbits(256):064x}"
        if name in _IDS:
            return self.random.choice(_IDS[name])
        return self.shared() if SHARED.fullmatch(path) else f"{SENTINEL} {path} {self.random.randint(0, 99)}"


def is_leaked(text: str) -> bool:
    """Tell whether a sentinel is in a text, however it was broken into lines or wrapped into markup."""
    return SENTINEL in re.sub(r"[^a-z]", "", text.lower())
