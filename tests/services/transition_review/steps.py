"""The steps of an ending, for tests that begin further on: each brings acme's transition there from the one before."""

from datetime import date, datetime, timedelta
from typing import Any, Protocol

from services.transition_review.domain.transition import Transition
from tests.services.transition_review.workshop import TEAMS, Bench

OUTCOMES = [
    {"topic": topic, "outcome": "They heard it, and understood."}
    for topic in ("ending", "reasons", "final", "plan", "open_talk")
]


class Place(Protocol):
    """Where an ending is worked on."""

    case_id: str

    @property
    def now(self) -> datetime:
        """What the clock says."""
        ...

    async def done(self, kind: str, /, who: str = "ana", **fields: Any) -> Any: ...
    async def refused(self, kind: str, code: str, /, who: str = "ana", **fields: Any) -> list[str]: ...
    async def confirm(self) -> None: ...
    async def transition(self) -> Transition: ...
    async def hash(self) -> str: ...
    async def published(self, topic: str = "transitions.v1") -> list[dict[str, Any]]: ...
    async def pass_time(self, span: timedelta) -> None: ...
    def day(self, days: int) -> date: ...


async def proposed(bench: Bench, **more: Any) -> None:
    """Ana proposes to end it."""
    await bench.announce()
    await bench.done("ProposeTransition", case_id="k", why="Everything was tried.", **more)


async def opened(bench: Bench) -> None:
    """action_plans has confirmed it."""
    await proposed(bench)
    await bench.confirm()


def parts(bench: Place) -> dict[str, dict[str, Any]]:
    """Return every part of a sound plan, as its command wants it: the last day is 120 days ahead."""
    last, returned = bench.day(120), bench.day(100)
    milestones = [
        {"milestone_id": "m-refund", "kind": "refund_paid", "what": "Refund paid", "team": "finance", "due_on": last},
        {
            "milestone_id": "m-data",
            "kind": "data_returned",
            "what": "Data",
            "team": "support",
            "due_on": bench.day(100),
        },
        {"milestone_id": "m-access", "kind": "access_closed", "what": "Access", "team": "operations", "due_on": last},
        {
            "milestone_id": "m-deleted",
            "kind": "data_deleted",
            "what": "Deletion proven",
            "team": "security",
            "due_on": bench.day(150),
        },
    ]
    clause = {
        "clause_id": "c-12",
        "title": "Clause 12",
        "who": "either",
        "ground": "ordinary",
        "notice": {"count": 2, "unit": "months"},
        "counted_to": "month",
    }
    return {
        "WriteTimeline": {"timeline": {"last_day": last, "time_needed_days": 60, "milestones": milestones}},
        "WriteContracts": {
            "contracts": {
                "contract_id": "contract-1",
                "terms": {"starts_on": "2024-01-01", "place": {"time_zone": "Europe/Berlin"}, "clauses": [clause]},
                "notice": {"received_on": bench.day(20)},
            }
        },
        "WriteRefunds": {
            "refunds": {
                "items": {
                    "prepaid": [
                        {
                            "item_id": "p-1",
                            "what": "Licences of the year",
                            "currency": "EUR",
                            "net": "3650.00",
                            "tax": "693.50",
                            "starts_on": bench.day(-60),
                            "ends_on": bench.day(304),
                            "paid_on": bench.day(-56),
                        }
                    ]
                }
            }
        },
        "WriteSupport": {
            "support": {
                "level": "as before",
                "hours": "9 to 17",
                "contact": "eve",
                "until": last,
                "export_format": "CSV",
                "export_on": returned,
                "access_ends_on": last,
                "deleted_on": bench.day(150),
                "proof_of_deletion": "A signed protocol.",
            }
        },
        "WriteCommunication": {
            "communication": {
                "messages": [
                    {
                        "message_id": "in",
                        "audience": "internal",
                        "by": "tess",
                        "to": "the account team",
                        "on": bench.day(8),
                        "channel": "video",
                        "what": "What we will do.",
                    },
                    {
                        "message_id": "out",
                        "audience": "customer",
                        "by": "ana",
                        "to": "Carla Main",
                        "on": bench.day(10),
                        "channel": "in_person",
                        "what": "The ending.",
                    },
                ]
            }
        },
        "WriteReferral": {
            "referral": {"alternatives": [], "why": "", "introduction_offered": False, "glad_of": "Small companies."}
        },
    }


async def written(bench: Bench) -> None:
    """Ana has written every part."""
    await opened(bench)
    for kind, fields in parts(bench).items():
        await bench.done(kind, **fields)


async def submitted(bench: Bench) -> None:
    """The teams are asked."""
    await written(bench)
    await bench.done("SubmitPlan")


async def reviewed(bench: Bench, *but: str) -> None:
    """Every team has approved, but these."""
    await submitted(bench)
    await approved_by_teams(bench, *but)


async def approved_by_teams(bench: Place, *but: str) -> None:
    """Every team that is waited for approves, but these."""
    for team in TEAMS:
        if team not in but:
            await bench.done("GiveReview", f"r-{team}", team=team, says="approve", content_hash=await bench.hash())


async def approved(bench: Bench) -> None:
    """Xenia has approved last of all, and action_plans has confirmed."""
    await reviewed(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()


def talk(bench: Place) -> dict[str, Any]:
    """Return a talk in two days."""
    return {
        "planned_for": bench.now + timedelta(days=2),
        "channel": "in_person",
        "speakers": ["ana", "mo"],
        "contacts": ["carla", "eddy"],
    }


async def talked(bench: Bench, **more: Any) -> None:
    """The customer has heard it."""
    await approved(bench)
    await bench.done("ArrangeTalk", **talk(bench))
    bench.now += timedelta(days=2, hours=1)
    await bench.done("RecordTalk", **held(bench, **more))


def held(bench: Place, **more: Any) -> dict[str, Any]:
    """Return what came of a talk an hour ago."""
    return {
        "held_at": bench.now - timedelta(hours=1),
        "channel": "in_person",
        "speakers": ["ana", "mo"],
        "contacts": ["carla", "eddy"],
        "outcomes": OUTCOMES,
        "reaction": "Calm, and a little sad.",
        **more,
    }


async def announced(bench: Bench) -> None:
    """Everybody is told."""
    await talked(bench)
    await bench.done("AnnounceEnding", contacts=["carla"])


async def ending(bench: Bench) -> None:
    """The notice was received."""
    await announced(bench)
    await bench.done("RecordNotice", received_on=bench.now.date(), how="Handed over, with a signature.")
