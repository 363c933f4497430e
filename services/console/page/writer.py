"""How days, moments, numbers and money are written for one reader: by their language's customs, in their time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers

FALLBACK = "en_GB"
NOTHING, MINUS = "\u2013", "\u2212"
MOST_LANGUAGES = 10
_PERIOD = {"month": "a month", "quarter": "a quarter", "year": "a year"}


@lru_cache(maxsize=200)
def locale_of(accepted: str) -> Locale:
    """Return the locale of the first language that is known, of an Accept-Language header."""
    for one in accepted.split(",")[:MOST_LANGUAGES]:
        try:
            return Locale.parse(one.partition(";")[0].strip().replace("-", "_"))
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale.parse(FALLBACK)


@dataclass(frozen=True)
class Writer:
    """Writes for one reader. now: the console's clock."""

    locale: Locale
    time_zone: str
    now: datetime

    def day(self, value: date | datetime) -> str:
        """Return a day: 2 Mar 2026."""
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(self.time_zone)).date()
        return dates.format_date(value, "medium", self.locale)

    def short_day(self, value: date | datetime) -> str:
        """Return a day of this or a near year: 2 Mar."""
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(self.time_zone)).date()
        return dates.format_skeleton("MMMd", value, locale=self.locale)

    def whole_day(self, value: date) -> str:
        """Return a day with its name: Monday, 2 March 2026."""
        return dates.format_date(value, "full", self.locale)

    def month(self, value: date) -> str:
        """Return a month: Mar 2026."""
        return dates.format_skeleton("yMMM", value, locale=self.locale)

    def time(self, value: datetime) -> str:
        """Return the time of day: 09:30."""
        return dates.format_time(value, "short", ZoneInfo(self.time_zone), self.locale)

    def moment(self, value: datetime) -> str:
        """Return a moment in the reader's time zone: 2 Mar 2026, 09:30."""
        return f"{self.day(value)}, {self.time(value)}"

    def today(self) -> date:
        """Return the reader's day."""
        return self.now.astimezone(ZoneInfo(self.time_zone)).date()

    def days_from_now(self, value: date | datetime) -> int:
        """Return how many days ahead a day is (negative: ago), as the reader counts them."""
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(self.time_zone)).date()
        return (value - self.today()).days

    def ago(self, value: datetime) -> str:
        """Return how long ago it is: today, yesterday, for 12 days."""
        days = -self.days_from_now(value)
        return "today" if days <= 0 else "yesterday" if days == 1 else f"{self.number(days)} days ago"

    def due(self, value: datetime) -> str:
        """Return when it is due, in words: late by 3 days, due today, due tomorrow, due 5 Mar."""
        days = self.days_from_now(value - timedelta(microseconds=1))  # the end of a day is still that day
        if value < self.now:
            return "late since today" if days == 0 else f"late by {_days(-days)}"
        return {0: "due today", 1: "due tomorrow"}.get(days, f"due {self.short_day(value - timedelta(microseconds=1))}")

    def number(self, value: float | Decimal) -> str:
        """Return a number with its thousands apart."""
        return numbers.format_decimal(value, locale=self.locale)

    def points(self, value: Decimal | str | None) -> str:
        """Return a score or its part with one decimal; a dash where there is none."""
        return NOTHING if value is None else numbers.format_decimal(Decimal(value), "#,##0.0", self.locale)

    def signed(self, value: Decimal | str | None) -> str:
        """Return a change of points with its sign; a dash where nothing is known to compare with."""
        if value is None:
            return NOTHING
        change = round(Decimal(value), 1) or Decimal()  # what rounds to nothing has no sign of its own
        return numbers.format_decimal(change, f"+#,##0.0;{MINUS}#,##0.0", self.locale)

    def percent(self, value: float | None) -> str:
        """Return a part of the whole, 0 to 1; a dash where it is not known."""
        return NOTHING if value is None else numbers.format_percent(value, locale=self.locale)

    def money(self, amount: Decimal | float, currency: str | None) -> str:
        """Return an amount without its cents."""
        if currency is None:
            return self.number(amount)
        return numbers.format_currency(amount, currency, "¤#,##0" if _leads(self.locale) else "#,##0 ¤", self.locale,
                                       currency_digits=False)  # fmt: skip

    def exact(self, amount: Decimal | str, currency: str) -> str:
        """Return an amount with its cents."""
        return numbers.format_currency(Decimal(amount), currency, locale=self.locale)

    def per(self, period: str) -> str:
        """Return a period in words: a month."""
        return _PERIOD[period]


def _leads(locale: Locale) -> bool:
    """Tell whether the currency comes before the number there."""
    return str(locale.currency_formats["standard"].pattern).lstrip().startswith("¤")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
