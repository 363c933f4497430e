"""The part of an amount that falls on the days that are not used.

Days are the actual ones of the paid period, its first and last day among them, the last day of service a used one.
"""

from collections.abc import Sequence
from datetime import date


def days_in(starts_on: date, ends_on: date) -> int:
    """Return the days of a period, first and last counted."""
    return (ends_on - starts_on).days + 1


def unused_days(starts_on: date, ends_on: date, last_day: date) -> int:
    """Return how many days of a period are after the last day of service: none of them, some or all."""
    return min(max((ends_on - last_day).days, 0), days_in(starts_on, ends_on))


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient of numbers that are not negative, rounded to a whole number; a half goes up.

    As invoices and taxes are rounded, and as a customer who checks it by hand will do. Half-even is fairer to sums of
    many rounded amounts; here what has to add up is divided after rounding.
    """
    return (2 * numerator + denominator) // (2 * denominator)


def share(amounts: Sequence[int], part: int, whole: int) -> tuple[int, ...]:
    """Return each amount's `part` of `whole`, so that together they are the rounded part of their sum.

    By the largest remainder: all are rounded down, and the units that the sum lacks go to those that lost most, the
    first of them where they lost the same.
    """
    shares = [amount * part // whole for amount in amounts]
    lost = [amount * part % whole for amount in amounts]
    lacking = half_up(sum(amounts) * part, whole) - sum(shares)
    for index in sorted(range(len(amounts)), key=lambda index: -lost[index])[:lacking]:
        shares[index] += 1
    return tuple(shares)
