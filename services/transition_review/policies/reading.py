"""Reads a review policy's file into the domain's policy, or says everything that is wrong with it."""

from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path

import holidays

from services.transition_review.domain import policy as domain
from services.transition_review.policies import form
from shared.yaml_files.checks import Found, repeated
from shared.yaml_files.problems import Slip, WrongFile
from shared.yaml_files.reading import read as read_file

ALWAYS = ("revenue", "operations")  # domain.md: they review every ending
OF_MONEY = frozenset({"money_moves", "refund_over_limit"})
OWED_BY = ("timeline", "refunds")  # the parts from which a settlement is computed


def load(text: str, name: str) -> domain.Policy:
    """Read the text of the file `name`. Raises WrongFile."""
    read, found = read_file(text, name, form.FORM)
    if wrong := [found.slip(path, what) for path, what in _contradictions(read)]:
        raise WrongFile(name, wrong)
    return domain.Policy(
        name=read.name,
        version=read.version,
        teams=tuple(domain.TeamRule(one.team, tuple(one.when), tuple(one.parts), one.days) for one in read.teams),
        refund_limits=tuple(
            domain.RefundLimit(one.currency, None if one.up_to is None else Decimal(one.up_to), Decimal(one.limit))
            for one in read.refund_limits
        ),
        remind_days=read.remind_days,
        escalate_days=read.escalate_days,
        country=read.country,
    )


def _contradictions(read: form.Policy) -> Found:
    for path, what in repeated(("teams",), [one.team for one in read.teams]):
        yield (*path, "team"), what
    always = {one.team for one in read.teams if "always" in one.when}
    for team in ALWAYS:
        if team not in always:
            yield ("teams",), f"must have the team {team} with when: [always]"
    for at, one in enumerate(read.teams):
        if one.days < read.remind_days:
            yield ("teams", at, "days"), f"must be at least remind_days ({read.remind_days}), not {one.days}"
        if OF_MONEY & set(one.when) and not set(OWED_BY) <= set(one.parts):
            what = f"must have {' and '.join(OWED_BY)}: what is owed, for which {one.team} is asked, follows from them"
            yield ("teams", at, "parts"), what
    if read.country is not None and read.country not in holidays.list_supported_countries():
        yield ("country",), f"must be a country whose holidays are known, or null, not {read.country}"


def policy_of(file: Path | None) -> domain.Policy:
    """Return the policy of a file, the shipped one where none is named. Raises WrongFile, and OSError."""
    if file is None:
        return shipped_policy()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise WrongFile(file.name, [Slip(0, 0, "", "is not text in UTF-8: save it as such")]) from None
    return load(text, file.name)


@cache
def shipped_policy() -> domain.Policy:
    """Return the policy that comes with the product."""
    return load(text_of("default"), "default.yaml")


def text_of(name: str) -> str:
    """Return the file of the policy that is called so."""
    return resources.files("services.transition_review.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
