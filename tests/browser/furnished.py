"""What is going on in the console of the browser tests: a manager, her CSM, and customers in every step."""

from datetime import timedelta
from typing import Any

import msgspec

from services.console.store import keys
from services.console.store.reading import as_reader
from services.transition_review import reckoning
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.reckoned import reckon
from services.transition_review.domain.transition import Transition
from services.transition_review.policies.reading import shipped_policy
from tests.contracts.examples import BY_TYPE
from tests.services.console.workshop import NOW, Workshop, case, of, one, told, transition

REVIEW = {
    "team": "finance", "standing": "waiting", "since": "2026-02-20T10:00:00Z", "due_on": "2026-03-01", "why": "",
}  # fmt: skip
WORD = {"override_id": "o-1", "band": "green", "by": "ana", "expires_at": "2026-03-16T22:59:00Z"}
MUTED = {"customer": "calm", "until": "2026-03-09T08:00:00Z"}
AWAY = {"first_day": "2026-04-01", "last_day": "2026-04-10", "substitute": "ana"}
TALK = {
    "planned_for": "2026-03-10T09:00:00Z", "channel": "video", "speakers": ["ana"], "contacts": ["pia-lang"],
    "agenda": [
        {"topic": topic, "title": title, "points": ["Thank you for your time.", "We tell you ourselves."]}
        for topic, title in (
            ("ending", "We are ending the relationship"), ("reasons", "Why: what both of us know"),
            ("final", "It is final"), ("plan", "How we propose to go on"),
            ("open_talk", "Would you like to talk it through?"),
        )
    ],
    "preparation": {
        "questions": [
            {"question": question, "answer": answer}
            for question, answer in (
                ("When does it end?", "On Tuesday 30 June 2026. Until then all works as it does now."),
                ("Can this be undone?", "No. We have thought it through, and so have all whom it affects."),
            )
        ],
        "roles": [{"person": "ana", "does": "leads the talk: says the decision, and lets a silence be"}],
        "words_to_avoid": ["unfortunately", "we feel that", "fault"],
    },
}  # fmt: skip
PLAN = {  # that comes to something: two currencies, two clauses, a renewal, and a last day that is lawful
    "timeline": {"last_day": "2026-08-31", "time_needed_days": 120, "milestones": []},
    "contracts": {
        "contract_id": "contract-7",
        "terms": {
            "starts_on": "2025-01-01",
            "place": {"time_zone": "Europe/Berlin", "country": "DE", "subdivision": "BE"},
            "term": {"months": 12, "renewal": {"months": 12, "opt_out": {"count": 3, "unit": "months"}}},
            "minimum_term": {"count": 24, "unit": "months"},
            "clauses": [
                {
                    "clause_id": "9.2", "title": "Clause 9.2", "who": "either", "ground": "good_cause",
                    "cure": {"count": 10, "unit": "business_days"}, "notice": {"count": 1, "unit": "months"},
                    "counted_to": "quarter", "despite_minimum_term": True,
                },
                {
                    "clause_id": "9.1", "title": "Clause 9.1", "who": "customer", "ground": "ordinary",
                    "notice": {"count": 3, "unit": "months"}, "counted_to": "term",
                },
            ],
        },
        "notice": {
            "received_on": "2026-03-20", "causes": [{"ground": "good_cause", "notified_on": "2026-03-12"}],
        },
    },
    "refunds": {
        "items": {
            "prepaid": [
                {
                    "item_id": "licence", "what": "Licence of the year", "currency": "EUR", "net": "12000.00",
                    "tax": "2280.00", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "paid_on": "2026-01-10",
                }
            ],
            "service_credits": [
                {"item_id": "outage", "what": "Outage in November", "currency": "EUR", "net": "250.00", "tax": "47.50"}
            ],
            "invoices": [
                {
                    "item_id": "tokyo", "what": "Support in Tokyo", "currency": "JPY", "net": "90000",
                    "starts_on": "2026-07-01", "ends_on": "2026-12-31",
                }
            ],
        }
    },
}  # fmt: skip
SCORES = (88, 86, 87, 80, 74, 70, 61, 55, 47, 41)


async def furnish(bench: Workshop) -> None:
    """Tell of it all."""
    await bench.tell(
        one("claire", "manager", "reviewer", teams=["finance"], name="Claire Dubois"),
        one("ana", "csm", name="Ana Ruiz", manager="claire"),
        of("acme", "ana", name="Acme Ltd", renews_on="2026-05-01", executive_sponsor="claire", **_contract()),
        of("borg", "ana", name="Borg & Sons <b>", segment="enterprise"),
        of("calm", "ana", name="Calm GmbH"),
        told("RiskDetected", "acme"),
        told("RiskDetected", "borg", severity="watch"),
        told("HealthBandChanged", "acme"),
        *(_score("acme", number, score) for number, score in enumerate(SCORES, start=1)),
        *(_score("calm", number, 95) for number in range(1, 4)),
        case("CaseOpened", "acme", "c-acme", csm="ana", state="conversation", revision=20, ending=None, failure=None),
        told("PrivateNoteKept", "acme", case_id="c-acme"),
        case("CaseUpdated", "borg", "c-borg", csm="ana", state="failed", revision=21, ending=None),
        transition(
            "TransitionProposed", "borg", "t-borg", csm="ana", proposed_by="ana", state="in_review", revision=9,
            reviews=[REVIEW], announced=None, approval=None, notice=None, talk=None, parts=PLAN, reckoned=_reckoned(),
        ),
        told("NoticeSent", "acme", person_id="claire"),
        told("HealthOverridden", "acme", override=WORD, reason="Their new director is on our side."),
        told("NotificationsChosen", "", person_id="claire", muted=[MUTED], absence=AWAY),
        one("olaf", "reviewer", teams=["operations"], name="Olaf Berg"),
        one("adam", "admin", name="Adam Novak"),
        of("dawn", "ana", name="Dawn AG", **_contract()),
        case("CaseUpdated", "dawn", "c-dawn", csm="ana", state="failed", revision=22, ending=None),
        transition(
            "TransitionAnnounced", "dawn", "t-dawn", case_id="c-dawn", csm="ana", proposed_by="ana", state="approved",
            revision=23, reviews=[REVIEW], announced=None, notice=None, reached=[], talk=TALK, over_at=None,
        ),
        of("gone", "ana", name="Gone & Co"),
        transition(
            "TransitionAnnounced", "gone", "t-gone", csm="ana", proposed_by="ana", state="ending", revision=24,
            reviews=[REVIEW], over_at=None,
        ),
        told("TerminationAnnounced", "gone", termination_id="t-gone"),
        told("MilestoneReached", "gone", termination_id="t-gone"),
        *(
            told("EndingShared", "gone", about=f"link-{number}", transition_id="t-gone", contact_id="pia-lang",
                 expires_at=until, transition=_of_gone(number))
            for number, until in enumerate(("2026-08-29T10:00:00Z", "2026-03-01T10:00:00Z"))
        ),
        told("NoticeSent", "acme", person_id="claire", notice_id="asks", fact_type="CaseOpened", ask_id="ask-1"),
        told("AlternativeKept", "", alternative_id="tourwise", name="Tourwise", retired=False,
             fits="Carriers with up to ten branches who plan tours by the hour."),
        told("AlternativeKept", "", alternative_id="old", name="Old & Co", fits="Whoever is on paper.", retired=True),
        told("FeedStopped", ""),
        told("FeedResumed", "", origin="billing"),
        told("RecordsParked", ""),
    )  # fmt: skip
    async with as_reader(bench.pool, NOW, "claire") as tx:
        for name in ("Weekly report", "An old one"):
            made = await keys.make(tx, "claire", key_hash=name, name=name, scopes=["read"], days=30)
        await keys.revoke(tx, "claire", made or "")


def _of_gone(number: int) -> dict[str, Any]:
    whole = BY_TYPE["TransitionAnnounced"].content["transition"]
    more = {"csm": "ana", "proposed_by": "ana", "state": "ending", "reviews": [REVIEW], "over_at": None}
    return {**whole, **more, "transition_id": "t-gone", "revision": 25 + number}


def _reckoned() -> dict[str, Any]:
    """Return what transition_review would tell of the plan."""
    at = NOW - timedelta(days=3)
    plan = Transition(
        "t-borg", "borg", "c-borg", 1, 1, at, "ana", "Why.", "ana", "Europe/Berlin", shipped_policy(),
        parts=msgspec.convert(PLAN, Parts),
    )  # fmt: skip
    return reckoning.told(reckon(plan)).model_dump(mode="json", exclude_none=True)


def _score(customer_id: str, number: int, score: int) -> Any:
    at = NOW - timedelta(days=5 * (len(SCORES) - number))
    return told("HealthScored", customer_id, revision=number, score=f"{score}.00", occurred_at=at.isoformat())


def _contract() -> dict[str, Any]:
    return {"contract": BY_TYPE["CustomerChanged"].content["contract"]}
