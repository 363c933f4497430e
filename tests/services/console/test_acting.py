"""What people do: asked for in their name, answered on the page, and nothing typed is lost. On a real database."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.console.page.acting.field import next_morning
from shared import actors
from shared.contracts.topics import TOPICS, Topic
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.workshop import NOW, SEED, Browser, Workshop, case, of, one, words

pytestmark = pytest.mark.schema("console")

PLAYER = BY_TYPE["CaseUpdated"].content["case"]["stakeholders"][0]["stakeholder_id"]
FORM = "/cases/c-acme/forms/schedule_conversation"
TYPED = {"planned_for": "2026-03-05T10:00", "channel": "video", "invited": PLAYER}
BEGUN = {"state": "at_risk", "csm": "ana", "ending": None, "failure": None, "revision": 3}


async def opened(pool: Pool) -> tuple[Workshop, Browser]:
    """Return the console with a case of ana's, and ana's browser."""
    bench = Workshop(pool)
    await bench.tell(
        one("mo", "manager"),
        one("ana", "csm", manager="mo", time_zone="Europe/Berlin"),
        one("ben", "csm"),
        one("sue", "csm"),
        of("acme", "ana", executive_sponsor="sue"),
        case("CaseUpdated", "acme", "c-acme", **BEGUN),
    )
    return bench, await bench.browser_of("ana")


async def ask(browser: Browser, form: str = FORM, **fields: str) -> Any:
    """Send a form as the page's script does; returns the answer."""
    shown = (await browser.get(form)).text
    hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', shown))
    headers = {"sec-fetch-site": "same-origin", "x-part": "1"}
    return await browser.http.post(form, data={**hidden, **fields}, headers=headers)


def answer(kind: str, command_id: str, **more: Any) -> tuple[Topic, bytes]:
    """Return an answer of action_plans to a command."""
    body = {
        "type": kind, "event_id": str(uuid4()), "source": "action_plans", "occurred_at": NOW.isoformat(),
        "customer_id": "acme", "command_id": command_id, "correlation_id": command_id, "causation_id": command_id,
        **more,
    }  # fmt: skip
    return TOPICS["action_plans.answers.v1"], json.dumps(body).encode()


def accepted(command_id: str) -> tuple[Topic, bytes]:
    """Return that a command was carried out."""
    return answer("CommandAccepted", command_id, subject_id="c-acme", revision=4)


def refused(command_id: str, code: str, title: str, *unmet: str) -> tuple[Topic, bytes]:
    """Return that a command was refused."""
    return answer("CommandRejected", command_id, problem={"code": code, "title": title, "unmet": unmet})


async def sent(bench: Workshop) -> list[dict[str, Any]]:
    """Return the commands that were written for other services."""
    rows = await bench.pool.fetch("SELECT body FROM outbox WHERE topic LIKE '%.commands.v1' ORDER BY id")
    return [json.loads(row["body"]) for row in rows]


async def test_what_somebody_asks_for_is_sent_in_their_name_and_proves_who_asks(pool: Pool) -> None:
    _, ana = await opened(pool)
    found = await ask(ana, **TYPED)
    assert "Saving" in found.text
    row = await pool.fetchrow("SELECT topic, key, headers, body FROM outbox")
    assert row is not None
    assert (row["topic"], row["key"]) == ("action_plans.commands.v1", "acme")
    said = json.loads(row["body"])
    assert said["planned_for"] == "2026-03-05T09:00:00Z"  # ten o'clock where she is
    assert (said["case_id"], said["invited"], said["conversation_id"]) == ("c-acme", [PLAYER], said["event_id"])
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED)).public_key()
    token = json.loads(row["headers"])[actors.HEADER]
    proved = actors.verify(
        token, {"console": key}, command_id=said["event_id"], body=row["body"], appended_at=datetime.now(UTC)
    )
    assert proved == "ana"


async def test_a_refusal_stands_beside_the_form_with_its_reasons_and_what_was_typed(pool: Pool) -> None:
    bench, ana = await opened(pool)
    await ask(ana, **TYPED)
    (asked,) = await sent(bench)
    await bench.tell(refused(asked["event_id"], "in_the_past", "A meeting is planned for later.", "it is ahead"))
    page = (await ana.get("/cases/c-acme")).text
    assert "A meeting is planned for later." in words(page)
    assert "It is ahead" in words(page)
    assert 'value="2026-03-05T10:00"' in page


async def test_what_was_accepted_is_said_and_not_kept_as_a_draft(pool: Pool) -> None:
    bench, ana = await opened(pool)
    await ask(ana, **TYPED)
    (asked,) = await sent(bench)
    await bench.tell(accepted(asked["event_id"]))
    page = (await ana.get("/cases/c-acme")).text
    assert "Done: schedule a candid conversation" in words(page)
    assert 'value="2026-03-05T10:00"' not in page
    assert await bench.rows("drafts") == []


async def test_what_was_typed_since_is_kept_when_the_answer_comes(pool: Pool) -> None:
    bench, ana = await opened(pool)
    await ask(ana, **TYPED)
    await ana.post(f"{FORM}/draft", planned_for="2026-03-09T11:00")
    (asked,) = await sent(bench)
    await bench.tell(accepted(asked["event_id"]))
    assert 'value="2026-03-09T11:00"' in (await ana.get(FORM)).text


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        ("2026-03-02T09:00+00:00", "2026-03-03T10:00"),
        ("2026-03-05T23:30+00:00", "2026-03-09T10:00"),  # a Friday already where she is
        ("2026-03-06T09:00+00:00", "2026-03-09T10:00"),
        ("2026-03-07T09:00+00:00", "2026-03-09T10:00"),
        ("2026-03-08T09:00+00:00", "2026-03-09T10:00"),
    ],
)
def test_talk_is_proposed_for_the_next_morning_that_is_no_weekend(now: str, proposed: str) -> None:
    assert next_morning(datetime.fromisoformat(now), "Europe/Madrid") == (proposed,)


async def test_what_was_kept_on_its_way_while_it_was_asked_for_is_no_draft(pool: Pool) -> None:
    """The last keeping of a form may arrive after the form itself, before or after its answer."""
    bench, ana = await opened(pool)
    await ask(ana, **TYPED)
    (asked,) = await sent(bench)
    late = {**TYPED, "planned_for": "2026-03-04T08:00", "command_id": asked["event_id"]}
    await ana.post(f"{FORM}/draft", **late)
    await bench.tell(accepted(asked["event_id"]))
    await ana.post(f"{FORM}/draft", **late)
    assert await bench.rows("drafts") == []


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(pool: Pool) -> None:
    bench, ana = await opened(pool)
    found = await ask(ana, planned_for="soon", channel="")
    assert found.status_code == 422
    assert re.search(r'id="act-schedule_conversation-planned_for-wrong">Please give a day and a time', found.text)
    assert re.search(r'id="act-schedule_conversation-channel-wrong">Please choose one', found.text)
    assert 'value="soon"' in found.text
    assert await sent(bench) == []


async def test_text_that_is_too_long_is_told_how_much_too_long_in_words(pool: Pool) -> None:
    bench, ana = await opened(pool)
    form = FORM.replace("schedule_conversation", "add_expectation")
    found = await ask(ana, form, side="customer", kind="outcome", text="x" * 4010, author=PLAYER)
    assert 'text-wrong">Please shorten it: 4010 characters are 10 too many.' in found.text
    assert await sent(bench) == []


async def test_playbook_that_fits_best_is_offered_first_as_the_page_says(pool: Pool) -> None:
    bench, ana = await opened(pool)
    fits = [{"playbook": "falling_usage", "title": "They use it less", "why": ["So"]},
            {"playbook": "unpaid_invoices", "title": "Invoices stay unpaid", "why": ["So", "And so"]}]  # fmt: skip
    drafting: dict[str, Any] = {**BEGUN, "revision": 4, "plan": {}, "suggestions": fits}
    await bench.tell(case("CaseUpdated", "acme", "c-acme", **drafting))
    shown = (await ana.get("/cases/c-acme/forms/apply_playbook")).text
    assert re.search(r'<option value="unpaid_invoices" selected>', shown)
    assert shown.index("unpaid_invoices") < shown.index("falling_usage")


async def test_typed_text_is_there_again_after_the_page_was_left_and_for_its_writer_alone(pool: Pool) -> None:
    bench, ana = await opened(pool)
    await ana.post("/cases/c-acme/forms/add_expectation/draft", text="They want <b>peace</b>", side="customer")
    assert "They want &lt;b&gt;peace&lt;/b&gt;</textarea>" in (await ana.get("/cases/c-acme")).text
    mo = await bench.browser_of("mo")
    assert "They want" not in (await mo.get("/cases/c-acme")).text
    await ana.post("/cases/c-acme/forms/add_expectation/draft", forget="yes")
    assert "They want" not in (await ana.get("/cases/c-acme")).text


@pytest.mark.parametrize(("reader", "status"), [("ana", 204), ("mo", 401), ("", 401)])
async def test_script_of_a_page_that_was_made_for_somebody_else_does_nothing(
    pool: Pool, reader: str, status: int
) -> None:
    """Who logs in where somebody else was logged in does not get what that one goes on typing in an open page."""
    bench, ana = await opened(pool)
    headers = {"sec-fetch-site": "same-origin", "x-part": "1", "x-reader": reader}
    for address in (f"{FORM}/draft", FORM):
        answer = await ana.http.post(address, data={**TYPED, "command_id": str(uuid4())}, headers=headers)
        assert answer.status_code == (status if address != FORM or status == 401 else 200)
    assert bool(await bench.rows("drafts")) == bool(await sent(bench)) == (reader == "ana")


async def test_script_is_told_that_the_session_is_over_and_is_led_nowhere(pool: Pool) -> None:
    """It would take the page of logging in for an answer."""
    bench, ana = await opened(pool)
    await ana.post("/logout")
    for address in (f"{FORM}/draft", FORM):
        answer = await ana.http.post(address, data=TYPED, headers={"sec-fetch-site": "same-origin", "x-part": "1"})
        assert (answer.status_code, answer.headers.get("location")) == (401, None)
    assert await bench.rows("drafts") == []


async def test_text_is_kept_in_every_alphabet_as_long_as_it_may_be(pool: Pool) -> None:
    """A browser without a script writes each byte of it as %XX."""
    bench, ana = await opened(pool)
    await bench.tell(case("CaseUpdated", "acme", "c-acme", **{**BEGUN, "state": "conversation", "revision": 4}))
    for letter in ("\N{CYRILLIC SMALL LETTER DE}", "\N{CJK UNIFIED IDEOGRAPH-4E00}", "\N{HANDSHAKE}"):
        await ana.post(f"{FORM}/draft", private_notes=letter * 20_000)
        (draft,) = await bench.rows("drafts")
        assert json.loads(draft["fields"]) == {"private_notes": [letter * 20_000]}


async def test_the_same_form_sent_twice_asks_once(pool: Pool) -> None:
    bench, ana = await opened(pool)
    twice = {**TYPED, "command_id": str(uuid4())}
    await ana.post(FORM, **twice)
    await ana.post(FORM, **twice)
    assert len(await sent(bench)) == 1


@pytest.mark.parametrize("command_id", ["", "x" * 36, "'" * 36, "11111111-1111-4111-8111-11111111111A"])
async def test_what_is_no_id_of_a_command_asks_for_nothing(pool: Pool, command_id: str) -> None:
    bench, ana = await opened(pool)
    answer = await ana.post(FORM, **TYPED, command_id=command_id)
    assert answer.status_code == 404
    assert await sent(bench) == []


async def test_a_conflict_shows_both_and_says_what_was_seen(pool: Pool) -> None:
    bench, ana = await opened(pool)
    form = "/cases/c-acme/forms/draft_plan"
    shown = words((await ana.get(form)).text)
    assert "Save the frame" in shown
    frame = {
        "purpose": "Mine", "starts_on": "2026-03-10", "ends_on": "2026-05-10", "cadence": "weekly",
        "first_review_on": "2026-03-17", "review_hour": "9",
    }  # fmt: skip
    await ask(ana, form, **frame)
    (asked,) = await sent(bench)
    assert asked["expected_revision"] == 3
    said = (
        "conflict",
        "Somebody else changed the case.",
        "expected_revision is 4",
        "seen: PlanDrafted by mo (2026-03-02 10:00 UTC)",
    )
    draft = case("CaseUpdated", "acme", "c-acme", **BEGUN)[1]
    terms = {
        **(json.loads(draft)["case"]["plan"].get("draft") or json.loads(draft)["case"]["plan"]["agreed"]["terms"]),
        "purpose": "Theirs",
    }
    await bench.tell(
        refused(asked["event_id"], *said),
        case("CaseUpdated", "acme", "c-acme", **{**BEGUN, "revision": 4, "plan": {"draft": terms}}),
    )
    page = (await ana.get(form)).text
    assert ">\nMine</textarea>" in page
    assert "There now: Theirs" in words(page)
    assert "Plan drafted by Person mo" in words(page)
    assert 'name="revision" value="4-' in page
    await ask(ana, form, **frame)
    assert (await sent(bench))[-1]["expected_revision"] == 4


async def test_only_what_a_form_itself_shows_is_a_conflict_with_what_was_typed(pool: Pool) -> None:
    """Whoever fills several forms of a page, or works beside others, meets none because of the rest."""
    bench, ana = await opened(pool)
    form = "/cases/c-acme/forms/draft_plan"
    shown = (await ana.get(form)).text
    hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', shown))
    frame = {
        "purpose": "Mine", "starts_on": "2026-03-10", "ends_on": "2026-05-10", "cadence": "weekly",
        "first_review_on": "2026-03-17", "review_hour": "9",
    }  # fmt: skip
    await ana.post(f"{form}/draft", **frame, revision=hidden["revision"])
    felt = {**BEGUN, "sentiments": [{"value": 2, "why": "Tired.", "by": "mo", "at": NOW.isoformat()}], "revision": 7}
    await bench.tell(case("SentimentRecorded", "acme", "c-acme", **felt))
    await ask(ana, form, **frame)
    (asked,) = await sent(bench)
    assert asked["expected_revision"] == 7, "what was seen of the frame is still so"
    await bench.tell(refused(asked["event_id"], "too_large", "It is too large.", "it is smaller"))
    await ask(ana, form, **frame, revision="3")  # as programs say at which revision they looked
    (_, asked) = await sent(bench)
    assert asked["expected_revision"] == 3
    await bench.tell(refused(asked["event_id"], "too_large", "It is too large.", "it is smaller"))
    draft = case("CaseUpdated", "acme", "c-acme", **BEGUN)[1]
    terms = {**json.loads(draft)["case"]["plan"]["agreed"]["terms"], "purpose": "Theirs"}
    await bench.tell(case("PlanDrafted", "acme", "c-acme", **{**felt, "revision": 8, "plan": {"draft": terms}}))
    await ask(ana, form, **frame, revision=hidden["revision"])
    assert (await sent(bench))[-1]["expected_revision"] == 3, "the frame is another than when typing began"


async def test_what_nobody_typed_was_seen_as_the_page_shows_it_now(pool: Pool) -> None:
    """A plan that could not be proposed, and was mended, is proposed as it is."""
    bench, ana = await opened(pool)
    form = "/cases/c-acme/forms/propose_plan"
    draft = case("CaseUpdated", "acme", "c-acme", **BEGUN)[1]
    plan = {"draft": json.loads(draft)["case"]["plan"]["agreed"]["terms"]}
    await bench.tell(case("PlanDrafted", "acme", "c-acme", **{**BEGUN, "revision": 4, "plan": plan}))
    await ask(ana, form)
    (asked,) = await sent(bench)
    assert asked["expected_revision"] == 4
    await bench.tell(
        refused(asked["event_id"], "incomplete", "It is not complete.", "both sides commit to something"),
        case("PlanDrafted", "acme", "c-acme", **{**BEGUN, "revision": 5, "plan": plan}),
    )
    await ask(ana, form)
    assert (await sent(bench))[-1]["expected_revision"] == 5


@pytest.mark.parametrize(
    ("person", "seen"), [("ana", True), ("mo", True), ("sue", False)], ids=["its CSM", "a manager", "its sponsor"]
)
async def test_nobody_is_shown_a_form_for_what_they_may_not_do(pool: Pool, person: str, seen: bool) -> None:
    bench, _ = await opened(pool)
    browser = await bench.browser_of(person)
    assert ("Schedule a candid conversation" in await browser.read("/cases/c-acme")) == seen
    found = await browser.post(FORM, command_id=str(uuid4()), **TYPED)
    assert (found.status_code == 404) != seen
    assert bool(await sent(bench)) == seen


async def test_without_a_key_pages_are_to_read(pool: Pool) -> None:
    bench, _ = await opened(pool)
    quiet = Workshop(pool, actor_seed=None)
    ana = await quiet.browser_of("ana")
    assert "Schedule a candid conversation" not in await ana.read("/cases/c-acme")
    assert (await ana.get(FORM)).status_code == 404
    assert await sent(bench) == []


async def test_a_link_for_the_customer_is_shown_to_its_maker_alone_and_its_token_is_not_sent(pool: Pool) -> None:
    bench, ana = await opened(pool)
    await bench.tell(case("CaseUpdated", "acme", "c-acme", **{**BEGUN, "state": "reviewing", "revision": 5}))
    form = "/cases/c-acme/forms/share_plan"
    contact = re.search(r'<option value="([^"]+)"', (await ana.get(form)).text.partition("contact_id")[2])
    assert contact is not None
    await ask(ana, form, contact_id=contact[1], days="30")
    (asked,) = await sent(bench)
    await bench.tell(accepted(asked["event_id"]))
    (link,) = re.findall(r'href="(http://127.0.0.1:1/p/[^"]+)"', (await ana.get("/cases/c-acme")).text)
    assert link.rpartition("/")[2] not in json.dumps(asked)
    mo = await bench.browser_of("mo")
    assert link not in (await mo.get("/cases/c-acme")).text


async def test_a_plan_that_nobody_has_signed_yet_is_shown_as_waiting_for_both(pool: Pool) -> None:
    bench, ana = await opened(pool)
    plan = BY_TYPE["CaseUpdated"].content["case"]["plan"]
    proposed = {**plan["proposed"], "acceptances": [], "refusal": None}
    waiting = {**BEGUN, "state": "plan", "revision": 5, "plan": {"proposed": proposed, "versions": proposed["number"]}}
    await bench.tell(case("CaseUpdated", "acme", "c-acme", **waiting))
    page = await ana.read("/cases/c-acme")
    assert "Our side: not signed yet" in page
    assert "The customer: not signed yet" in page
    assert "Sign for our side" in page
