"""Amounts as whole numbers of a currency's smallest unit, so that nothing is lost between reading and adding."""

from decimal import Decimal

import iso4217

from services.transition_review.domain.settlement.refused import CannotSettle

ABOVE_ALL = 10**12  # amounts are smaller
MOST_DECIMALS = 28  # written ones; no currency has as many


def minor_units(currency: str) -> int:
    """Return how many decimals a currency has, by ISO 4217 (EUR 2, JPY 0, KWD 3); CannotSettle for what is none."""
    known = iso4217.raw_table.get(currency)
    if known is None:
        raise CannotSettle(f"{currency} is not a currency of ISO 4217: write one of today's codes, such as EUR.")
    decimals = str(known["CcyMnrUnts"])
    if not decimals.isdigit():  # gold, special drawing rights and the like
        raise CannotSettle(f"Nothing is paid in {currency}: write a currency that has notes and coins, such as EUR.")
    return int(decimals)


def to_units(amount: Decimal, currency: str) -> int:
    """Return an amount in the currency's smallest unit; CannotSettle where it is not an amount of that currency."""
    decimals = minor_units(currency)
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise CannotSettle("An amount is a decimal number, such as 1200.00, and never a float.")
    if amount < 0:
        raise CannotSettle(
            f"The amount {amount:.{decimals}f} {currency} is negative: which side owes it follows from its kind."
        )
    if amount >= ABOVE_ALL:
        raise CannotSettle(f"An amount of {currency} has more than 12 digits before the point.")
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        raise CannotSettle(f"An amount of {currency} has more than {MOST_DECIMALS} decimals.")
    numerator, denominator = amount.as_integer_ratio()
    scale: int = 10**decimals
    units, rest = divmod(numerator * scale, denominator)
    if rest:
        raise CannotSettle(f"The amount {amount} {currency} has more decimals than the currency: it has {decimals}.")
    return units


def from_units(units: int, currency: str) -> Decimal:
    """Return the amount with the currency's decimals, exactly, whatever the decimal context."""
    return Decimal(f"{units}E-{minor_units(currency)}")


def written(units: int, currency: str) -> str:
    """Return the amount as people write it, such as 1,200.00 EUR."""
    return f"{from_units(units, currency):,f} {currency}"
