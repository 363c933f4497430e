"""What can happen to a customer, besides using the product: each function returns a move with its line."""

from datetime import datetime, timedelta
from typing import Literal

from amicable.demo.contacts import contact
from amicable.demo.dates import ONE_DAY
from amicable.demo.happening import Happening, Note, Tone
from amicable.demo.life import Life, Move
from shared.contracts.event import UpstreamEvent
from shared.contracts.upstream import (
    ContactLeft,
    InvoicePaid,
    MeetingHeld,
    MeetingMissed,
    SurveyAnswered,
    TicketEscalated,
    TicketOpened,
    TicketResolved,
)

Severity = Literal["low", "normal", "high", "urgent"]

_BEST = {"nps": 10, "csat": 5, "ces": 7}


def remark(text: str, tone: Tone) -> Move:
    """Only the line: what the usage of these days shows."""
    return lambda life, at: _told(life, at, (), text, tone)


def quietly(move: Move) -> Move:
    """The same without its line."""

    def happen(life: Life, at: datetime) -> Happening:
        return Happening(at, move(life, at).events)

    return happen


def ticket(severity: Severity, subject: str, *, resolved_after: int = 0) -> Move:
    """A ticket is opened; after so many days (0: nobody knows) it is resolved."""

    def happen(life: Life, at: datetime) -> Happening:
        opened = life.open_ticket(severity)
        if resolved_after:
            life.plan.setdefault(life.day + timedelta(days=resolved_after), []).append(
                quietly(resolve(opened.ticket_id))
            )
        event = life.event(TicketOpened, at, "helpdesk", ticket_id=opened.ticket_id, severity=severity, subject=subject)
        article = "an" if severity == "urgent" else "a"
        return _told(life, at, (event,), f"opens {article} {severity} ticket: {subject}", "bad")

    return happen


def escalate() -> Move:
    """Every open ticket that is not escalated yet is."""

    def happen(life: Life, at: datetime) -> Happening:
        waiting = [ticket for ticket in life.tickets if not ticket.escalated]
        for ticket in waiting:
            life.escalate(ticket)
        events = tuple(life.event(TicketEscalated, at, "helpdesk", ticket_id=ticket.ticket_id) for ticket in waiting)
        text = "escalates its open ticket" if len(events) == 1 else f"escalates its {len(events)} open tickets"
        return _told(life, at, events, text, "bad")

    return happen


def resolve(ticket_id: str | None = None, *, count: int | None = None) -> Move:
    """A ticket is resolved: the named one, or the oldest `count`, or all."""

    def happen(life: Life, at: datetime) -> Happening:
        done = [ticket for ticket in life.tickets if ticket_id in {None, ticket.ticket_id}][:count]
        life.tickets = [ticket for ticket in life.tickets if ticket not in done]
        events = tuple(life.event(TicketResolved, at, "helpdesk", ticket_id=ticket.ticket_id) for ticket in done)
        text = "gets its ticket resolved" if len(done) == 1 else f"gets {len(done)} tickets resolved"
        return _told(life, at, events, text, "good")

    return happen


def survey(kind: Literal["nps", "csat", "ces"], score: int) -> Move:
    """The main contact answers a survey."""

    def happen(life: Life, at: datetime) -> Happening:
        event = life.event(
            SurveyAnswered, at, "crm", kind=kind, score=float(score), contact_id=life.contacts[0].contact_id
        )
        tone: Tone = "good" if score > _BEST[kind] / 2 else "bad"
        return _told(life, at, (event,), f"answers a survey: {kind.upper()} {score} of {_BEST[kind]}", tone)

    return happen


def meeting() -> Move:
    """A meeting with the main contact is held."""

    def happen(life: Life, at: datetime) -> Happening:
        name = life.contacts[0].name
        return _told(
            life, at, (life.event(MeetingHeld, at, "crm", **{"with": name}),), f"meets its CSM ({name})", "good"
        )

    return happen


def missed(by: Literal["customer", "us"] = "customer") -> Move:
    """A meeting does not take place."""

    def happen(life: Life, at: datetime) -> Happening:
        text = "calls off its meeting" if by == "customer" else "was to meet us, and we called it off"
        return _told(life, at, (life.event(MeetingMissed, at, "crm", by=by),), text, "bad")

    return happen


def sponsor_leaves() -> Move:
    """The customer's sponsor leaves its company; the register keeps the name, so that the role stays known."""

    def happen(life: Life, at: datetime) -> Happening:
        sponsor = next(contact for contact in reversed(life.contacts) if contact.role in {"sponsor", "executive"})
        event = life.event(ContactLeft, at, "crm", contact_id=sponsor.contact_id)
        return _told(life, at, (event,), f"loses its sponsor: {sponsor.name} has left", "bad")

    return happen


def sponsor_follows() -> Move:
    """Somebody else becomes the customer's sponsor."""

    def happen(life: Life, at: datetime) -> Happening:
        country = life.customer.country
        taken = " ".join(contact.name for contact in life.contacts)
        first = life.random.choice(country.first_names)
        last = life.random.choice([name for name in country.last_names if name not in taken] or country.last_names)
        sponsor = contact(life.customer, len(life.contacts) + 1, "sponsor", first, last)
        life.contacts.append(sponsor)
        life.changed = True
        return _told(life, at, (), f"names a new sponsor: {sponsor.name}", "good")

    return happen


def stops_paying() -> Move:
    """Invoices issued from now on are not paid."""

    def happen(life: Life, at: datetime) -> Happening:
        life.account.pays = False
        return Happening(at)

    return happen


def pays(count: int | None = None) -> Move:
    """The oldest `count` unpaid invoices are paid, or all, and then again as they come."""

    def happen(life: Life, at: datetime) -> Happening:
        paid = [life.account.pay(invoice, life.day) for invoice in life.account.unpaid[:count]]
        life.account.pays = count is None
        life.changed = True
        events = tuple(life.event(InvoicePaid, at, "crm", invoice_id=invoice.invoice_id) for invoice in paid)
        text = "pays its oldest invoice" if len(paid) == 1 else f"pays {len(paid)} invoices"
        return _told(life, at, events, text, "good")

    return happen


def goes_live() -> Move:
    """The implementation ends, and the product is used from tomorrow on."""

    def happen(life: Life, at: datetime) -> Happening:
        life.live_on = life.day + ONE_DAY
        return _told(life, at, (), "goes live: its implementation is done", "good")

    return happen


def calms_down() -> Move:
    """From now on ordinary things happen again."""

    def happen(life: Life, at: datetime) -> Happening:
        life.calm = True
        return Happening(at)

    return happen


def _told(life: Life, at: datetime, events: tuple[UpstreamEvent, ...], text: str, tone: Tone) -> Happening:
    return Happening(at, events, Note(life.customer.customer_id, text, tone))
