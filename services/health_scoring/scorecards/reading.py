"""Reads a card's file into the domain's card, or says everything that is wrong with it."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.health_scoring.domain import scorecard as domain
from services.health_scoring.scorecards import card, measure, schema
from services.health_scoring.scorecards.card_meaning import contradictions
from services.health_scoring.scorecards.problems import Path, WrongCard, clipped, shown
from services.health_scoring.scorecards.tree import Tree, tree


def load(text: str, name: str) -> domain.Scorecard:
    """Read the text of the file `name`. Raises WrongCard."""
    found = tree(text, name)
    try:
        read = card.Scorecard.model_validate(found.content)
    except ValidationError as error:
        slips = [found.slip(*_told(one, found)) for one in error.errors(include_url=False)]
        raise WrongCard(name, slips) from None
    if wrong := [found.slip(path, what) for path, what in contradictions(read)]:
        raise WrongCard(name, wrong)
    return _scorecard(read)


def _told(error: ErrorDetails, found: Tree) -> tuple[Path, str]:
    """Return the path to the field, and what is wrong with it."""
    path = tuple(_written(error["loc"], found))
    if error["type"] == "missing" and isinstance(path[-1], int):
        return path[:-1], "must be two entries, [number, points]"
    if error["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        path = (*path, "kind")
    return path, _what(error)


def _what(error: ErrorDetails) -> str:
    known, value = error.get("ctx", {}), shown(error["input"])
    match error["type"]:
        case "value_error":
            what = str(known["error"])
        case "missing" | "union_tag_not_found":
            what = "is missing: add it"
        case "extra_forbidden":
            what = f"is not a field here: those known are {', '.join(schema.fields(error['loc'][:-1]))}"
        case "union_tag_invalid":
            what = f"must be one of {_plain(known['expected_tags'])}, not '{clipped(str(known['tag']))}'"
        case "literal_error":
            what = f"must be {_plain(known['expected'])}, not {value}"
        case "too_short":
            what = f"must have at least {known['min_length']} entries, not {known['actual_length']}"
        case "too_long":
            what = f"must have at most {known['max_length']} entries: take some out"
        case kind:
            what = f"must be {_KINDS.get(kind, 'something else')}, not {value}"
    return what


def _plain(quoted: str) -> str:
    return quoted.replace("'", "")


_KINDS = {
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list of two entries, [number, points]",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
}


def _written(loc: tuple[str | int, ...], found: Tree) -> Iterator[str | int]:
    """Leave out of a location what is not in the file: which kind of aggregate or rule was meant."""
    value: Any = found.content
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        inside = isinstance(part, int) or (isinstance(value, dict) and part in value)
        if inside or last:
            yield part
        if inside:
            value = value[part] if isinstance(part, str) or (isinstance(value, list) and part < len(value)) else None


def _scorecard(read: card.Scorecard) -> domain.Scorecard:
    return domain.Scorecard(
        name=read.name,
        version=read.version,
        segments=tuple(read.segments),
        groups=tuple(
            domain.Group(group.name, group.weight, tuple(_measure(each) for each in group.measures))
            for group in read.groups
        ),
        thresholds=tuple(domain.Thresholds(each.from_months, each.green, each.yellow) for each in read.thresholds),
        rules=tuple(_rule(rule) for rule in read.rules),
        hold=domain.Hold(read.hold.worse_hours, read.hold.better_by, read.hold.better_hours),
        known_from=read.known_from * domain.POINT,
    )


def _measure(read: measure.Measure) -> domain.Measure:
    return domain.Measure(
        name=read.name,
        weight=read.weight,
        source=_source(read.source),
        aggregate=_aggregate(read.aggregate),
        normalise=domain.Normalise(
            curve=tuple((number, points / domain.POINT) for number, points in read.normalise.curve),
            step=read.normalise.step,
            baseline_days=read.normalise.baseline_days or 0,
            baseline_blocks=read.normalise.baseline_blocks,
        ),
        says=read.says,
        missing=read.missing,
        stale_days=read.stale_days,
        stale=read.stale,
        half_life_days=read.half_life_days,
    )


def _source(read: measure.Source | None) -> domain.Source:
    if read is None:
        return domain.Source(())
    where = {name: tuple(values) for name, values in read.where if values}
    return domain.Source(tuple(read.events), read.metric, MappingProxyType(where))


def _aggregate(read: measure.Aggregate) -> domain.Aggregate:
    given = _given(read)
    if isinstance(read, measure.OpenLoad):
        given["load"] = MappingProxyType(dict(read.load or ()))
    return domain.Aggregate(**given)


def _rule(read: card.Rule) -> domain.Rule:
    return domain.Rule(**_given(read))


def _given(read: measure.Part) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in read}
