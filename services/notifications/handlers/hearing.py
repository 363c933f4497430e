"""The lane of notifications: every type that it takes, with what it does."""

from collections.abc import Sequence
from functools import partial

from services.notifications.domain.rule import RuleSet
from services.notifications.handlers import choosing, noting
from services.notifications.rules.facts import TOPICS
from services.notifications.store import copies
from shared.casework import Casework
from shared.contracts import notification_commands as commands
from shared.contracts.event import Fact, Message
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import CUSTOMERS, NOTIFICATIONS_COMMANDS, PEOPLE, RELEASES
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction

NAME = "notifications"


def casework(rules: RuleSet, channels: frozenset[str], wrong: choosing.Wrong) -> Casework:
    """Return the lane. channels: those that people can choose from. wrong: judges an address of one."""
    lane = Casework(NAME)
    for topic in TOPICS:
        for kind in topic.types:
            lane.on(topic, kind)(partial(_note, rules))
    lane.on(RELEASES, MessageReleased)(noting.note_release)
    lane.on(CUSTOMERS, CustomerChanged)(_keep_customer)
    lane.on(PEOPLE, PersonChanged)(_keep_person)
    for command, what in (
        (commands.ChooseNotifications, partial(choosing.choose, channels, wrong)),
        (commands.MuteCustomer, choosing.mute),
        (commands.UnmuteCustomer, choosing.unmute),
        (commands.BeAway, choosing.be_away),
        (commands.BeBack, choosing.be_back),
        (commands.RevokeLinks, choosing.revoke_links),
        (commands.AcknowledgeNotice, choosing.acknowledge),
        (commands.ResendMessage, choosing.resend),
        (commands.TryChannel, partial(choosing.try_channel, channels)),
    ):
        lane.on(NOTIFICATIONS_COMMANDS, command)(what)
    return lane


async def apply(rules: RuleSet, messages: Sequence[Message], tx: Transaction) -> None:
    """Do for many messages what the lane does for each; by key, as addressing locks them."""
    await noting.note(rules, [one for one in messages if isinstance(one, Fact)], tx)
    for one in sorted(messages, key=lambda one: one.key):
        if isinstance(one, CustomerChanged):
            await _keep_customer(one, tx)
        elif isinstance(one, PersonChanged):
            await _keep_person(one, tx)


async def _note(rules: RuleSet, fact: Fact, tx: Transaction) -> None:
    await noting.note(rules, [fact], tx)


async def _keep_customer(event: CustomerChanged, tx: Transaction) -> None:
    await copies.keep_customer(tx, event)


async def _keep_person(event: PersonChanged, tx: Transaction) -> None:
    """Roles and teams are taken from here, never from a command; whoever leaves is told nothing any more."""
    await copies.keep_person(tx, event)
