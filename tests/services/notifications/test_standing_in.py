"""What is for a team that is away goes to nobody outside of it who was not named for it; and never to nobody."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.notifications.domain.choices import Absence, Choices
from services.notifications.domain.directory import Directory, Person
from services.notifications.domain.surroundings import Surroundings
from services.notifications.domain.telling import addressed
from services.notifications.letters.catalogue import INSTEAD
from shared.contracts.endings.facts import ReviewRequested, StandInNamed, TeamReviewDue
from shared.contracts.notification_commands import BeAway
from tests.deployment import Catcher
from tests.services.notifications.office import Office
from tests.services.notifications.test_escalation import of_legal
from tests.services.notifications.test_nobody import text
from tests.services.notifications.test_telling import telling
from tests.stories import person

NOW = datetime(2026, 3, 10, 11, tzinfo=UTC)
LEGAL = frozenset({"legal"})


def away(substitute: str | None = None) -> Choices:
    return Choices(absence=Absence(date(2026, 3, 9), date(2026, 3, 12), substitute))


def ours(person_id: str, teams: frozenset[str] = LEGAL, *roles: str) -> Person:
    return Person(person_id, person_id, f"{person_id}@example.com", "UTC", "lea", frozenset(roles), teams, active=True)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({}, [("rea", None, None)]),
        ({"rea": away("mim")}, [("mim", "rea", None)]),
        ({"rea": away("sal")}, [("mim", "rea", "away")]),
        ({"rea": away("sal"), "mim": away()}, [("lea", "rea", "away")]),
        ({"rea": away("sal"), "mim": away("sal"), "lea": away("sal")}, [("rea", None, None)]),
    ],
    ids=["here", "a substitute of the team", "others of the team", "the manager", "nobody is here"],
)
def test_what_is_for_a_team_goes_to_the_first_of_it_who_is_here_and_to_no_substitute_outside(
    chosen: Mapping[str, Choices], told: list[tuple[str, str | None, str | None]]
) -> None:
    nobodys: frozenset[str] = frozenset()
    people = [ours("rea", LEGAL, "reviewer"), ours("mim"), ours("lea", nobodys), ours("sal", frozenset({"sales"}))]
    around = Surroundings(Directory(people), chosen, frozenset({"mail"}), NOW)
    found = addressed(telling("high", "team", ("legal",)), None, around)
    assert [(one.recipient, one.stands_for, one.instead) for one in found] == told


def test_whoever_answers_for_one_team_silences_no_other_that_is_away() -> None:
    people = [
        ours("rea", LEGAL, "reviewer"), ours("sec", frozenset({"security"}), "reviewer"),
        ours("lea", frozenset()), ours("sal", frozenset({"sales"})),
    ]  # fmt: skip
    around = Surroundings(Directory(people), {"rea": away(), "sec": away()}, frozenset({"mail"}), NOW)
    both = replace(telling("high", "team", ("legal", "security")), stand_ins=("sal",))
    assert {one.recipient for one in addressed(both, None, around)} == {"sal", "lea"}
    alone = replace(both, names=("legal",))
    assert {one.recipient for one in addressed(alone, None, around)} == {"sal"}


@pytest.mark.schema("notifications")
async def test_whoever_was_named_to_answer_for_a_team_hears_what_it_does_as_long_as_they_do(
    office: Office, mails: Catcher
) -> None:
    office.now = NOW
    reviewer: dict[str, Any] = {"roles": ["reviewer"], "teams": ["legal"], "manager": "lea"}
    await office.know(person("rea", **reviewer), person("lea"), person("sal", teams=["sales"]), acme="rea")
    absence = {"first_day": "2026-03-09", "last_day": "2026-03-12", "substitute": "sal"}
    await office.ask(BeAway, "rea", person_id="rea", **absence)
    await office.take(office.fact(ReviewRequested, **of_legal(), due_on="2026-03-13"))
    await office.deliver()
    assert INSTEAD["away"] in " ".join(text(mails).split())
    until = datetime(2026, 3, 11, tzinfo=UTC)
    other = {**of_legal(), "transition_id": "another"}
    await office.take_many(
        office.fact(StandInNamed, **of_legal(), person="sal", until=until),
        office.fact(TeamReviewDue, **of_legal(), due_on="2026-03-13"),
        office.fact(TeamReviewDue, **other, due_on="2026-03-13"),
    )
    rows = await office.pool.fetch("SELECT transition_id, team, person_id, until FROM stand_ins")
    assert [tuple(row) for row in rows] == [("t", "legal", "sal", until)]
    office.now = until
    await office.take(office.fact(TeamReviewDue, **of_legal(), due_on="2026-03-14"))
    await office.address()
    told = await office.pool.fetch(
        "SELECT fact_type, recipient FROM deliveries JOIN tellings ON tellings.id = telling_id ORDER BY deliveries.id"
    )
    assert [tuple(row) for row in told] == [
        ("ReviewRequested", "lea"),
        ("StandInNamed", "sal"),
        ("StandInNamed", "lea"),
        ("TeamReviewDue", "sal"),
        ("TeamReviewDue", "lea"),
        ("TeamReviewDue", "lea"),
    ]
