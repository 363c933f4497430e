"""Notes what is to be told, in the transaction of the inbox: by rule, or because it was released to a contact.

And what need not be taken in hand any more, since it is done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.notifications.domain import attempts, paths
from services.notifications.domain.rule import Audience, Rule, RuleSet
from services.notifications.domain.telling import State, Telling, words
from services.notifications.letters import saying
from services.notifications.store import stand_ins, tellings
from services.notifications.store.tellings import Ask
from shared import outbox
from shared.contracts.event import DomainEvent, Fact
from shared.contracts.notices import NoticeSettled
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Transaction

RELEASED = "released"
LONGEST = 500  # characters of what something is told once for


async def note(rules: RuleSet, facts: Sequence[Fact], tx: Transaction) -> None:
    """Note what the rules say is to be told of facts; a fact of long ago and a quiet replay are told to nobody.

    What one fact asks for may be done by a later one, of the same batch too: that asks for nothing then.
    """
    told: list[tuple[Telling, Fact]] = []
    asks: list[Ask] = []
    moot: set[str] = set()
    done: dict[str, Fact] = {}
    for fact in facts:
        marks = _marks(rules, fact)
        done |= dict.fromkeys(marks, fact)
        over = [one for one in asks if not marks.isdisjoint(one.done_by)]
        moot |= {one.ask_id for one in over if one.only_asks}
        asks = [one for one in asks if one not in over]
        for rule, content in _holding(rules, fact):
            late = attempts.is_late(fact.occurred_at, tx.now, quiet=tx.quiet, sends=tx.sends)
            state: State = "expired" if late else "new"
            ask = _ask(rules, rule, fact, content, tx) if state == "new" and rule.acknowledge else None
            told += [(_telling(rule, one, fact, content, state, ask), fact) for one in rule.to]
            asks += [ask] if ask else []
    open_ = {one.ask_id for one in asks}
    await stand_ins.keep(tx, facts)
    told = await stand_ins.told_too(tx, [(_still(one, open_, moot), fact) for one, fact in told])
    await _settle(done, open_, tx)
    await tellings.add(tx, told, asks)


def _still(telling: Telling, open_: Collection[str], moot: Collection[str]) -> Telling:
    """Return what is to be told when all facts have come. moot: asks that are done, and told nothing beside."""
    if telling.ask_id is None or telling.ask_id in open_:
        return telling
    return replace(telling, ask_id=None, state="nobody" if telling.ask_id in moot else telling.state)


def _marks(rules: RuleSet, fact: Fact) -> set[str]:
    """Return the marks of what is done with this fact."""
    if not (does := rules.does(fact.type)):
        return set()
    content = fact.model_dump(mode="json", exclude_none=True)
    return {f"{fact.type} {mark}" for one in does if (mark := one.mark(content)) is not None}


async def _settle(done: Mapping[str, Fact], asked: Collection[str], tx: Transaction) -> None:
    """What was to be taken in hand, and is done by now, goes to nobody any more; of a customer's it is told."""
    for row in await tellings.settle(tx, list(done), asked):
        if row["customer_id"] is None:
            continue
        fact = done[row["mark"]]
        about = {"customer_id": row["customer_id"], "ask_id": row["ask_id"], "fact_id": row["fact_id"]}
        settled = NoticeSettled.follow(fact, at=tx.now, **about, done_by=fact.event_id)
        await outbox.add(tx, NOTIFICATIONS.name, settled)


def tellings_of(rules: RuleSet, fact: Fact, tx: Transaction) -> list[tuple[Rule, Telling]]:
    """Return what would be told of a fact, however long ago it happened."""
    return [
        (rule, _telling(rule, one, fact, content, "new", _ask(rules, rule, fact, content, tx)))
        for rule, content in _holding(rules, fact)
        for one in rule.to
    ]


def _holding(rules: RuleSet, fact: Fact) -> list[tuple[Rule, Mapping[str, Any]]]:
    """Return the rules that hold for a fact, each with its content."""
    if not (found := rules.of(fact.type)):
        return []
    content = fact.model_dump(mode="json", exclude_none=True)
    return [(one, content) for one in found if one.holds(content)]


def _telling(
    rule: Rule, audience: Audience, fact: Fact, content: Mapping[str, Any], state: State, ask: Ask | None
) -> Telling:
    return Telling(
        rule=rule.name,
        who=audience.who,
        names=_names(audience, content),
        audience=words(audience),
        once=_once(rule, fact, content),
        customer_id=_customer(fact),
        fact_id=fact.event_id,
        fact_type=fact.type,
        by=content.get("by") or paths.find(content, "override.by"),
        urgency=rule.urgency,
        template=rule.template,
        says={**saying.says(content), **rule.told(content)},
        state=state,
        ask_id=ask.ask_id if ask else None,
    )


def _ask(rules: RuleSet, rule: Rule, fact: Fact, content: Mapping[str, Any], tx: Transaction) -> Ask | None:
    if rule.acknowledge is None:
        return None
    once = _once(rule, fact, content)
    return Ask(
        ask_id=str(uuid5(NAMESPACE_URL, f"amicable:ask:{rule.name}:{once}")),
        customer_id=_customer(fact),
        fact_id=fact.event_id,
        rule=rule.name,
        once=once,
        due_at=tx.now + rule.acknowledge.within,
        next_in_line=tuple((words(one), _names(one, content)) for one in rule.acknowledge.then),
        done_by=tuple(rules.done_with(rule, content)),
        only_asks=rule.acknowledge.only_asks,
    )


def _once(rule: Rule, fact: Fact, content: Mapping[str, Any]) -> str:
    whole = f"{fact.key}/{rule.once(content)}"
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 64]}{sha256(whole.encode()).hexdigest()}"


def _names(audience: Audience, content: Mapping[str, Any]) -> tuple[str, ...]:
    if audience.named_in is None:
        return ()
    found = paths.find(content, audience.named_in)
    entries = found if isinstance(found, list) else [found]
    return tuple(dict.fromkeys(one for one in entries if isinstance(one, str)))


def _customer(fact: Fact) -> str | None:
    return fact.customer_id if isinstance(fact, DomainEvent) else None


async def note_release(event: MessageReleased, tx: Transaction) -> None:
    """A contact of the customer gets what was released to them: within its life, or never."""
    over = tx.quiet or tx.now >= event.expires_at
    telling = Telling(
        rule=RELEASED,
        who="contact",
        names=(),
        audience="contact",
        once=f"{event.source}/{event.event_id}",
        customer_id=event.customer_id,
        fact_id=event.event_id,
        fact_type=event.type,
        by=None,
        urgency="critical",
        template=event.template,
        says={} if over else {one.name: one.text for one in event.fields},
        state="expired" if over else "new",
        contact_id=event.contact_id,
        expires_at=event.expires_at,
    )
    await tellings.add(tx, [(telling, event)])
