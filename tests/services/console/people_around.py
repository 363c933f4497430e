"""Everybody whose need to know differs, around two customers: acme, whose relationship is to end, and borg."""

from shared.contracts.topics import Topic
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.workshop import Workshop, case, of, one, told, transition

REVIEW = {
    "team": "finance", "standing": "waiting", "since": "2026-02-20T10:00:00Z", "due_on": "2026-03-05", "why": "",
}  # fmt: skip
PARTS = BY_TYPE["TransitionAnnounced"].content["transition"]["parts"]
TELLING = {
    "message_id": "m-1", "audience": "customer", "by": "tess", "to": "their director", "on": "2026-03-10",
    "channel": "phone", "what": "Who helps them to move.",
}  # fmt: skip
QUIET = {
    "authors": [], "overrides": [], "approval": None, "talk": None, "announced": None, "notice": None, "reached": [],
    "csm": "ana", "proposed_by": "ana", "state": "in_review", "reviews": [REVIEW], "revision": 5,
    "parts": {**PARTS, "communication": {"messages": [TELLING]}},
}  # fmt: skip
ANNOUNCED = {"version": 1, "revision": 1, "at": "2026-03-01T10:00:00Z", "by": "ana", "last_day": "2026-06-30"}
MILESTONE = {
    "milestone_id": "m-refund", "kind": "refund_paid", "what": "The refund is paid.", "team": "legal",
    "due_on": "2026-03-09",
}  # fmt: skip


AWAY = (("ana", "2026-03-02", "ivy"), ("ivy", "2026-03-02", "ike"), ("mo", "2026-03-01", "ida"))


def away(person_id: str, last_day: str, substitute: str) -> tuple[Topic, bytes]:
    """Return what somebody chose who is away until that day; of ana with an address of her own."""
    absence = {"first_day": "2026-02-23", "last_day": last_day, "substitute": substitute}
    addresses = BY_TYPE["NotificationsChosen"].content["addresses"] if person_id == "ana" else []
    return told("NotificationsChosen", "", person_id=person_id, absence=absence, addresses=addresses)


async def furnished(pool: Pool, *, announced: bool) -> Workshop:
    """Tell of two customers, acme with everything, and of everybody in the matrix."""
    bench = Workshop(pool)
    final = {**QUIET, "revision": 6, "state": "announced", "announced": ANNOUNCED} if announced else QUIET
    await bench.tell(
        one("mona", "manager"),
        one("mo", "manager", manager="mona"),
        one("ana", "csm", manager="mo"),
        one("max", "manager"),
        one("ben", "csm", manager="max"),
        one("lead", "csm"),
        one("aya", "csm", manager="lead"),
        one("sue", "csm"),
        one("rita", "reviewer", teams=["finance"], manager="mona"),
        one("stan", "reviewer", teams=["support"]),
        one("stale", "reviewer", teams=["support"]),
        one("leo", "reviewer", teams=["legal"]),
        one("sid", "reviewer", teams=["security"]),
        one("olaf", "reviewer", teams=["operations"]),
        one("rex", "reviewer", teams=["revenue"]),
        one("tess", "csm"),
        one("ivy", "csm"),
        one("ike", "csm"),
        one("ida", "csm"),
        one("eve", "executive"),
        one("adam", "admin"),
        one("ina", "executive", "admin", active=False),
        of("acme", "ana", name="Acme Ltd", executive_sponsor="sue"),
        of("borg", "ben", name="Borg Ltd"),
        told("HealthScored", "acme", revision=1, score="41.50"),
        told("RiskDetected", "acme"),
        told("HealthOverridden", "acme", reason="A word of ours"),
        *(away(*one) for one in AWAY),
        case("CaseUpdated", "acme", "c-acme", csm="ana", state="failed", revision=3),
        told("PrivateNoteKept", "acme", case_id="c-acme", text="A secret of ours"),
        told("EligibilityConfirmed", "acme", transition_id="t-acme", case_id="c-acme"),
        transition("TransitionProposed", "acme", "t-acme", case_id="c-acme", **final),
        stand_in("stan", "2026-03-09T00:00:00Z"),
        stand_in("stale", "2026-03-01T00:00:00Z"),
    )
    if announced:
        await bench.tell(
            told("TerminationAnnounced", "acme", termination_id="t-acme", termination=termination_body()),
            told("MilestoneReached", "acme", termination_id="t-acme", milestone_id="another"),
        )
    return bench


def stand_in(person_id: str, until: str) -> tuple[Topic, bytes]:
    """Return the naming of a stand-in for finance."""
    topic, body = told(
        "StandInNamed",
        "acme",
        transition_id="t-acme",
        about="finance",
        person=person_id,
        until=until,
        transition={**transition_body(), **QUIET, "revision": 2},
    )
    return topic, body


def transition_body() -> dict[str, object]:
    """Return the transition of a golden example under its id here."""
    return {**BY_TYPE["TransitionAnnounced"].content["transition"], "involved": None, "transition_id": "t-acme"}


def termination_body() -> dict[str, object]:
    """Return what is announced of it: with a milestone of legal, which did not review it."""
    return {**BY_TYPE["TerminationAnnounced"].content["termination"], "milestones": [MILESTONE]}
