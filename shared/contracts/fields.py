"""The kinds of field that contracts are made of, each with its bounds, and the mark of personal data.

A field typed `Personal…` holds personal data or free text: logs scrub it, and it is the one to seal per customer.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

MAX_ID = 200
MAX_LINE = 500
MAX_TEXT = 20_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f]")
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class Personal:
    """Marks a field that holds personal data or free text."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        described["x-personal"] = True
        return described


@dataclass(frozen=True)
class _Format:
    """Names the JSON Schema `format` of a field whose rule is a Python function."""

    name: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        described["format"] = self.name
        return described


def one_line(value: str) -> str:
    """Return the text unchanged; ValueError where it holds a control character or a line break."""
    if _CONTROL_OR_BREAK.search(value):
        raise ValueError("must not contain control characters or line breaks")
    return value


def plain_text(value: str) -> str:
    """Return the text unchanged; ValueError where it holds a control character other than tab and line break."""
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters")
    return value


def moment(value: object) -> object:
    """Read an RFC 3339 date-time with its offset as an aware datetime in UTC; ValueError for anything else."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("needs an offset from UTC, such as 2026-01-31T09:00:00Z")
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("must be a date and time with an offset, such as 2026-01-31T09:00:00Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a date and time that exists in the calendar") from None


def day(value: object) -> object:
    """Read an RFC 3339 full-date; ValueError for anything else."""
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("must be a date, such as 2026-01-31")  # noqa: TRY004
    if isinstance(value, date):
        return value
    if not _FULL_DATE.fullmatch(value):
        raise ValueError("must be a date, such as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date that exists in the calendar") from None


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_amount(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('must be written as a decimal string or a whole number, such as "120.50", never as a float')  # noqa: TRY004
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("must be one e-mail address, such as ana@example.com")
    return value


def _currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        raise ValueError("must be an ISO 4217 code of three capital letters, such as EUR")
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be an IANA time zone, such as Europe/Berlin")
    ZoneInfo(value)
    return value


Id = Annotated[str, Field(min_length=1, max_length=MAX_ID, strict=True), AfterValidator(one_line)]
Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE, strict=True), AfterValidator(one_line)]
PersonalLine = Annotated[Line, Personal()]
PersonalText = Annotated[str, Field(max_length=MAX_TEXT, strict=True), AfterValidator(plain_text), Personal()]
Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    PlainSerializer(_rfc3339, return_type=str, when_used="json"),
]
Day = Annotated[date, BeforeValidator(day)]
Email = Annotated[
    str,
    Field(strict=True, max_length=254),
    AfterValidator(one_line),
    AfterValidator(_email),
    _Format("email"),
    Personal(),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_text_amount),
    Field(allow_inf_nan=False, max_digits=18, decimal_places=6),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^-?\d+(\.\d{1,6})?$"}, {"type": "integer"}]}),
]
Currency = Annotated[str, Field(strict=True), AfterValidator(_currency), _Format("iso-4217")]
TimeZone = Annotated[str, Field(strict=True, max_length=64), AfterValidator(_time_zone), _Format("iana-time-zone")]
