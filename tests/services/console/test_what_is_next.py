"""What is asked of somebody leads to the form that does it, on the page where it lies."""

from typing import Any

import pytest

from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.workshop import Workshop, case, of, one, told, transition

pytestmark = pytest.mark.schema("console")
Stories = dict[str, tuple[str, str, str, dict[str, Any]]]
AT = "2026-02-27T09:00:00Z"
TALK = {"conversation_id": "talk", "planned_for": AT, "channel": "video", "state": "planned"}
HELD = {**TALK, "conversation_id": "held", "state": "held", "held_at": AT, "attendees": []}
BEGUN: dict[str, Any] = {
    "csm": "ana", "state": "conversation", "conversations": [HELD], "plan": {}, "expectations": [], "stakeholders": [],
    "reviews": [], "progress": [], "failure": None, "exception": None,
}  # fmt: skip
EXCEPTION = {"asked_by": "ana", "asked_at": AT, "attempts": [], "why": "They never answer"}
FAILED = {"ground": "time_frame_over", "cause": "low_adoption", "by": "ana", "at": AT, "why": "Everything was tried"}
BOTH = [
    {"expectation_id": side, "side": side, "kind": "outcome", "text": "Soon", "author": "x", "added_at": AT}
    for side in ("us", "customer")
]
REVIEW = {"team": "legal", "standing": "waiting", "since": AT, "due_on": "2026-03-09"}
DONE: dict[str, Any] = {"stopped": [], "reached": [], "over_at": None, "post_mortem": None, "referral": None}
OPENED: dict[str, Any] = {**DONE, "csm": "ana", "announced": None, "notice": None, "talk": None, "approval": None}
TIMELINE = {"parts": {"timeline": {"last_day": "2026-06-30", "time_needed_days": 30, "milestones": []}}}
APPROVAL = {"version": 2, "content_hash": "0" * 64, "by": "eva", "at": AT}

# Whose, what is asked of them first, by which form.
CASES: Stories = {
    "conversation": ("ana", "Arrange a candid conversation", "schedule_conversation", {"conversations": []}),
    "planned": ("ana", "Hold the candid conversation", "record_conversation-talk", {"conversations": [TALK]}),
    "expects": ("ana", "Record what both sides expect", "add_expectation", {}),
    "player": ("ana", "Bring in an executive", "add_stakeholder", {"expectations": BOTH}),
    "drafting": ("ana", "Draft a joint plan", "apply_playbook", {"expectations": BOTH, "exception": {
        **EXCEPTION, "allowed_by": "mo", "allowed_at": AT, "manager_says": "Go on"}}),
    "exception": ("mo", "Decide about going on", "approve_exception", {"exception": EXCEPTION}),
    "failed": ("ana", "Decide how it goes on", "propose_transition", {"state": "failed", "failure": FAILED}),
}  # fmt: skip
ASKED = {"state": "in_review", "written_on": False}
ARRANGED = {"planned_for": AT, "channel": "video", "speakers": ["ana"], "contacts": ["carla"]}
AGREED = {**ASKED, "reviews": [{**REVIEW, "standing": "approved", "by": "lea"}]}
TRANSITIONS: Stories = {
    "writing": ("ana", "Write the transition plan: contract", "write_contracts", {"state": "draft", **TIMELINE}),
    "review": ("lea", "Review the transition for legal", "give_review-legal", {**ASKED, "reviews": [REVIEW]}),
    "late review": (
        "lea",
        "Review the transition for legal",
        "give_review-legal",
        {**ASKED, "state": "approved", "approval": APPROVAL, "reviews": [REVIEW]},
    ),
    "approval": ("eva", "Approve the transition", "approve_plan", AGREED),
    "put_off": ("ana", "Put off the talk", "record_talk", {**ASKED, "reviews": [REVIEW], "talk": ARRANGED}),
    "talk": ("ana", "Arrange the talk", "arrange_talk", {"state": "approved", "approval": APPROVAL}),
}


@pytest.mark.parametrize(
    ("story", "page"), [*((one, "cases") for one in CASES), *((one, "transitions") for one in TRANSITIONS)]
)
async def test_what_is_asked_leads_to_the_form_that_does_it(pool: Pool, story: str, page: str) -> None:
    who, says, form, changes = (CASES | TRANSITIONS)[story]
    bench = Workshop(pool)
    await bench.tell(
        one("eva", "executive"), one("mo", "manager"), one("ana", "csm", manager="mo"),
        one("lea", "reviewer", teams=["legal"]), of("acme", "ana"),
        subject(page, changes),
    )  # fmt: skip
    browser = await bench.browser_of(who)
    today = (await browser.get("/")).text
    asked = f'href="/{page}/it#act-{form}-form">{says}'
    assert asked in today
    there = (await browser.get(f"/{page}/it")).text
    assert f'id="act-{form}-form"' in there, "the form is where the link leads"
    assert f'<a href="#act-{form}-form">{says}' in there, "what is next leads to it as well"


def subject(page: str, changes: dict[str, Any]) -> Any:
    """Return the case or the transition, as it was told."""
    if page == "cases":
        return case("CaseUpdated", "acme", "it", **{**BEGUN, **changes})
    return transition("TransitionChanged", "acme", "it", **{**OPENED, **changes})


async def test_while_an_ending_is_written_its_plan_is_asked_for_and_no_longer_a_conversation(pool: Pool) -> None:
    bench = Workshop(pool)
    unheld = case("CaseUpdated", "acme", "tried", **{**BEGUN, "conversations": []})
    ending = {**OPENED, **TIMELINE, "case_id": "tried", "state": "draft"}
    await bench.tell(one("ana", "csm"), of("acme", "ana"), unheld,
                     transition("TransitionChanged", "acme", "it", **ending))  # fmt: skip
    ana = await bench.browser_of("ana")
    today, seen = (await ana.get("/")).text, (await ana.get("/cases/tried")).text
    assert "Write the transition plan" in today
    assert "Arrange a candid conversation" not in today
    assert 'It goes on with <a href="/transitions/it">' in seen
    assert "Arrange a candid conversation</a>" not in seen
    await bench.tell(transition("TransitionChanged", "acme", "it", **{**ending, "revision": 99, "state": "withdrawn"}))
    assert "Arrange a candid conversation" in (await ana.get("/")).text


async def test_case_whose_ending_was_announced_in_an_emergency_says_so_and_may_still_be_saved(pool: Pool) -> None:
    """By which the ending is withdrawn, as its form says; nothing is done at the plan any more."""
    bench = Workshop(pool)
    begun = subject("cases", {"expectations": BOTH, "ending": None})
    await bench.tell(one("ana", "csm"), one("eva", "executive"), of("acme", "ana"), begun)
    ana, eva = await bench.browser_of("ana"), await bench.browser_of("eva")
    assert "act-propose_in_emergency-form" in (await eva.get("/cases/it")).text
    assert "act-apply_playbook-form" in (await ana.get("/cases/it")).text
    under_way = {**OPENED, "case_id": "it", "state": "draft"}
    await bench.tell(transition("TransitionOpened", "acme", "t", **under_way))
    seen = (await ana.get("/cases/it")).text
    assert "affected teams have reviewed the transition" in seen.lower()
    assert "act-propose_in_emergency-form" not in (await eva.get("/cases/it")).text, "one is enough"
    announced = BY_TYPE["TransitionAnnounced"].content["transition"]["announced"]
    told = {
        **under_way,
        "announced": {**announced, "at": AT},
        "approval": APPROVAL,
        "state": "announced",
        "revision": 99,
    }
    await bench.tell(
        subject("cases", {"expectations": BOTH, "announced_at": AT, "revision": 99, "ending": None}),
        transition("TransitionAnnounced", "acme", "t", **told),
    )
    seen = (await ana.get("/cases/it")).text
    assert "<strong>The end is announced</strong> since 27 Feb 2026" in seen
    assert "The customer is saved: their ending is withdrawn, and whoever heard of it is told" in seen
    assert "Announced on 27 Feb 2026" in seen
    assert "An executive approved it on 27 Feb 2026" in seen
    objected = {**told, "approval": None, "revision": 100}
    await bench.tell(transition("ObjectionRaised", "acme", "t", **objected))
    assert "Announced on 27 Feb 2026" in (await ana.get("/cases/it")).text, "whatever is said of it since"
    for form in ("apply_playbook", "declare_failed"):
        assert f"act-{form}-form" not in seen


async def test_what_somebody_else_has_to_do_is_said_and_leads_nowhere(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("mo", "manager"), one("ana", "csm", manager="mo"), of("acme", "ana"),
                     subject("cases", {"exception": EXCEPTION}))  # fmt: skip
    there = (await (await bench.browser_of("ana")).get("/cases/it")).text
    assert "<strong>Decide about going on without an executive</strong>" in there
    assert "act-approve_exception" not in there


async def test_reasons_are_dated_because_the_score_beside_them_may_be_of_later(pool: Pool) -> None:
    bench = Workshop(pool)
    told_at, scored_at = "2026-02-24T08:00:00Z", "2026-03-01T10:00:00Z"
    await bench.tell(
        one("ana", "csm", time_zone="UTC"), of("acme", "ana"), subject("cases", {"episode_id": "e-1"}),
        told("RiskDetected", "acme", occurred_at=told_at), told("HealthScored", "acme", occurred_at=scored_at),
    )  # fmt: skip
    ana = await bench.browser_of("ana")
    customer, seen = await ana.read("/customers/acme"), await ana.read("/cases/it")
    assert "As it was told on 24 Feb 2026, 08:00" in customer
    assert "as computed on 1 Mar 2026, 10:00" in customer
    assert "as they were told on 24 Feb 2026, 08:00" in seen
    await bench.tell(told("RiskCleared", "acme"))
    assert "The risk is over" in await ana.read("/cases/it")


@pytest.mark.parametrize("how", ["dismissed", "saved"])
async def test_risk_whose_case_was_closed_is_asked_about_again_once_something_new_is_told(pool: Pool, how: str) -> None:
    bench = Workshop(pool)
    ending = {"how": how, "at": "2026-02-26T10:00:00Z", "by": "ana", "why": "They only moved house"}
    await bench.tell(
        one("ana", "csm"), of("acme", "ana", name="Acme Ltd"),
        told("RiskDetected", "acme", severity="risk", occurred_at="2026-02-24T08:00:00Z"),
        subject("cases", {"state": how, "ending": ending}),
    )  # fmt: skip
    ana = await bench.browser_of("ana")
    assert "Look at the risk" not in await ana.read("/")
    await bench.tell(told("RiskUpdated", "acme", severity="risk", occurred_at="2026-02-28T08:00:00Z"))
    assert "Look at the risk: no case is open" in await ana.read("/")


async def test_whoever_has_left_leaves_what_they_had_to_their_manager(pool: Pool) -> None:
    """A customer who is watched, a decision, and whoever a manager led who has left as well."""
    bench = Workshop(pool)
    await bench.tell(
        one("mona", "manager"), one("mo", "manager", manager="mona", active=False),
        one("ana", "csm", manager="mona", active=False), one("ben", "csm", manager="mo"), one("max", "manager"),
        of("acme", "ana", name="Acme Ltd"), of("borg", "ben", name="Borg Ltd"), of("calm", "ana", name="Calm Ltd"),
        told("RiskDetected", "acme", severity="watch"), told("RiskDetected", "borg", severity="watch"),
        case("CaseUpdated", "calm", "it", **{**BEGUN, "exception": EXCEPTION}),
    )  # fmt: skip
    mona = await bench.browser_of("mona")
    today = await mona.read("/")
    for name in ("Acme Ltd", "Borg Ltd", "Calm Ltd"):
        assert name in today.partition("Customers who need your team")[2].partition("What happened")[0], name
    assert "Keep an eye on it " in today, "whether its score is falling, its reasons say"
    assert "Decide about going on without an executive" in today
    assert "Acme Ltd" not in (await mona.read("/?of=me")).partition("What happened")[0]
    assert "No customer needs you now" in await (await bench.browser_of("max")).read("/")
    player = {"stakeholder_id": "p", "side": "customer", "person_id": "pia", "role": "main", "added_at": AT}
    await bench.tell(subject("cases", {"stakeholders": [player], "revision": 99}))
    assert "1 player named, no view recorded" in await (await bench.browser_of("mona")).read("/cases/it")


async def test_what_a_customers_contact_did_is_told_by_their_name(pool: Pool) -> None:
    bench = Workshop(pool)
    contacts = [{"contact_id": "boss", "name": "Bo Ss", "role": "executive"}]
    others = [{"contact_id": "boss", "name": "Another Boss", "role": "executive"}]
    await bench.tell(
        one("ana", "csm"), of("acme", "ana", contacts=contacts), of("borg", "ana", contacts=others),
        told("DecisionRecorded", "acme", by="boss", occurred_at=AT),
    )  # fmt: skip
    ana = await bench.browser_of("ana")
    assert "Another Boss" not in await ana.read("/"), "ids of contacts are each customer's own"
    for page in ("/", "/customers/acme", "/customers/acme/record.csv"):
        assert "Bo Ss" in await ana.read(page), page


async def test_whom_nobody_named_yet_leads_to_where_they_are_named(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"), subject("cases", {"conversations": []}))
    there = (await (await bench.browser_of("ana")).get("/cases/it")).text
    assert 'There is nobody to choose from yet: <a href="#act-add_stakeholder-form">' in there
    assert 'id="act-add_stakeholder-form"' in there


@pytest.mark.parametrize(("missed", "says"), [(0, True), (1, False)])
async def test_ledger_of_nothing_is_a_sentence(pool: Pool, missed: int, says: bool) -> None:
    nothing = dict.fromkeys(BY_TYPE["CaseUpdated"].content["case"]["ledger"]["us"], 0)
    ledger = {"us": {**nothing, "side": "us"}, "customer": {**nothing, "side": "customer", "meetings_missed": missed}}
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"), subject("cases", {"ledger": ledger}))
    page = await (await bench.browser_of("ana")).read("/cases/it")
    assert ("Nobody has promised anything yet" in page) is says
    assert ("Meetings missed" in page) is not says
