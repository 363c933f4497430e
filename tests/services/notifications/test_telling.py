"""Who is told: once of a fact, the most urgent of it; and no more is read for it than is needed. Pure."""

from datetime import UTC, datetime

from services.notifications.domain.directory import Customer
from services.notifications.domain.rule import FALLBACK
from services.notifications.domain.telling import Delivery, Telling, needed, told_once
from services.notifications.domain.urgency import Urgency

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def telling(urgency: Urgency = "normal", who: str = "csm", names: tuple[str, ...] = (), **more: str | None) -> Telling:
    return Telling(
        rule=urgency,
        who=who,  # type: ignore[arg-type]
        names=names,
        audience=who,
        once="o",
        customer_id="acme",
        fact_id="f",
        fact_type="PlanRefused",
        by=None,
        urgency=urgency,
        template="t",
        says={},
        ask_id=more.get("ask_id"),
    )


def test_of_two_rules_the_more_urgent_one_is_told_on_its_own_channels_and_asks_for_what_the_other_does() -> None:
    low, loud = telling("low", ask_id="a"), telling("critical")
    told = [(low, [Delivery("ana", "mail", NOW), Delivery("bo", "mail", NOW)]), (loud, [Delivery("ana", "slack", NOW)])]
    assert [(one.urgency, to.recipient, to.channel, to.ask_id) for one, to in told_once(told)] == [
        ("low", "bo", "mail", "a"),
        ("critical", "ana", "slack", "a"),
    ]


def test_what_a_person_wants_to_hear_is_told_though_something_more_urgent_is_not() -> None:
    quiet = telling("high"), [Delivery("ana", "mail", NOW, state="quiet")]
    heard = telling("low"), [Delivery("ana", "mail", NOW, digest=True)]
    assert [one.urgency for one, _ in told_once([quiet, heard])] == ["low"]


def test_no_more_is_needed_than_who_may_be_meant_or_comes_instead() -> None:
    customers = {"acme": Customer("acme", "Acme", "ana", "sam")}
    tellings = [telling(), telling(who="team", names=("legal",)), telling(who="person", names=("eve",))]
    found = needed(tellings, customers, FALLBACK)
    assert (found.people, found.roles, found.teams) == (
        frozenset({"ana", "sam", "eve"}),
        frozenset({"manager", "admin"}),
        frozenset({"legal"}),
    )
