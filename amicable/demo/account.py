"""What a customer is billed and when it pays."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from amicable.demo.customers import Customer
from amicable.demo.dates import ONE_DAY, add_months
from shared.contracts.upstream import Invoice

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DUE_DAYS = 30
_KEPT_DAYS = 400
_LATE_ONCE_IN = 12


class Account:
    """The invoices of one customer, issued in advance for a month, a quarter or a year."""

    def __init__(self, customer: Customer, started_on: date, random: Random) -> None:
        """Nothing is issued yet."""
        self._customer = customer
        self._started_on = started_on
        self._random = random
        self._pay_on: dict[str, date] = {}
        self.invoices: list[Invoice] = []
        self.pays = True

    @property
    def unpaid(self) -> list[Invoice]:
        """What is not paid, the oldest first."""
        return [invoice for invoice in self.invoices if invoice.paid_on is None]

    def issue(self, day: date) -> Invoice | None:
        """Issue the invoice whose period begins on this day, if one does."""
        length = _MONTHS[self._customer.period]
        months = (day.year - self._started_on.year) * 12 + day.month - self._started_on.month
        if months < 0 or months % length or add_months(self._started_on, months) != day:
            return None
        invoice = Invoice(
            invoice_id=f"INV-{self._customer.customer_id}-{months // length + 1:03}",
            amount=self._customer.per_period,
            currency=self._customer.country.currency,
            period_from=day,
            period_to=add_months(self._started_on, months + length) - ONE_DAY,
            due_on=day + timedelta(days=_DUE_DAYS),
        )
        if self.pays:
            late = self._random.randrange(_LATE_ONCE_IN) == 0
            first, last = (_DUE_DAYS + 2, _DUE_DAYS + 9) if late else (5, _DUE_DAYS - 2)
            self._pay_on[invoice.invoice_id] = day + timedelta(days=self._random.randint(first, last))
        self.invoices = [kept for kept in self.invoices if (day - kept.due_on).days < _KEPT_DAYS]
        self.invoices.append(invoice)
        return invoice

    def pay_as_planned(self, day: date) -> Iterator[Invoice]:
        """Pay, and yield, what was to be paid on this day."""
        for invoice in self.unpaid:
            if self._pay_on.get(invoice.invoice_id) == day:
                yield self.pay(invoice, day)

    def pay(self, invoice: Invoice, day: date) -> Invoice:
        """Pay the invoice and return it paid."""
        paid = invoice.model_copy(update={"paid_on": day})
        self.invoices[self.invoices.index(invoice)] = paid
        return paid

    def overdue_since_yesterday(self, day: date) -> list[Invoice]:
        """Return what should have been paid by yesterday and was not."""
        return [invoice for invoice in self.unpaid if invoice.due_on == day - ONE_DAY]
