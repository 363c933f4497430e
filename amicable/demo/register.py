"""The customer register's entry: everything of a customer that does not change from day to day."""

from datetime import date, timedelta
from typing import Any

from amicable.demo.customers import Customer
from amicable.demo.terms import contract
from shared.contracts.upstream import Contact, Invoice, Onboarding, RecurringRevenue

EXPECTED_ONBOARDING_DAYS = {"smb": 30, "mid-market": 45, "enterprise": 120}
_SPONSOR = {"mid-market": "claire.dubois", "enterprise": "henrik.lund"}


def entry(
    customer: Customer,
    today: date,
    *,
    started_on: date,
    live_on: date | None,
    contacts: list[Contact],
    invoices: list[Invoice],
) -> dict[str, Any]:
    """Return the fields of CustomerChanged as they are today."""
    agreed = contract(customer, started_on, today, tuple(invoices))
    return {
        "name": customer.name,
        "segment": customer.segment,
        "tier": customer.tier,
        "csm": customer.csm,
        "executive_sponsor": _SPONSOR.get(customer.segment),
        "recurring_revenue": RecurringRevenue(
            amount=customer.per_period, currency=customer.country.currency, period=customer.period
        ),
        "started_on": started_on,
        "renews_on": agreed.ends_on and agreed.ends_on + timedelta(days=1),
        "seats": customer.seats,
        "time_zone": customer.country.time_zone,
        "language": customer.country.language,
        "onboarding": Onboarding(
            expected_days=EXPECTED_ONBOARDING_DAYS[customer.segment],
            started_on=started_on,
            completed_on=live_on if live_on and live_on <= today else None,
        ),
        "contacts": tuple(contacts),
        "contract": agreed,
    }
