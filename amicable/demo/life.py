"""One customer's life, day by day: what it uses, asks, answers and pays, as events that upstream systems send."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from amicable.demo.account import Account
from amicable.demo.contacts import contacts
from amicable.demo.customers import Customer
from amicable.demo.dates import ONE_DAY, local
from amicable.demo.happening import Happening
from amicable.demo.register import EXPECTED_ONBOARDING_DAYS, entry
from amicable.demo.usage import Curve, metrics, used
from shared.contracts.event import UpstreamEvent
from shared.contracts.upstream import CustomerChanged, InvoiceOverdue, InvoicePaid, UsageRecorded

Move = Callable[["Life", datetime], Happening]
"""Something that happens to a customer at a moment."""

Event = TypeVar("Event", bound=UpstreamEvent)


@dataclass(frozen=True)
class Ticket:
    """A ticket that is open."""

    ticket_id: str
    severity: str
    escalated: bool = False


class Life:
    """What a customer is and does. Days are lived in order, each once; `day` is the one to be lived next.

    Attributes:
        plan: moves for days to come.
        calm: whether ordinary things happen to it; a script that is played sees to everything itself.
        live_on: the day from which it uses the product, None while its implementation has no end.
        changed: whether the register of customers has something new to say today.
    """

    def __init__(self, customer: Customer, started_on: date, first_day: date, seed: int) -> None:
        """Begin on `first_day`, or on the day it becomes a customer if that is later."""
        self.customer = customer
        self.started_on = started_on
        self.day = max(first_day, started_on)
        self.random = Random(f"{seed}/{customer.customer_id}")  # noqa: S311  # not a secret
        self.contacts = contacts(customer, self.random)
        self.account = Account(customer, started_on, self.random)
        self.curve = Curve()
        self.tickets: list[Ticket] = []
        self.plan: dict[date, list[Move]] = {}
        self.calm = True
        self.live_on: date | None = started_on + timedelta(days=EXPECTED_ONBOARDING_DAYS[customer.segment] - 4)
        self.next_meeting = self.day + timedelta(days=self.random.randint(1, 14))
        self.next_survey = self.day + timedelta(days=self.random.randint(20, 90))
        self.misses_from = self.day + timedelta(days=60)
        self.changed = True
        self._seed = seed
        self._events = 0
        self._tickets = 0

    def live(self) -> list[Happening]:
        """Live the next day and return what happens on it."""
        day = self.day
        self.changed = self.changed or day == self.live_on
        happenings = [
            *self._billing(self.at(9)),
            *(move(self, self.at(14, 20 * number)) for number, move in enumerate(self.plan.pop(day, ()))),
            Happening(self.at(11), tuple(self._usage(self.at(11)))),
        ]
        if self.changed:
            happenings.append(Happening(self.at(18), (self._registered(self.at(18)),)))
        self.changed = False
        self.day = day + ONE_DAY
        return [happening for happening in happenings if happening.events or happening.note]

    def at(self, hour: int, minutes: int = 0) -> datetime:
        """Return the moment of a local time today, so many minutes after the hour."""
        return local(self.day, hour, self.customer.country.time_zone) + timedelta(minutes=minutes)

    def event(self, kind: type[Event], at: datetime, source: str, /, **fields: Any) -> Event:
        """Build the customer's next event; its id is the same in every run."""
        self._events += 1
        return kind.model_validate(
            {
                "event_id": f"{self.customer.customer_id}/{at:%Y-%m-%d}/{self._events}",
                "source": source,
                "customer_id": self.customer.customer_id,
                "occurred_at": at,
                **fields,
            }
        )

    def open_ticket(self, severity: str) -> Ticket:
        """Open a ticket and return it."""
        self._tickets += 1
        ticket = Ticket(f"T-{self.customer.customer_id}-{self._tickets}", severity)
        self.tickets.append(ticket)
        return ticket

    def escalate(self, ticket: Ticket) -> None:
        """Mark an open ticket as escalated."""
        self.tickets[self.tickets.index(ticket)] = replace(ticket, escalated=True)

    def _registered(self, at: datetime) -> CustomerChanged:
        known = entry(
            self.customer,
            self.day,
            started_on=self.started_on,
            live_on=self.live_on,
            contacts=self.contacts,
            invoices=self.account.invoices,
        )
        return self.event(CustomerChanged, at, "crm", **known)

    def _billing(self, at: datetime) -> Iterator[Happening]:
        if self.account.issue(self.day):
            self.changed = True
        for late in self.account.overdue_since_yesterday(self.day):
            asked = late.model_dump(include={"invoice_id", "amount", "currency", "due_on"})
            yield Happening(at, (self.event(InvoiceOverdue, at, "crm", **asked),))
        for paid in self.account.pay_as_planned(self.day):
            self.changed = True
            yield Happening(at, (self.event(InvoicePaid, at, "crm", invoice_id=paid.invoice_id),))

    def _usage(self, at: datetime) -> Iterator[UsageRecorded]:
        if self.live_on is None or self.day < self.live_on or not self.customer.uses_on(self.day.weekday()):
            return
        years = (self.day - self.started_on).days / 365
        for metric in metrics(self.customer):
            quantity = used(
                self.customer, metric, self.day, years=years, factor=self.curve.at(self.day), seed=self._seed
            )
            if quantity:
                yield self.event(UsageRecorded, at, "product", metric=metric, quantity=float(quantity))
