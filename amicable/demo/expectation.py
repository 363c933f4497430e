"""What is expected of the written story; the expectation itself, expectation.yaml, was written by hand."""

from collections.abc import Mapping
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from amicable.demo.customers import CUSTOMERS

SUBJECT = "Action needed: {name}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedCase(_Strict):
    """A case: who is to be told of it by mail, and the codes of its chief reasons."""

    csm: str
    reasons: frozenset[str] = Field(min_length=1)


class ExpectedBands(_Strict):
    """Who is in which band; of the green ones only how many."""

    red: frozenset[str]
    yellow: frozenset[str]
    unknown: frozenset[str]
    green: int


class ExpectedFound(_Strict):
    """How somebody is found: so many days before the renewal (at least, at most), and by what.

    reason: the code that must come first, where it matters. by: the clock alone, or whatever it may be.
    """

    before_renewal: tuple[PositiveInt, PositiveInt]
    reason: str | None = None
    by: Literal["clock"] | None = None


class Expectation(_Strict):
    """Everything that must come out, and nothing else may."""

    bands: ExpectedBands
    found: Mapping[str, ExpectedFound]
    cases: Mapping[str, ExpectedCase]

    def band(self, customer_id: str) -> str:
        """Return the band in which the customer must be."""
        return next(
            (name for name in ("red", "yellow", "unknown") if customer_id in getattr(self.bands, name)), "green"
        )


def load() -> Expectation:
    """Return the expectation. Raises ValueError where the file does not fit the forty customers."""
    text = resources.files("amicable.demo").joinpath("expectation.yaml").read_text(encoding="utf-8")
    expectation = Expectation.model_validate(yaml.safe_load(text))
    known = {customer.customer_id for customer in CUSTOMERS}
    named = expectation.bands.red | expectation.bands.yellow | expectation.bands.unknown
    named |= expectation.found.keys() | expectation.cases.keys()
    if unknown := named - known:
        raise ValueError(f"expectation.yaml names customers that there are not: {', '.join(sorted(unknown))}")
    if (green := sum(expectation.band(customer_id) == "green" for customer_id in known)) != expectation.bands.green:
        raise ValueError(f"expectation.yaml says {expectation.bands.green} green customers, and leaves {green}")
    return expectation
