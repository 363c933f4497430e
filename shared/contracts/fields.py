"""The kinds of field that contracts are made of, each with its bounds, and the mark of personal data.

A field typed `Personal…` holds personal data or free text: logs scrub it, and it is the one to seal per customer.
Nothing is coerced: a number is not a text, a text is not a number, and 1 is not true.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

MAX_ID = 200
MAX_SHORT_ID = 100
MAX_LINE = 500
MAX_TEXT = 20_000
MAX_PLAN_TEXT = 4_000  # what people write into a case: many of them travel in one message
MAX_INTEGER = 2**63 - 1  # what Postgres keeps as bigint

ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
PLAIN_TEXT = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
SHORT_ID = r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$"
FULL_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
EMAIL = r"^[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+$"
CURRENCY = r"^[A-Z]{3}$"
AMOUNT = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"
UNSIGNED_AMOUNT = AMOUNT.replace("-?", "")


def _whole(pattern: str) -> re.Pattern[str]:
    """Compile for `fullmatch`: Python's `$` also matches before a last line break."""
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


_ONE_LINE, _PLAIN_TEXT, _EMAIL = _whole(ONE_LINE), _whole(PLAIN_TEXT), _whole(EMAIL)
_SHORT_ID = _whole(SHORT_ID)
_FULL_DATE, _MOMENT, _CURRENCY, _AMOUNT = _whole(FULL_DATE), _whole(MOMENT), _whole(CURRENCY), _whole(AMOUNT)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Described:
    """Adds to a field's JSON Schema what its Python rule says, such as its pattern or format."""

    keyword: str
    value: Any

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        described[self.keyword] = self.value
        return described


@dataclass(frozen=True)
class Personal(Described):
    """Marks a field that holds personal data or free text."""

    keyword: str = "x-personal"
    value: Any = True


def one_line(value: str) -> str:
    """Return the text unchanged; ValueError where it holds a control character or a line break."""
    if not _ONE_LINE.fullmatch(value):
        raise ValueError("must not contain control characters or line breaks")
    return _sound(value)


def short_id(value: str) -> str:
    """Return the text unchanged; ValueError where it holds more than what is the same in links, files and sentences."""
    if not _SHORT_ID.fullmatch(value):
        raise ValueError("must begin with a letter or digit, and hold only letters, digits and . _ : @ - (ASCII)")
    return value


def plain_text(value: str) -> str:
    """Return the text unchanged; ValueError where it holds a control character other than tab and line break."""
    if not _PLAIN_TEXT.fullmatch(value):
        raise ValueError("must not contain control characters")
    return _sound(value)


def _sound(value: str) -> str:
    if _SURROGATE.search(value):
        raise ValueError("must not contain half of a surrogate pair")
    return value


def moment_from_text(value: str) -> datetime:
    """Read an RFC 3339 date-time with its offset as an aware datetime in UTC; ValueError for anything else.

    What is finer than a microsecond is cut off.
    """
    if not _MOMENT.fullmatch(value):
        raise ValueError("must be a date and time with an offset, such as 2026-01-31T09:00:00Z")
    try:
        return _in_utc(datetime.fromisoformat(value.upper()))
    except ValueError:
        raise ValueError("is not a date and time that exists in the calendar") from None


def moment(value: object) -> object:
    """Read a date-time as text, or take an aware datetime; ValueError for anything else."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("needs an offset from UTC, such as 2026-01-31T09:00:00Z")
        return _in_utc(value)
    return moment_from_text(value if isinstance(value, str) else "")


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a date and time that exists in the calendar") from None


def day(value: object) -> object:
    """Read an RFC 3339 full-date; ValueError for anything else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _FULL_DATE.fullmatch(value):
        raise ValueError("must be a date, such as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date that exists in the calendar") from None


def amount(value: object) -> Decimal:
    """Read an amount of money: a decimal text or a whole number, at most 12 digits before and 6 after the point.

    ValueError for anything else, and for every float.
    """
    written = format(value, "f") if isinstance(value, Decimal) else value
    if isinstance(written, int) and not isinstance(written, bool) and abs(written) < 10**12:
        written = str(written)
    if not isinstance(written, str) or not _AMOUNT.fullmatch(written):
        raise ValueError(
            'must be a decimal text or a whole number, such as "120.50", with at most 12 digits before and 6 after '
            "the point, never a float"
        )
    return Decimal(written)


def unsigned_amount(value: object) -> Decimal:
    """Read an amount that cannot be negative; ValueError for anything else."""
    read = amount(value)
    if read.is_signed():
        raise ValueError("must not be negative")
    return read


def currency(value: str) -> str:
    """Return the text unchanged; ValueError where it is not three capital letters."""
    if not _CURRENCY.fullmatch(value):
        raise ValueError("must be an ISO 4217 code of three capital letters, such as EUR")
    return value


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("must be one e-mail address, such as ana@example.com")
    return one_line(value)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads the whole time zone folder: once a process


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError("must be an IANA time zone, such as Europe/Berlin")
    return value


def _money_schema(pattern: str, **bounds: int) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", **bounds}]})


Id = Annotated[
    str,
    Field(min_length=1, max_length=MAX_ID, strict=True),
    AfterValidator(one_line),
    Described("pattern", ONE_LINE),
]
ShortId = Annotated[
    str,
    Field(min_length=1, max_length=MAX_SHORT_ID, strict=True),
    AfterValidator(short_id),
    Described("pattern", SHORT_ID),
]
Line = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LINE, strict=True),
    AfterValidator(one_line),
    Described("pattern", ONE_LINE),
]
PersonalLine = Annotated[Line, Personal()]
PersonalText = Annotated[
    str,
    Field(max_length=MAX_TEXT, strict=True),
    AfterValidator(plain_text),
    Described("pattern", PLAIN_TEXT),
    Personal(),
]
PlanText = Annotated[PersonalText, Field(max_length=MAX_PLAN_TEXT)]
Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    PlainSerializer(_rfc3339, return_type=str, when_used="json"),
    Described("pattern", MOMENT),
]
Day = Annotated[date, BeforeValidator(day), Described("pattern", FULL_DATE)]
Email = Annotated[
    str,
    Field(strict=True, max_length=254),
    AfterValidator(_email),
    Described("format", "email"),
    Described("pattern", EMAIL),
    Personal(),
]
Amount = Annotated[Decimal, BeforeValidator(amount), _money_schema(AMOUNT, minimum=1 - 10**12, maximum=10**12 - 1)]
UnsignedAmount = Annotated[
    Decimal, BeforeValidator(unsigned_amount), _money_schema(UNSIGNED_AMOUNT, minimum=0, maximum=10**12 - 1)
]
Currency = Annotated[
    str, Field(strict=True), AfterValidator(currency), Described("format", "iso-4217"), Described("pattern", CURRENCY)
]
TimeZone = Annotated[
    str, Field(strict=True, max_length=64), AfterValidator(_time_zone), Described("format", "iana-time-zone")
]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[int, Field(ge=0, le=MAX_INTEGER, strict=True)]
Epoch = Annotated[int, Field(ge=0, le=2_147_483_647, strict=True)]  # a Postgres integer
Revision = Annotated[int, Field(ge=1, le=MAX_INTEGER, strict=True)]
