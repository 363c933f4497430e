"""What a fact would lead to now: who is told by which rule, where, when, and in which words. Nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.notifications.domain.directory import Customer, Unknown
from services.notifications.domain.message import Item, Message
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.recipient import Recipient
from services.notifications.domain.rule import Rule, RuleSet
from services.notifications.domain.surroundings import Surroundings
from services.notifications.domain.telling import Delivery, Telling, addressed
from services.notifications.handlers.noting import tellings_of
from services.notifications.store import choosing, copies
from services.notifications.writing import ANYWHERE, Writer
from shared.contracts.event import Fact
from shared.database import Transaction

CHANNELS = frozenset({"mail", "console", "slack", "teams", "apprise", "webhook"})


@dataclass(frozen=True)
class Preview:
    """One audience of one rule. deliveries: None where whoever is meant is not known yet. parcel: what the first one
    who is told reads; None where nobody is.
    """

    rule: Rule
    audience: str
    deliveries: tuple[Delivery, ...] | None
    parcel: Parcel | None


async def preview(tx: Transaction, rules: RuleSet, fact: Fact) -> list[Preview]:
    """Return what would be told of the fact, with people, customers and choices as they are now."""
    around = Surroundings(
        await copies.everybody(tx), await choosing.all_choices(tx), CHANNELS, tx.now, fallback=rules.fallback
    )
    customers = await copies.customers(tx, [fact.key])
    found = []
    for rule, telling in tellings_of(rules, fact, tx):
        customer = customers.get(telling.customer_id or "")
        try:
            told: tuple[Delivery, ...] | None = tuple(addressed(telling, customer, around))
        except Unknown:
            told = None
        parcel = _written(rules, fact, telling, told or (), customer, around)
        found.append(Preview(rule, telling.audience, told, parcel))
    return found


def _written(
    rules: RuleSet,
    fact: Fact,
    telling: Telling,
    told: Sequence[Delivery],
    customer: Customer | None,
    around: Surroundings,
) -> Parcel | None:
    if not told:
        return None
    person = around.people.by_id[told[0].recipient]
    absent = told[0].stands_for
    item = Item(
        notice_id="preview",
        rule=telling.rule,
        template=telling.template,
        urgency=telling.urgency,
        customer_id=telling.customer_id,
        customer=customer.name if customer else None,
        fact_id=fact.event_id,
        fact_type=fact.type,
        correlation_id=fact.correlation_id,
        happened_at=fact.occurred_at,
        says=telling.says,
        stands_for=around.people.by_id[absent].name if absent else None,
        names={one.person_id: one.name for one in around.people.by_id.values()},
    )
    message = Message(
        message_id="preview",
        channel="mail",
        kind="single",
        urgency=telling.urgency,
        recipient=Recipient(person.person_id, person.name, person.email, person.time_zone),
        address=None,
        to_contact=False,
        active=True,
        made_at=around.now,
        began_at=around.now,
        attempt=1,
        expires_at=None,
        items=(item,),
    )
    return Writer(rules, domains=ANYWHERE).write(message, around.now)
