"""The loops at work: what happens goes out by itself, and a slow or dead channel delays no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.notifications import delivery, publishing
from services.notifications.channels.channel import Channel, Unreachable
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.channels.slack import Slack
from services.notifications.channels.urls import read_allowed
from services.notifications.channels.webhook import Webhook
from services.notifications.delivery import Post
from services.notifications.domain.circuit import OPENS_AFTER, Circuit, Circuits
from services.notifications.domain.parcel import Parcel
from shared.contracts.notification_commands import ChooseNotifications
from shared.contracts.plans.facts import CaseOpened, ConversationMissed
from tests.deployment import Catcher, until
from tests.services.notifications.channels import servers
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")


class Slow:
    """A channel that answers when it is told to."""

    def __init__(self, name: str = "webhook") -> None:
        self.name = name
        self.asked: list[Parcel] = []
        self.go = asyncio.Event()
        self.closed = False

    def destination(self, parcel: Parcel) -> str:
        return "slow.example"

    def wrong(self, address: str) -> str | None:
        return None

    async def send(self, parcel: Parcel) -> None:
        self.asked.append(parcel)
        await self.go.wait()

    async def close(self) -> None:
        self.closed = True


class Dead:
    """A channel behind which nobody answers."""

    name = "mail"

    def __init__(self) -> None:
        self.asked = 0

    def destination(self, parcel: Parcel) -> str:
        return "dead.example"

    def wrong(self, address: str) -> str | None:
        return None

    async def send(self, parcel: Parcel) -> None:
        self.asked += 1
        raise Unreachable("nobody answers")

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def at_work(office: Office, *channels: Channel, workers: int = 20) -> AsyncIterator[list[Post]]:
    """Run the service's loops for a while."""
    posts = [office.post_of(one, workers) for one in channels]
    parts: Any = office
    loops = [office.addressing.run(), publishing.run(parts, asyncio.Event()), delivery.deliver(posts)]
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield posts
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def counted(office: Office, sql: str) -> Callable[[], Awaitable[Any]]:
    return lambda: office.pool.fetchval(sql)


async def test_what_happens_goes_out_by_itself_and_is_told(office: Office, mails: Catcher) -> None:
    await office.know(person("ana"), acme="ana")
    async with at_work(office, office.smtp) as posts:
        await office.take_many(office.fact(CaseOpened, case=case()))
        await until(counted(office, "SELECT true FROM outbox WHERE topic = 'notifications.v1'"), "it is told")
        (post,) = posts
        check = post.check()
        assert (check.name, check.ok) == ("channel mail", True)
        assert check.says.startswith("1 sent, ")
        assert {name: check.counts[name] for name in ("sent", "postponed", "failed", "resting")} == {
            "sent": 1, "postponed": 0, "failed": 0, "resting": 0,
        }  # fmt: skip
    assert len(mails.mails) == 1


async def test_slow_channel_delays_no_other(office: Office, mails: Catcher) -> None:
    office.channels = frozenset({"mail", "webhook"})
    office.__post_init__()
    await office.know(person("ana"), person("bo"), acme="ana", beta="bo")
    hook = [{"channel": "webhook", "address": "https://slow.example"}]
    chosen = [{"urgency": "high", "channels": ["webhook"]}]
    await office.ask(ChooseNotifications, "ana", person_id="ana", channels=chosen, addresses=hook)
    slow = Slow()
    async with at_work(office, slow, office.smtp):
        await office.take(office.fact(CaseOpened, case=case()))

        async def asked() -> bool:
            return bool(slow.asked)

        await until(asked, "the slow channel has it")
        await office.take(office.fact(CaseOpened, "beta", case=case()))
        await until(counted(office, "SELECT count(*) FROM messages WHERE state = 'sent'"), "the mail is sent")
        assert [mail["To"] for mail in mails.mails] == ["Person bo <bo@example.com>"]
        slow.go.set()
        await until(counted(office, "SELECT count(*) = 2 FROM messages WHERE state = 'sent'"), "the other one too")
    assert slow.asked[0].address == "https://slow.example"


async def test_no_more_messages_are_on_their_way_than_there_are_workers(office: Office) -> None:
    office.channels = frozenset({"webhook"})
    office.__post_init__()
    people = [f"p{number}" for number in range(10)]
    await office.know(*(person(one) for one in people), **{f"c{one}": one for one in people})
    await office.pool.execute(
        """
        INSERT INTO choices SELECT person_id, 1, now(), jsonb_build_object('channels',
            '{"low": ["webhook"], "normal": ["webhook"], "high": ["webhook"], "critical": ["webhook"]}'::jsonb,
            'timings', '{}'::jsonb, 'addresses', '{"webhook": "https://x"}'::jsonb, 'quiet', null, 'working_days',
            '[0,1,2,3,4,5,6]'::jsonb, 'country', null, 'digest_at', '08:00', 'digest_day', 0, 'muted', '{}'::jsonb,
            'absence', null) FROM people
        """
    )
    slow = Slow()
    async with at_work(office, slow, workers=3):
        await office.take_many(*(office.fact(CaseOpened, f"c{one}", case=case()) for one in people))

        async def full() -> bool:
            return len(slow.asked) >= 3

        await until(full, "all workers are busy")
        await until(counted(office, "SELECT count(*) = 10 FROM messages"), "all are there")
        assert len(slow.asked) == 3
        slow.go.set()
        await until(counted(office, "SELECT count(*) = 10 FROM messages WHERE state = 'sent'"), "all are sent")


async def test_destination_where_nobody_answers_is_left_in_peace(office: Office) -> None:
    people = [f"p{number}" for number in range(20)]
    await office.know(*(person(one) for one in people), **{f"c{one}": one for one in people})
    await office.take_many(*(office.fact(ConversationMissed, f"c{one}", case=case()) for one in people))
    dead = Dead()
    post = office.post_of(dead, workers=1)
    await office.address()
    for _ in range(OPENS_AFTER):
        await office.deliver(post)
        await office.pool.execute("UPDATE messages SET next_attempt_at = clock_timestamp() WHERE attempts = 0")
    assert dead.asked <= 20
    before = dead.asked
    await office.pool.execute("UPDATE messages SET next_attempt_at = clock_timestamp()")
    await office.deliver(post)
    assert dead.asked == before, "nobody knocks"
    answers = {row["last_answer"] for row in await office.pool.fetch("SELECT last_answer FROM messages")}
    assert "dead.example, or this address of it, is left in peace for a while" in answers
    assert await office.pool.fetchval("SELECT max(attempts) FROM messages") == 1, "waiting is no attempt"


def test_circuit_opens_rests_longer_each_time_and_one_tries_first() -> None:
    circuit = Circuit()
    for _ in range(OPENS_AFTER):
        assert circuit.rest(0) == 0
        circuit = circuit.failed(0)
    assert circuit.rest(0) == 5
    assert circuit.rest(5) == 0
    trying = circuit.knocking()
    assert trying.rest(5) > 0, "the others wait for what comes of it"
    assert trying.failed(5).rest(5) == 10


def test_what_was_on_its_way_when_the_circuit_opened_makes_the_rest_no_longer() -> None:
    """A server that is down for a minute fails all connections together, and is not left alone for five minutes."""
    circuit = Circuit()
    for _ in range(20):
        circuit = circuit.failed(0)
    assert circuit.rest(0) == 5


def test_wish_for_fewer_messages_at_one_webhook_rests_it_alone_and_not_its_host() -> None:
    """Thousands of teams share hooks.slack.com."""
    circuits = Circuits()
    circuits.asked_for_rest("hooks.slack.com", "one", 60.0)
    assert circuits.rest("hooks.slack.com", "one", 0.0) == 60
    assert circuits.rest("hooks.slack.com", "another", 0.0) == 0


def test_errors_at_one_webhook_rest_it_alone_and_a_host_that_nobody_answers_at_rests_as_a_whole() -> None:
    circuits = Circuits()
    for _ in range(OPENS_AFTER):
        circuits.failed("here", "one", 0.0)
    assert (circuits.rest("here", "one", 0.0), circuits.rest("here", "another", 0.0)) == (5, 0)
    for number in range(OPENS_AFTER):
        circuits.unreachable("here", f"{number}", 0.0)
    assert (circuits.rest("here", "another", 0.0), circuits.rest("there", "any", 0.0)) == (5, 0)
    assert circuits.resting(0.0) == 2
    circuits.knocking("here", "one")
    assert circuits.rest("here", "another", 5.0) > 0, "they wait for what comes of it"
    circuits.unreachable("here", "one", 5.0)
    assert circuits.rest("here", "another", 5.0) == 10
    assert circuits.rest("here", "one", 15.0) == 0, "of the address nothing was learnt"
    circuits.answered("here", "one")
    assert circuits.resting(5.0) == 0


async def test_what_is_on_its_way_at_a_stop_arrives_and_is_not_repeated(office: Office) -> None:
    office.channels = frozenset({"mail"})
    await office.know(person("ana"), acme="ana")
    await office.take(office.fact(CaseOpened, case=case()))
    slow = Slow("mail")
    async with at_work(office, slow):

        async def asked() -> bool:
            return bool(slow.asked)

        await until(asked, "the message is on its way")
        asyncio.get_running_loop().call_soon(slow.go.set)  # the answer comes while the loops are stopping
    assert await office.states() == ["sent"]
    assert slow.closed


async def test_idle_channel_breaks_at_a_stop_nothing_of_those_that_share_its_way_out(office: Office) -> None:
    office.channels = frozenset({"slack", "webhook"})
    office.__post_init__()
    async with servers.http() as site:
        site.go.clear()
        here = f"http://127.0.0.1:{site.port}"
        hook = [{"channel": "webhook", "address": here}]
        chosen = [{"urgency": "high", "channels": ["webhook"]}]
        await office.know(person("ana"), acme="ana")
        await office.ask(ChooseNotifications, "ana", person_id="ana", channels=chosen, addresses=hook)
        await office.take(office.fact(CaseOpened, case=case()))
        http = GuardedHttp(read_allowed(here))

        async def answer_when_the_idle_one_has_left() -> None:
            for _ in range(1000):  # turns of the loop, of which it needs a few
                await asyncio.sleep(0)
            site.go.set()

        async with at_work(office, Slack(http), Webhook(http, [b"k" * 32])):

            async def asked() -> bool:
                return bool(site.requests)

            await until(asked, "the webhook has the message")
            answering = asyncio.create_task(answer_when_the_idle_one_has_left())
        await answering
    assert await office.states() == ["sent"]
