"""The shared plan as the customer reads it and writes on it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.action_plans.domain import comment
from services.action_plans.page import acts
from services.action_plans.page.downloads import DOWNLOADS
from services.action_plans.store import links
from tests.services.action_plans.guest import COMPANY, Guest, invited, site
from tests.services.action_plans.steps import DAY, HOUR, proposed, talked, with_players
from tests.services.action_plans.workshop import Bench

Pool = Any


async def offered(pool: Pool) -> tuple[Bench, str]:
    """Return a bench with a version that waits, and its content hash."""
    bench = Bench(pool)
    await bench.announce(name="Acme Industries")
    await bench.risk(text="SENTINEL: usage fell by 41 %.")
    await with_players(bench)
    await talked(bench)
    return bench, await proposed(bench)


async def agreed(pool: Pool) -> Bench:
    """Return a bench with a plan that both sides have signed, the customer on its page."""
    bench, content = await offered(pool)
    await bench.done("SignPlan", content_hash=content)
    guest = await invited(bench)
    await guest.look()
    await guest.send("code")
    await guest.send("sign", code=await guest.code())
    assert (await bench.case()).plan.agreed is not None, guest.words
    return bench


async def test_contact_reads_the_plan_of_both_sides(pool: Pool) -> None:
    bench, content = await offered(pool)
    guest = await invited(bench)
    answer = await guest.look()
    assert answer.status_code == 200
    for said in (
        f"The plan of Acme Industries and {COMPANY}",
        "Half of the team uses the product weekly.",
        "What us expects.",
        "What customer expects.",
        "Implementation usually takes 2 weeks; yours is in its 6th month.",
        "What us does.",
        "What customer does.",
        "Both sides see that it is done.",
        "Tuesday, 17 March 2026",
        "Person ana",
        "Carla Main",
        "Version 1 waits for your answer",
        content,
    ):
        assert said in guest.words, said
    assert "SENTINEL" not in guest.text


async def test_progress_is_shown_of_both_sides_alike(pool: Pool) -> None:
    """Our own misses as plainly as theirs, with what caused them."""
    bench = await agreed(pool)
    await bench.pass_time(timedelta(days=20))
    for id_, cause in (("c-us", "We had nobody who could."), ("c-them", "They had no time.")):
        await bench.done("RecordMissedCommitment", commitment_id=id_, cause=cause, evidence="Nothing was handed over.")
    guest = await invited(bench)
    await guest.look()
    assert guest.words.count("Missed, 6 days") == 2
    assert "We had nobody who could." in guest.words
    assert "They had no time." in guest.words
    assert "Missed 1 1" in guest.words
    assert "Days late, all together 6 6" in guest.words


async def test_what_we_cannot_do_is_shown_once_it_was_told(pool: Pool) -> None:
    bench = await agreed(pool)
    await bench.pass_time(timedelta(days=20))
    await bench.done("RecordUndeliverable", commitment_id="c-us", cause="There is no such feed.")
    guest = await invited(bench)
    await guest.look()
    assert "There is no such feed." not in guest.words
    assert "Cannot be done 0 0" in guest.words
    await bench.done("AcknowledgeUndeliverable", "mo", commitment_id="c-us")
    await bench.pass_time(HOUR)
    await bench.done("RecordUndeliverableTold", commitment_id="c-us", told_at=bench.now)
    await guest.look()
    assert "There is no such feed." in guest.words
    assert "Cannot be done 0 1" in guest.words


async def test_held_review_shows_its_results_and_decisions_in_the_customer_s_time(pool: Pool) -> None:
    bench = await agreed(pool)
    await bench.done("RecordDecision", decision_id="alone", text="SENTINEL: we prepare for the worst.")
    first = (await bench.case()).reviews[0]
    await bench.pass_time(first.planned_for - bench.now + HOUR)
    await bench.done(
        "HoldReview",
        review_id=first.review_id,
        held_at=first.planned_for,
        attendees=["s-main", "s-us"],
        results=[{"commitment_id": "c-us", "status": "open", "note": "Half of it is there."}],
        decided=["We meet in person next week."],
    )
    guest = await invited(bench)
    await guest.look()
    for said in ("Half of it is there.", "We meet in person next week.", "Carla Main, Person ana", "10:00"):
        assert said in guest.words, said
    assert "SENTINEL" not in guest.text


async def test_another_version_shows_what_it_changes_and_which_one_holds(pool: Pool) -> None:
    bench = await agreed(pool)
    await bench.done("EditCommitment", commitment_id="c-us", due_on=bench.now.date() + timedelta(days=21), what="More.")
    await bench.done("ProposePlan")
    guest = await invited(bench)
    await guest.look()
    assert "What changed since version 1" in guest.words
    assert "before: 17 March 2026 now: 24 March 2026" in guest.words
    assert "Until both sides have signed it, version 1 holds." in guest.words
    assert "put off by 7 days since the first agreed version" in guest.words


async def test_comment_and_proposal_are_kept_and_told(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await guest.send("comment", text="Fine with us.")
    await guest.send("change", text="Two weeks more, please.")
    assert "Your proposal is here now" in guest.words
    assert [(one.contact_id, one.text, one.proposes) for one in (await bench.case()).comments] == [
        ("carla", "Fine with us.", False),
        ("carla", "Two weeks more, please.", True),
    ]
    told = [body for body in await bench.published() if body["type"] == "CommentMade"]
    assert [body["by"] for body in told] == ["carla", "carla"]
    details = await bench.pool.fetchval("SELECT details FROM record WHERE kind = 'CommentMade' LIMIT 1")
    assert guest.link_id in details


async def test_form_sent_twice_is_one_comment(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    sent = guest.hidden() | {"text": "Only once."}
    await asyncio.gather(*(guest.send("comment", **sent) for _ in range(3)))
    assert [one.text for one in (await bench.case()).comments] == ["Only once."]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{ 7 * 7 }}", '" onmouseover="x', "&lt;b&gt;", "a\u202eb", "\U0001f600 é"]
)
async def test_markup_in_a_comment_is_text(pool: Pool, text: str) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await guest.send("comment", text=text)
    assert text in guest.words
    assert "<script" not in guest.text
    assert '" onmouseover' not in guest.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (" \r\n ", "is empty"),
        ("x" * 2001, "too long: it has 2,001 characters, and there is room for 2,000"),
        ("a\x00b", "control characters"),
        ("a\x1b[31mb", "control characters"),
    ],
)
async def test_bad_text_is_answered_by_a_sentence_and_shown_again(pool: Pool, text: str, says: str) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    answer = await guest.send("comment", text=text)
    assert answer.status_code == 422
    assert says in guest.words
    assert text.replace("\x00", "").replace("\x1b", "").strip() in guest.text
    assert (await bench.case()).comments == ()


async def test_comments_of_a_day_are_bounded(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "COMMENTS_A_DAY", 2)
    bench, _ = await offered(pool)
    guest = await invited(bench)
    for number in range(3):
        await guest.look()
        answer = await guest.send("comment", text=f"Number {number}")
    assert answer.status_code == 429
    assert len((await bench.case()).comments) == 2
    await bench.pass_time(DAY + HOUR)
    await guest.look()
    assert (await guest.send("comment", text="The next day")).status_code == 200


async def test_comments_never_fill_up_a_case(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the CSM could do nothing with it any more."""
    monkeypatch.setattr(comment, "MOST_BYTES", 10)
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    answer = await guest.send("comment", text="ééééé!")
    assert answer.status_code == 409
    assert "no room for more" in guest.words
    assert (await bench.case()).comments == ()


async def test_access_log_says_who_did_what_and_when(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await guest.send("comment", text="Hello")
    rows = await bench.pool.fetch("SELECT link_id, at, what FROM visits ORDER BY id")
    assert [tuple(row) for row in rows] == [(guest.link_id, bench.now, what) for what in ("open", "comment", "open")]


async def test_page_tells_of_its_own_customer_alone(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await bench.pool.execute(
        "INSERT INTO customers (customer_id, occurred_at, event_id, csm, name, contacts) "
        "VALUES ('other', now(), 'e', 'ana', 'SENTINEL Ltd', $1)",
        '[{"contact_id": "carla", "name": "SENTINEL", "role": "main", "has_address": true}]',
    )
    await bench.pool.execute(
        """
        INSERT INTO cases SELECT 'other-case', 'other', revision, state, open, csm, opened_at, closed_at, bucket,
            next_at, replace(content, 'Half of the team', 'SENTINEL'), chain_number, chain_hash
        FROM cases WHERE customer_id = 'acme'
        """
    )
    await guest.look()
    assert "Half of the team" in guest.words
    assert "SENTINEL" not in guest.text


async def test_every_contact_has_a_page_of_their_own(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    guests: list[Guest] = [await invited(bench, contact=contact, app=app) for contact in ("carla", "eddy")]
    for guest, name in zip(guests, ("Carla Main", "Eddy Executive"), strict=True):
        await guest.look()
        assert f"Shared with {name}" in guest.words


async def test_visits_and_codes_are_forgotten_after_four_hundred_days(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await guest.send("code")
    bench.now += links.KEPT
    async with bench.transaction() as tx:
        assert await links.forget(tx, 100) == 0
    bench.now += timedelta(seconds=1)
    async with bench.transaction() as tx:
        assert await links.forget(tx, 2) == 2
        assert await links.forget(tx, 2) == 1
    kept = await bench.pool.fetch("SELECT link_id FROM visits UNION ALL SELECT link_id FROM codes")
    assert kept == []


@pytest.mark.parametrize("name", [one.name for one in DOWNLOADS])
async def test_documents_are_linked_and_served(pool: Pool, name: str) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    assert f'href="/p/{guest.token}/{name}"' in guest.text
    answer = await guest.http.get(f"/p/{guest.token}/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f"attachment; filename={name}"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) > 500
    assert b"SENTINEL" not in answer.content
    assert await bench.pool.fetchval("SELECT count(*) FROM visits WHERE what = $1", f"download {name}") == 1


async def test_documents_of_a_revoked_link_are_not_served(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await bench.done("RevokeShareLink", link_id=guest.link_id)
    assert (await guest.http.get(f"/p/{guest.token}/{DOWNLOADS[0].name}")).status_code == 404
