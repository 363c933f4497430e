"""Delivery on a real SMTP server and a real Postgres: once, to the right person, tried again when it should be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amicable.runtime import ports
from services.notifications.channels.channel import Throttled
from services.notifications.domain.parcel import Parcel
from shared import outbox, parking
from shared.contracts.feeds import FeedStopped
from shared.contracts.health import RiskDetected
from shared.contracts.plans.facts import CaseOpened, PlanRefused, PlanSucceeded
from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import EVERYBODY, Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)  # in Madrid


def opened(office: Office, about: str = "acme", **more: Any) -> CaseOpened:
    event: CaseOpened = office.fact(CaseOpened, about, case=case(), **more)
    return event


async def known(office: Office) -> None:
    await office.know(person("ana"), acme="ana")


async def message(office: Office) -> tuple[str, int, str | None]:
    row = await office.pool.fetchrow("SELECT state, attempts, last_answer FROM messages")
    assert row is not None
    return row["state"], row["attempts"], row["last_answer"]


async def test_csm_gets_one_mail_and_the_fact_is_told(office: Office, mails: Catcher) -> None:
    await known(office)
    event = opened(office)
    await office.take(event, event)
    assert await office.deliver() == 1
    assert await office.deliver() == 0
    (mail,) = mails.mails
    assert mail["To"] == "Person ana <ana@example.com>"
    (told,) = await office.publish()
    assert (told["type"], told["person_id"], told["fact_id"]) == ("NoticeSent", "ana", event.event_id)
    assert told["message_id"] == mail["Message-ID"].strip("<>").partition("@")[0]
    assert await message(office) == ("sent", 1, None)


async def test_mail_waits_for_an_unknown_csm_and_goes_when_it_is_known(office: Office, mails: Catcher) -> None:
    await office.take(opened(office))
    assert await office.deliver() == 0
    await office.know(acme="ana")
    assert await office.deliver() == 0
    await office.know(person("ana"))
    assert await office.deliver() == 1
    assert len(mails.mails) == 1


async def test_manager_gets_it_while_the_csm_is_inactive(office: Office, mails: Catcher) -> None:
    await office.know(person("ana", active=False, manager="mo"), person("mo"), acme="ana")
    await office.take(opened(office))
    await office.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person mo <mo@example.com>"]


async def test_what_waits_for_somebody_who_leaves_goes_to_their_manager(office: Office, mails: Catcher) -> None:
    await office.know(person("ana", manager="mo"), person("mo"), acme="ana")
    await office.take(opened(office))
    await office.address()
    office.later(seconds=1)
    await office.know(person("ana", manager="mo", active=False))
    await office.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person mo <mo@example.com>"]


async def test_later_snapshot_wins_whatever_arrives_last(office: Office, mails: Catcher) -> None:
    await known(office)
    office.later(days=-3)
    await office.know(person("ana", email="old@example.com"), acme="eve")
    office.later(days=3)
    await office.take(opened(office))
    await office.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person ana <ana@example.com>"]


async def test_old_fact_is_recorded_and_sent_to_nobody(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.take(opened(office, occurred_at=office.now - timedelta(hours=25)))
    assert await office.deliver() == 0
    assert await office.states("tellings") == ["expired"]
    assert mails.mails == []


async def test_fact_that_follows_a_quiet_replay_is_told_to_nobody(office: Office) -> None:
    await known(office)
    await office.take(opened(office), **{outbox.QUIET: b"1"})
    assert await office.states("tellings") == ["expired"]


async def test_put_off_mail_is_tried_again_later(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.take(opened(office))
    mails.answer = "451 come back later"
    assert await office.deliver() == 1
    assert await message(office) == ("pending", 1, "the server put it off (451)")
    assert await office.deliver() == 0
    await office.pool.execute("UPDATE messages SET next_attempt_at = clock_timestamp()")
    mails.answer = "250 OK"
    assert await office.deliver() == 1
    assert await message(office) == ("sent", 2, None)


async def test_server_that_is_down_loses_nothing(pool: Pool) -> None:
    office = Office(pool, ports.choose())
    await known(office)
    await office.take(opened(office))
    assert await office.deliver() == 1
    assert (await message(office))[:2] == ("pending", 1)


async def test_refused_mail_is_given_up_told_and_sent_again_when_asked(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.take(opened(office))
    mails.answer = "550 no such mailbox ana@example.com"
    await office.deliver()
    assert await message(office) == ("failed", 1, "the server refused it (550)")
    (told,) = await office.publish()
    assert told["type"] == "NoticeFailed"
    assert "ana@" not in str(told)


async def test_what_is_put_off_for_a_day_is_given_up(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.take(opened(office))
    mails.answer = "451 come back later"
    await office.address()
    await office.pool.execute("UPDATE messages SET began_at = began_at - interval '25 hours'")
    await office.deliver()
    assert await message(office) == ("failed", 1, "given up after a day: the server put it off (451)")


@pytest.mark.parametrize("email", ["ana@example.org.", "ana@example..org", "añá@example.org"])
async def test_address_that_smtp_does_not_know_fails_alone(office: Office, email: str) -> None:
    """The contract takes it; were it not given up, it would end the service at every start."""
    await office.know(person("ana", email=email), acme="ana")
    await office.take(opened(office))
    assert await office.deliver() == 1
    assert (await message(office))[0] == "failed"


async def test_mail_of_a_bucket_that_is_not_held_is_left_to_its_holder(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.take(opened(office))
    await office.address()
    office.buckets = ()
    assert await office.ready() == []
    office.buckets = EVERYBODY
    assert await office.ready() != []


class Told:
    """A channel that fails in a way of its own for one person."""

    name = "mail"

    def __init__(self, failure: Exception, who: str = "ana@example.com") -> None:
        self.failure, self.who = failure, who
        self.sent: list[str] = []

    def destination(self, parcel: Parcel) -> str:
        return "there"

    def wrong(self, address: str) -> str | None:
        return None

    async def send(self, parcel: Parcel) -> None:
        if parcel.address == self.who:
            raise self.failure
        self.sent.append(parcel.address)

    async def close(self) -> None:
        """Nothing is open."""


async def test_channel_that_fails_unforeseen_delays_its_message_alone(office: Office) -> None:
    await known(office)
    await office.know(person("bo"), beta="bo")
    await office.take(opened(office), opened(office, "beta"))
    channel = Told(RuntimeError("ana@example.com"))
    await office.deliver(office.post_of(channel))
    states = await office.pool.fetch("SELECT state, last_answer FROM messages ORDER BY id")
    assert [tuple(row) for row in states] == [("pending", "the channel failed (RuntimeError)"), ("sent", None)]
    assert channel.sent == ["bo@example.com"]


async def test_whoever_wants_fewer_messages_is_left_in_peace_as_long_as_it_says(office: Office) -> None:
    await known(office)
    await office.take(opened(office))
    await office.deliver(office.post_of(Told(Throttled("too many", timedelta(minutes=10)))))
    waits = await office.pool.fetchval("SELECT next_attempt_at - clock_timestamp() FROM messages")
    assert timedelta(minutes=9) < waits < timedelta(minutes=12)


async def test_nothing_overtakes_a_message_about_the_same_customer(office: Office, mails: Catcher) -> None:
    await known(office)
    await office.know(zeta="ana")
    first = opened(office)
    await office.take(first)
    await office.address()
    mails.answer = "451 come back later"
    await office.deliver()
    mails.answer = "250 OK"
    await office.take(opened(office), opened(office, "zeta"))
    await office.deliver()
    assert [mail["Subject"] for mail in mails.mails] == ["Action needed: Company zeta"]
    await office.pool.execute("UPDATE messages SET next_attempt_at = clock_timestamp()")
    await office.deliver()
    notices = await office.pool.fetch("SELECT message_id FROM messages WHERE customer_id = 'acme' ORDER BY id")
    came = [mail["Message-ID"].strip("<>").partition("@")[0] for mail in mails.mails[1:]]
    assert came == [row["message_id"] for row in notices]


async def test_what_waits_in_a_digest_goes_along_with_what_is_newer_about_the_customer(
    office: Office, mails: Catcher
) -> None:
    """Or the digest would say the next morning what is no longer so."""
    office.now = NOON
    await known(office)
    await office.know(beta="ana")
    for about in ("acme", "beta"):
        more = {"episode_id": about, "severity": "watch", "reasons": case()["reasons"], "since": office.now}
        await office.take(office.fact(RiskDetected, about, **more))
    await office.deliver()
    office.later(hours=1)
    await office.take(office.fact(PlanSucceeded, case=case(), helped=[], days=30))
    assert await office.deliver() == 1
    body = mails.mails[0].get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert (
        said.index("is saved") < said.index("What waited until now:") < said.index("Company acme shows signs of risk")
    )
    office.later(days=1)
    assert await office.deliver() == 1
    assert "Company acme" not in mails.mails[1].as_string()
    assert "Company beta" in mails.mails[1].as_string()


async def test_old_fact_is_told_where_a_person_asks_that_it_is_sent_and_else_to_nobody(office: Office) -> None:
    """A record that was kept over a weekend: by `amicable dlq replay --send`, and by the number that it waited for."""
    await office.know(person("ana"), acme="ana", beta="ana")
    both = ("acme", "beta")
    await office.take(*(opened(office, about) for about in both))
    missing = [opened(office, about) for about in both]
    await office.take(*(office.fact(PlanRefused, about, case=case()) for about in both))
    await office.pool.execute(
        """
        INSERT INTO dead_letter_audit (who, action, letters)
        SELECT 'ada', 'replay and send', array_agg(id) FROM dead_letters WHERE key = 'acme'
        """
    )
    office.later(days=3)
    await office.take(*missing)
    for letter in await parking.asked_for(office.pool):
        await office.lane.replay(letter)
    rows = await office.pool.fetch("SELECT customer_id, state FROM tellings WHERE fact_type = 'PlanRefused'")
    assert {tuple(row) for row in rows} == {("acme", "new"), ("beta", "expired")}


async def test_message_waits_for_an_older_digest_that_tells_of_its_customer(office: Office, mails: Catcher) -> None:
    office.now = NOON
    await known(office)
    await office.know(beta="ana", zeta="ana")
    for about in ("acme", "beta"):
        more = {"episode_id": about, "severity": "watch", "reasons": case()["reasons"], "since": office.now}
        await office.take(office.fact(RiskDetected, about, **more))
    await office.address()
    office.later(days=1)
    mails.answer = "451 come back later"
    assert await office.deliver() == 1
    mails.answer = "250 OK"
    await office.take(opened(office), opened(office, "zeta"))
    assert await office.deliver() == 1
    await office.pool.execute("UPDATE messages SET next_attempt_at = clock_timestamp()")
    await office.deliver()
    assert [mail["Subject"] for mail in mails.mails] == [
        "Action needed: Company zeta",
        "For your information: news of 2 customers",
        "Action needed: Company acme",
    ]


async def test_every_administrator_hears_once_that_a_feed_has_stopped(office: Office, mails: Catcher) -> None:
    told = FeedStopped(
        source="health_scoring", epoch=1, seq=1, occurred_at=office.now, correlation_id="c", causation_id="c",
        origin="crm", feed="usage.v1", since=office.now - timedelta(days=1),
    )  # fmt: skip
    await office.know(
        person("ana"),
        person("ada", roles=["admin"]),
        person("bob", roles=["csm", "admin"]),
        person("old", roles=["admin"], active=False),
        person("max", roles=["manager"]),
    )
    await office.take(told, told)
    assert await office.deliver() == 2
    assert await office.deliver() == 0
    assert sorted(mail["To"] for mail in mails.mails) == [
        "Person ada <ada@example.com>",
        "Person bob <bob@example.com>",
    ]
    assert await office.publish() == [], "it is about no customer"
    body = mails.mails[0].get_body(("plain",))
    assert body is not None
    assert "(UTC)" not in body.get_content(), "since when is said by the reader's clock"
