"""Acme Logistics, whose ending is told in documents: a case with misses of both sides, a plan, the talk about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.plans.facts import CaseUpdated
from shared.contracts.topics import CUSTOMERS
from shared.contracts.upstream import CustomerChanged
from tests.records import record
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import CONTACTS, Bench, checklist
from tests.stories import customer
from tests.told_cases import told_case

THEM = "Acme Logistics GmbH"
HASH = "3b1f" * 16


def at(month: int, day: int, hour: int = 9, year: int = 2025) -> str:
    """Return a moment, UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC).isoformat()


def counted(side: str, *numbers: int) -> dict[str, Any]:
    """Return a side's ledger: commitments, met, late, missed, waived, open, days late, and so on."""
    names = ("commitments", "met", "late", "missed", "waived", "open", "days_late", "undeliverable", "meetings_missed")
    return {"side": side, **dict(zip((*names, "meetings_moved"), numbers, strict=True))}


def _commitment(number: int, side: str, what: str, due_on: str) -> dict[str, Any]:
    owner = "ana" if side == "us" else "carla"
    return {
        "commitment_id": f"c-{number}",
        "side": side,
        "what": what,
        "owner": owner,
        "due_on": due_on,
        "done_when": "Both have seen it.",
    }


COMMITMENTS = [
    _commitment(1, "us", "Deliver the nightly export of all shipments", "2025-10-20"),
    _commitment(2, "us", "Train both shifts of the dispatch team", "2025-10-27"),
    _commitment(3, "us", "Support the customs interface, version 4", "2025-11-10"),
    _commitment(4, "customer", "Send the complete list of carriers", "2025-10-17"),
    _commitment(5, "customer", "Name one owner for the rollout in each branch", "2025-10-24"),
    _commitment(6, "customer", "Plan every tour of Hamburg in the product", "2025-12-19"),
]
TERMS = {
    "purpose": "By the new year every branch of Acme plans its tours in the product,\nand nobody keeps a second list.",
    "starts_on": "2025-10-13",
    "ends_on": "2026-01-30",
    "cadence": "weekly",
    "first_review_on": "2025-10-20",
    "review_hour": 10,
    "promises": [],
    "commitments": COMMITMENTS,
}
AGREED = {
    "number": 2,
    "author": "ana",
    "proposed_at": at(11, 20),
    "content_hash": HASH,
    "terms": TERMS,
    "agreed_at": at(11, 24),
}


def case() -> dict[str, Any]:
    """Return what Acme's case says when it has failed."""
    return told_case(
        state="failed",
        stakeholders=[
            {"stakeholder_id": "s-main", "side": "customer", "role": "main", "person_id": "carla"},
            {"stakeholder_id": "s-exec", "side": "customer", "role": "executive", "person_id": "eddy"},
            {"stakeholder_id": "s-us", "side": "us", "role": "main", "person_id": "ana"},
        ],
        conversations=[
            {
                "conversation_id": "v-1",
                "planned_for": at(10, 6),
                "channel": "in_person",
                "state": "held",
                "held_at": at(10, 6),
                "attendees": ["s-main", "s-exec", "s-us"],
            },
            {
                "conversation_id": "v-2",
                "planned_for": at(12, 1),
                "channel": "video",
                "state": "missed",
                "missed_by": "us",
            },
            {
                "conversation_id": "v-3",
                "planned_for": at(12, 8),
                "channel": "video",
                "state": "held",
                "held_at": at(12, 8),
                "attendees": ["s-main", "s-us"],
                "told_ending_possible": True,
            },
        ],
        expectations=[
            _expectation("e-1", "customer", "outcome", "Dispatch plans all tours of a branch within an hour",
                         target="60 minutes for Hamburg", by_day="2025-12-31"),
            _expectation("e-2", "us", "expectation", "Meetings take place, or are called off a day ahead"),
        ],
        plan={
            "agreed": AGREED,
            "baseline": {
                "number": 1,
                "content_hash": HASH,
                "agreed_at": at(10, 13),
                "ends_on": "2025-12-19",
                "commitments": [],
            },
            "versions": 2,
            "retired": [_commitment(7, "us", "A hotline for the night shift", "2025-10-31")],
        },
        progress=[
            _progress(1, "done", "2025-10-23"),
            _progress(2, "done", "2025-10-27"),
            _progress(3, "missed"),
            _progress(4, "done", "2025-10-16"),
            _progress(5, "missed"),
            _progress(7, "done", "2025-10-30"),
        ],
        reviews=[
            {"review_id": "w-1", "planned_for": at(10, 20, 8), "state": "held", "held_at": at(10, 20, 8)},
            {"review_id": "w-2", "planned_for": at(10, 27), "state": "missed", "missed_by": "us"},
            {"review_id": "w-3", "planned_for": at(11, 3), "state": "missed", "missed_by": "customer"},
            {"review_id": "w-4", "planned_for": at(11, 10), "state": "held", "held_at": at(11, 10)},
            {"review_id": "w-5", "planned_for": at(1, 26, year=2026), "state": "held", "held_at": at(1, 26, year=2026)},
        ],
        ledger={"us": counted("us", 4, 2, 1, 1, 0, 0, 3, 0, 2, 0),
                "customer": counted("customer", 3, 1, 1, 1, 0, 0, 40, 0, 1, 1)},
    )  # fmt: skip


def _expectation(id_: str, side: str, kind: str, text: str, **more: str) -> dict[str, Any]:
    said = {"expectation_id": id_, "side": side, "kind": kind, "text": text, "author": "ana"}
    return {**said, "added_at": at(10, 6), "heard_at": at(10, 6), **more}


def _progress(number: int, state: str, on: str | None = None) -> dict[str, Any]:
    said = {"commitment_id": f"c-{number}", "state": state, "recorded_by": "ana"}
    return said | ({"on": on} if on else {})


def parts(bench: Bench) -> dict[str, dict[str, Any]]:
    """Return the parts of Acme's plan: money both ways in two currencies, two alternatives."""
    found = steps.parts(bench)
    items = found["WriteRefunds"]["refunds"]["items"]
    items["goodwill"] = [{"item_id": "g-1", "what": "Half a month of licences", "currency": "EUR", "net": "150.00"}]
    items["invoices"] = [
        {"item_id": "i-1", "what": "Training in Zürich", "currency": "CHF", "net": "800.00", "tax": "64.80"}
    ]
    found["WriteSupport"]["support"] |= {
        "level": "the same people and the same answers as today",
        "hours": "Monday to Friday, 9 to 17 o'clock",
        "export_format": "CSV, with all attachments as files",
        "proof_of_deletion": "a protocol, signed by our security team",
    }
    found["WriteTimeline"]["timeline"]["milestones"].append(
        {
            "milestone_id": "m-own",
            "kind": "other",
            "what": "INTERNAL: tell the partner managers",
            "team": "revenue",
            "due_on": bench.day(60),
        }
    )
    found["WriteReferral"]["referral"] |= {"alternatives": ["tourwise", "dispo"], "introduction_offered": True}
    return found


async def approved(bench: Bench) -> None:
    """Every team has approved the plan, an executive last."""
    await bench.announce()
    told = customer("acme", "ana", contacts=CONTACTS, time_zone="Europe/Berlin", name=THEM)
    told["occurred_at"] = (bench.now + timedelta(seconds=1)).isoformat()
    await bench.lane.take([record(CUSTOMERS, CustomerChanged.model_validate(told))])
    bench.case_revision += 1
    await bench.tell(CaseUpdated, case=case() | {"revision": bench.case_revision, "checklist": checklist()})
    for id_, name, fits in (
        ("tourwise", "Tourwise", "Carriers with up to ten branches who plan tours by the hour"),
        ("dispo", "Dispo One", "Dispatch teams who need customs papers in the same place"),
    ):
        await bench.done("KeepAlternative", "mo", alternative_id=id_, name=name, fits=fits)
    await bench.done("ProposeTransition", case_id="k", why="INTERNAL: everything was tried.")
    await bench.confirm()
    for kind, fields in parts(bench).items():
        await bench.done(kind, **fields)
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()


async def arranged(bench: Bench) -> None:
    """The talk is in two days."""
    await approved(bench)
    await bench.done("ArrangeTalk", **steps.talk(bench))


async def announced(bench: Bench) -> None:
    """The talk was held, and everybody is told."""
    await arranged(bench)
    bench.now += timedelta(days=2, hours=1)
    await bench.done("RecordTalk", **steps.held(bench, reaction="INTERNAL: calm."))
    await bench.done("AnnounceEnding", contacts=["carla"])


async def ending(bench: Bench) -> None:
    """The notice was received, and the refund is paid."""
    await announced(bench)
    await bench.done("RecordNotice", received_on=bench.now.date(), how="INTERNAL: handed over.")
    bench.now += timedelta(days=30)
    await bench.done("ReachMilestone", "r-finance", milestone_id="m-refund", on=bench.now.date(), evidence="INTERNAL")
