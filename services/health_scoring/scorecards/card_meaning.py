"""What the fields of a card mean together: names, weights, thresholds and rules."""

from itertools import pairwise

from services.health_scoring.scorecards import card
from services.health_scoring.scorecards.checks import words_unknown
from services.health_scoring.scorecards.measure_meaning import meaning
from shared.yaml_files.checks import Found, repeated
from shared.yaml_files.problems import Path, spoken

RULE_SAYS = {
    "fall": {"value", "days"},
    "contact_left": {"count", "days"},
    "open_tickets": {"count"},
    "silence": {"value", "days"},
    "onboarding_overdue": {"value", "days"},
}


def contradictions(read: card.Scorecard) -> Found:
    """Yield the path of each field that does not go with the others, and what to do."""
    yield from _groups(read)
    yield from _thresholds(read.thresholds)
    yield from repeated(("segments",), read.segments)
    for at, group in enumerate(read.groups):
        for place, measure in enumerate(group.measures):
            yield from meaning(("groups", at, "measures", place), measure)
    for at, rule in enumerate(read.rules):
        if isinstance(rule, card.Fall) and not rule.points:
            yield ("rules", at, "points"), "must be more than 0: every score has fallen by 0"
        yield from words_unknown(("rules", at, "says"), rule.says, RULE_SAYS[rule.kind], f"a rule of kind {rule.kind}")
        for name in ("roles", "severities"):
            yield from repeated(("rules", at, name), getattr(rule, name, ()))


def _groups(read: card.Scorecard) -> Found:
    if (total := sum(group.weight for group in read.groups)) != 100:
        yield ("groups",), f"must have weights that sum to 100, not {total}"
    groups: list[tuple[Path, str]] = [(("groups", at, "name"), group.name) for at, group in enumerate(read.groups)]
    yield from _named_once(groups)
    measures: list[tuple[Path, str]] = [
        (("groups", at, "measures", place, "name"), measure.name)
        for at, group in enumerate(read.groups)
        for place, measure in enumerate(group.measures)
    ]
    rules: list[tuple[Path, str]] = [(("rules", at, "name"), rule.name) for at, rule in enumerate(read.rules)]
    yield from _named_once([*measures, *rules])  # both are codes of reasons


def _named_once(named: list[tuple[Path, str]]) -> Found:
    first: dict[str, Path] = {}
    for path, name in named:
        if name in first:
            yield path, f"is '{name}', as {spoken(first[name])} is already: give it a name of its own"
        first.setdefault(name, path)


def _thresholds(thresholds: list[card.Thresholds]) -> Found:
    if thresholds[0].from_months != 0:
        yield ("thresholds", 0, "from_months"), f"must be 0 in the first entry, not {thresholds[0].from_months}"
    for at, (before, after) in enumerate(pairwise(thresholds), start=1):
        if after.from_months <= before.from_months:
            yield (
                ("thresholds", at, "from_months"),
                f"must be more than {before.from_months}, that of the entry before it, not {after.from_months}",
            )
    for at, bounds in enumerate(thresholds):
        if bounds.green <= bounds.yellow:
            yield (
                ("thresholds", at, "green"),
                f"must be more than yellow ({bounds.yellow / 100:g}), not {bounds.green / 100:g}",
            )
