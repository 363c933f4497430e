"""The customer's contract as of a day: its term, and who may end it, why, and with what notice."""

from datetime import date
from decimal import Decimal

from amicable.demo.customers import Customer
from amicable.demo.dates import ONE_DAY, add_months
from shared.contracts.upstream import Clause, CustomerContract, Invoice, Notice, ServiceCredit

_TERM_MONTHS = {"smb": 12, "mid-market": 24, "enterprise": 36}
_RENEWAL_NOTICE_DAYS = {"smb": 30, "mid-market": 90, "enterprise": 180}
_THEIR_NOTICE = {
    "smb": Notice(amount=30, unit="days", to_end_of="month"),
    "mid-market": Notice(amount=3, unit="months", to_end_of="quarter"),
    "enterprise": Notice(amount=6, unit="months", to_end_of="term"),
}
_OUR_NOTICE = {
    "smb": Notice(amount=8, unit="weeks", to_end_of="month"),
    "mid-market": Notice(amount=6, unit="months", to_end_of="quarter"),
    "enterprise": Notice(amount=12, unit="months", to_end_of="term"),
}


def contract(customer: Customer, started_on: date, today: date, invoices: tuple[Invoice, ...]) -> CustomerContract:
    """Return the contract in its term of today, with these invoices."""
    months = _TERM_MONTHS[customer.segment]
    term = 0
    while add_months(started_on, (term + 1) * months) <= today:
        term += 1
    return CustomerContract(
        contract_id=f"C-{started_on.year}-{customer.customer_id}",
        starts_on=add_months(started_on, term * months),
        ends_on=add_months(started_on, (term + 1) * months) - ONE_DAY,
        auto_renews=True,
        renewal_notice_days=_RENEWAL_NOTICE_DAYS[customer.segment],
        clauses=_clauses(customer, started_on),
        invoices=invoices,
        service_credits=_credits(customer),
    )


def _clauses(customer: Customer, started_on: date) -> tuple[Clause, ...]:
    at_once = Notice(amount=0, unit="days")
    return (
        Clause(
            clause_id="8.1",
            who_may_end="customer",
            reason="convenience",
            notice=_THEIR_NOTICE[customer.segment],
            not_before=add_months(started_on, 6),
        ),
        Clause(
            clause_id="8.2",
            who_may_end="us",
            reason="convenience",
            notice=_OUR_NOTICE[customer.segment],
            not_before=add_months(started_on, 12),
        ),
        Clause(
            clause_id="8.3",
            who_may_end="both",
            reason="breach",
            notice=Notice(amount=14, unit="days"),
            cure_days=30,
        ),
        Clause(clause_id="8.4", who_may_end="us", reason="non_payment", notice=at_once, cure_days=21),
        Clause(clause_id="8.5", who_may_end="us", reason="abuse", notice=at_once),
    )


def _credits(customer: Customer) -> tuple[ServiceCredit, ...]:
    if customer.segment != "enterprise":
        return ()
    amount = (customer.per_period / 100).quantize(Decimal(1))
    return (ServiceCredit(amount=amount, currency=customer.country.currency, reason="Availability below 99.9 %"),)
