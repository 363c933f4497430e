"""Reads a file of rules into the domain's rules, or says everything that is wrong with it."""

from datetime import timedelta
from functools import cache
from importlib import resources
from pathlib import Path

from services.notifications.domain import rule as domain
from services.notifications.domain.rule import HOWS, NAMED, RuleSet, places
from services.notifications.rules import facts, form
from shared.yaml_files import problems
from shared.yaml_files.checks import Found, repeated
from shared.yaml_files.problems import Slip, WrongFile
from shared.yaml_files.reading import read as read_file

GIVEN = frozenset({"customer", "person", "when"})  # what every message says


def load(text: str, name: str) -> RuleSet:
    """Read the text of the file `name`. Raises WrongFile."""
    read, found = read_file(text, name, form.FORM)
    if wrong := [found.slip(path, what) for path, what in _contradictions(read)]:
        raise WrongFile(name, wrong)
    return RuleSet(
        read.name,
        read.version,
        tuple(_rule(one) for one in read.rules),
        frozenset(read.silent),
        tuple(read.fallback),
        _done_by(read.over_with),
    )


def _rule(read: form.Rule) -> domain.Rule:
    return domain.Rule(
        name=read.name,
        on=read.on,
        to=_audiences(read.to),
        template=read.template,
        urgency=read.urgency,
        headline=read.headline,
        next_step=read.next_step,
        when=tuple(domain.Condition(one.field, tuple(one.one_of)) for one in read.when),
        once_per=tuple(read.once_per),
        says=tuple((one.name, one.found_in) for one in read.says),
        acknowledge=_acknowledge(read.acknowledge),
    )


def _acknowledge(read: form.Acknowledge | None) -> domain.Acknowledge | None:
    if read is None:
        return None
    return domain.Acknowledge(
        timedelta(hours=read.hours), _audiences(read.then), _done_by(read.done_by), read.only_asks
    )


def _audiences(read: list[form.Audience]) -> tuple[domain.Audience, ...]:
    return tuple(domain.Audience(one.who, one.named_in) for one in read)


def _done_by(read: list[form.DoneBy]) -> tuple[domain.DoneBy, ...]:
    return tuple(domain.DoneBy(tuple(one.on), tuple(one.same)) for one in read)


def _contradictions(read: form.Rules) -> Found:
    for path, what in repeated(("rules",), [one.name for one in read.rules]):
        yield (*path, "name"), what
    yield from repeated(("silent",), read.silent)
    yield from repeated(("fallback",), read.fallback)
    told = {one.on for one in read.rules}
    for at, kind in enumerate(read.silent):
        if kind not in facts.kinds():
            yield ("silent", at), f"must be a type of fact that is heard of, not {problems.shown(kind)}"
        elif kind in told:
            yield ("silent", at), f"has a rule as well: take {kind} out here, or the rule"
    for path, what in _of_done_by(read.over_with, None):
        yield ("over_with", *path), what
    for at, one in enumerate(read.rules):
        for path, what in (*_of_rule(one), *_of_ask(one)):
            yield ("rules", at, *path), what


def _of_rule(rule: form.Rule) -> Found:
    kind = facts.kinds().get(rule.on)
    if kind is None:
        yield ("on",), f"must be a type of fact that is heard of, not {problems.shown(rule.on)}"
        return
    for path, field in _paths(rule):
        if (missing := facts.lacks(kind, field)) is not None:
            yield path, f"leads nowhere: {rule.on} has no {missing} there"
    for path, audience in _everybody(rule):
        if (audience.named_in is not None) != (audience.who in NAMED):
            needed = "needs named_in" if audience.who in NAMED else "takes no named_in"
            yield (*path, "who"), f"{audience.who} {needed}"
    known = GIVEN | {one.name for one in rule.says} | set(kind.model_fields)
    for field in ("headline", "next_step"):
        for place, how in places(getattr(rule, field)):
            if place not in known:
                yield (field,), f"asks for {{{place}}}, which is neither said nor a field of {rule.on}"
            if how and how not in HOWS:
                yield (field,), f"asks for {place} as {how}: it can be said as {', '.join(HOWS)}"


def _of_ask(rule: form.Rule) -> Found:
    if rule.acknowledge is not None:
        for path, what in _of_done_by(rule.acknowledge.done_by, rule.on):
            yield ("acknowledge", "done_by", *path), what


def _of_done_by(read: list[form.DoneBy], asked_by: str | None) -> Found:
    """asked_by: the type of fact that asks, which must have what is to be the same too."""
    for at, one in enumerate(read):
        for place, name in enumerate(one.on):
            if name not in facts.kinds():
                yield (at, "on", place), f"must be a type of fact that is heard of, not {problems.shown(name)}"
        for place, path in enumerate(one.same):
            for name in (*([asked_by] if asked_by else []), *one.on):
                kind = facts.kinds().get(name)
                if kind is not None and (missing := facts.lacks(kind, path)) is not None:
                    yield (at, "same", place), f"leads nowhere: {name} has no {missing} there"


def _everybody(rule: form.Rule) -> list[tuple[problems.Path, form.Audience]]:
    then = rule.acknowledge.then if rule.acknowledge else []
    return [
        *((("to", at), one) for at, one in enumerate(rule.to)),
        *((("acknowledge", "then", at), one) for at, one in enumerate(then)),
    ]


def _paths(rule: form.Rule) -> list[tuple[problems.Path, str]]:
    return [
        *((("when", at, "field"), one.field) for at, one in enumerate(rule.when)),
        *((("once_per", at), one) for at, one in enumerate(rule.once_per)),
        *((("says", at, "found_in"), one.found_in) for at, one in enumerate(rule.says)),
        *(((*path, "named_in"), one.named_in) for path, one in _everybody(rule) if one.named_in is not None),
    ]


def rules_of(file: Path | None) -> RuleSet:
    """Return the rules of a file, the shipped ones where none is named. Raises WrongFile, and OSError."""
    if file is None:
        return shipped_rules()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise WrongFile(file.name, [Slip(0, 0, "", "is not text in UTF-8: save it as such")]) from None
    return load(text, file.name)


@cache
def shipped_rules() -> RuleSet:
    """Return the rules that come with the product."""
    return load(text_of("default"), "default.yaml")


def text_of(name: str) -> str:
    """Return the file of the rules that are called so."""
    return resources.files("services.notifications.rules").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
