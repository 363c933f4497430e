"""Reads a card's file into the domain's card, or says everything that is wrong with it."""

from types import MappingProxyType
from typing import Any

from services.health_scoring.domain import scorecard as domain
from services.health_scoring.scorecards import card, measure
from services.health_scoring.scorecards.card_meaning import contradictions
from shared.yaml_files.fields import Part
from shared.yaml_files.problems import WrongFile
from shared.yaml_files.reading import read as read_file


def load(text: str, name: str) -> domain.Scorecard:
    """Read the text of the file `name`. Raises WrongFile."""
    read, found = read_file(text, name, card.FORM)
    if wrong := [found.slip(path, what) for path, what in contradictions(read)]:
        raise WrongFile(name, wrong)
    return _scorecard(read)


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


def _given(read: Part) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in read}
