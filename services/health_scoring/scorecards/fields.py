"""The kinds of field that only cards have. Each says its whole rule in one sentence, whatever is wrong."""

import re
from math import isfinite
from string import Formatter
from typing import Annotated

from pydantic import PlainValidator, Strict, WithJsonSchema

from services.health_scoring.domain.scorecard import POINT
from shared.contracts.fields import MAX_ID, one_line
from shared.yaml_files.fields import Words
from shared.yaml_files.problems import shown

UNKNOWN = "unknown"
PLACEHOLDERS = ("value", "baseline", "ratio", "days", "count")
LARGEST = 10**9
MAX_SENTENCE = 300
_FORMAT = re.compile(r"(\+?,?(\.[0-6])?[f%])?", re.ASCII)


def _points(value: object) -> int:
    number = _number(value)
    if number is None or not 0 <= number <= 100 or abs(number * POINT - round(number * POINT)) > 1e-6:
        raise ValueError(f"must be points from 0 to 100, with at most two decimals, not {shown(value)}")
    return round(number * POINT)


def _points_or_unknown(value: object) -> int | None:
    if value == UNKNOWN:
        return None
    try:
        return _points(value)
    except ValueError:
        raise ValueError(f"must be points from 0 to 100, or unknown, not {shown(value)}") from None


def _finite(value: object) -> float:
    number = _number(value)
    if number is None or abs(number) > LARGEST:
        raise ValueError(f"must be a number from -{LARGEST:,} to {LARGEST:,}, not {shown(value)}")
    return number


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def _sentence(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_SENTENCE:
        raise ValueError(f"must be a sentence of 1 to {MAX_SENTENCE} characters, not {shown(value)}")
    try:
        one_line(value)
    except ValueError:
        raise ValueError("must be on one line, without control characters") from None
    for name, how in placeholders(value):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ValueError(f"has the placeholder {{{name}}}, and those known are {known}; write {{{{ for a brace")
        if not _FORMAT.fullmatch(how):
            raise ValueError(f"shows {name} by '{how}', and a number is shown like {{{name}:.0f}}, {{{name}:,.1f}} or "
                             f"{{{name}:.0%}}")  # fmt: skip
    return value


def placeholders(template: str) -> list[tuple[str, str]]:
    """Return the placeholders of a template with their formats. Raises ValueError where it is none."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise ValueError("has a brace without its other half: write {{ or }} for a brace itself") from None
    found = []
    for _, name, how, conversion in parts:
        if name is None:
            continue
        if conversion:
            raise ValueError(f"converts {{{name}!{conversion}}}: take !{conversion} out")
        found.append((name, how or ""))
    return found


_POINTS = {"type": "number", "minimum": 0, "maximum": 100}
Points = Annotated[int, PlainValidator(_points), WithJsonSchema(_POINTS)]
PointsOrUnknown = Annotated[
    int | None,
    PlainValidator(_points_or_unknown),
    WithJsonSchema({"anyOf": [_POINTS, {"type": "string", "const": UNKNOWN}]}),
]
_NUMBER = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
CurvePoint = Annotated[
    tuple[Annotated[float, PlainValidator(_finite)], Points],
    Strict(False),  # YAML has lists
    WithJsonSchema({"type": "array", "items": [_NUMBER, _POINTS], "minItems": 2, "maxItems": 2}),  # as draft 07 says it
]
Text = Annotated[str, Words(MAX_ID)]
Sentence = Annotated[
    str, PlainValidator(_sentence), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_SENTENCE})
]
