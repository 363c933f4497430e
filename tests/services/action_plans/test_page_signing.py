"""The customer answers on its page: with a code from its mail for the very content it has seen, once."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from services.action_plans.page import codes
from tests.services.action_plans.guest import Guest, field_of, invited, site
from tests.services.action_plans.test_page import offered
from tests.services.action_plans.workshop import Bench

Pool = Any
MINUTE = timedelta(minutes=1)


async def asked(pool: Pool, contact: str = "carla") -> tuple[Bench, Guest]:
    """Return a contact who has asked for a code."""
    bench, _ = await offered(pool)
    guest = await invited(bench, contact=contact)
    await guest.look()
    await guest.send("code")
    return bench, guest


async def other_than(guest: Guest) -> str:
    """Return a code that is not the one that was mailed."""
    return f"{(int(await guest.code()) + 1) % 10**6:06}"


async def released(bench: Bench) -> list[dict[str, Any]]:
    return await bench.published("releases.v1")


async def test_code_goes_to_the_contact_and_nowhere_else(pool: Pool) -> None:
    bench, guest = await asked(pool)
    (message,) = await released(bench)
    assert (message["contact_id"], message["template"], message["customer_id"]) == ("carla", "signing_code", "acme")
    code = field_of(message, "code")
    assert len(code) == 6
    assert code.isdecimal()
    tables = await bench.pool.fetch(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'action_plans' AND table_name <> 'outbox'"
    )
    for (table,) in tables:
        rows = await bench.pool.fetch(f"SELECT t::text FROM {table} t")
        assert [row for row in rows if f'"{code}"' in row[0] or guest.token in row[0]] == [], table
    assert code not in json.dumps(await bench.published())
    assert code not in guest.text


async def test_code_signs_and_the_plan_is_agreed_once_both_have(pool: Pool) -> None:
    bench, guest = await asked(pool)
    answer = await guest.send("sign", code=await guest.code())
    assert answer.status_code == 200
    assert "You have signed this version" in guest.words
    assert "signed by Carla Main" in guest.words
    waiting = (await bench.case()).plan.proposed
    assert waiting is not None
    (acceptance,) = waiting.acceptances
    assert (acceptance.side, acceptance.person_id, acceptance.proof is None) == ("customer", "carla", False)
    await bench.done("SignPlan", content_hash=waiting.content_hash)
    case = await bench.case()
    assert case.state == "reviewing"
    assert case.reviews
    types = [kind for kind in await bench.types() if kind in {"PlanSigned", "PlanAgreed"}]
    assert types == ["PlanSigned", "PlanSigned", "PlanAgreed"]
    row = await bench.pool.fetchrow("SELECT by, details FROM record WHERE kind = 'PlanSigned' ORDER BY number LIMIT 1")
    assert row is not None
    assert row["by"] == "carla"
    assert json.loads(row["details"])["link_id"] == guest.link_id


async def test_code_may_be_typed_with_blanks(pool: Pool) -> None:
    _, guest = await asked(pool)
    code = await guest.code()
    await guest.send("sign", code=f" {code[:3]} {code[3:]}\n")
    assert "You have signed this version" in guest.words


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\uff11" * 6, "0x1234", "\u0661" * 6])
async def test_what_is_no_code_costs_no_attempt(pool: Pool, typed: str) -> None:
    bench, guest = await asked(pool)
    answer = await guest.send("sign", code=typed)
    assert answer.status_code == 422
    assert "six digits" in guest.words
    assert await bench.pool.fetchval("SELECT attempts FROM codes") == 0


async def test_fifth_wrong_code_makes_the_right_one_useless(pool: Pool) -> None:
    bench, guest = await asked(pool)
    wrong = await other_than(guest)
    for _ in range(4):
        assert (await guest.send("sign", code=wrong)).status_code == 422
        assert "That is not the code" in guest.words
    await guest.send("sign", code=wrong)
    assert "typed wrongly 5 times" in guest.words
    await guest.send("sign", code=await guest.code())
    assert "No code is good any more" in guest.words
    assert (await bench.case()).plan.proposed.acceptances == ()  # type: ignore[union-attr]


async def test_wrong_codes_at_the_same_time_are_all_counted(pool: Pool) -> None:
    bench, guest = await asked(pool)
    wrong = await other_than(guest)
    await asyncio.gather(*(guest.send("sign", code=wrong, **guest.hidden()) for _ in range(5)))
    rows = await bench.pool.fetch("SELECT attempts, used_at IS NULL FROM codes")
    assert [tuple(row) for row in rows] == [(5, False)]


async def test_code_is_good_for_fifteen_minutes(pool: Pool) -> None:
    bench, guest = await asked(pool)
    (message,) = await released(bench)
    bench.now += codes.LIFE
    assert message["expires_at"] == bench.now.isoformat().replace("+00:00", "Z")
    await guest.send("sign", code=await guest.code())
    assert "No code is good any more" in guest.words


async def test_code_is_spent_by_the_signature(pool: Pool) -> None:
    bench, guest = await asked(pool)
    await guest.send("sign", code=await guest.code())
    assert await bench.pool.fetchval("SELECT used_at FROM codes") == bench.now


async def test_signing_twice_signs_once(pool: Pool) -> None:
    bench, guest = await asked(pool)
    sent = guest.hidden() | {"code": await guest.code()}
    answers = await asyncio.gather(*(guest.send("sign", **sent) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await bench.types()).count("PlanSigned") == 1


async def test_version_proposed_meanwhile_is_not_signed_unseen(pool: Pool) -> None:
    bench, guest = await asked(pool)
    code = await guest.code()
    await bench.done("EditCommitment", commitment_id="c-them", what="Twice as much.")
    await bench.done("ProposePlan")
    answer = await guest.send("sign", code=code)
    assert answer.status_code == 409
    assert "no longer waits for an answer" in guest.words
    assert "Twice as much." in guest.words
    assert (await bench.case()).plan.proposed.acceptances == ()  # type: ignore[union-attr]
    await guest.send("sign", code=code)
    assert "No code is good any more" in guest.words, "the code was for the content that was seen then"


async def test_code_of_another_link_signs_nothing(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    carla, eddy = [await invited(bench, contact=contact, app=app) for contact in ("carla", "eddy")]
    for guest in (carla, eddy):
        await guest.look()
        await guest.send("code")
    codes_by_contact = {one["contact_id"]: field_of(one, "code") for one in await released(bench)}
    if codes_by_contact["carla"] != codes_by_contact["eddy"]:
        await eddy.send("sign", code=codes_by_contact["carla"])
        assert "That is not the code" in eddy.words


async def test_second_person_of_the_customer_does_not_sign_again(pool: Pool) -> None:
    bench, carla = await asked(pool)
    eddy = await invited(bench, contact="eddy")
    await eddy.look()
    await carla.send("sign", code=await carla.code())
    answer = await eddy.send("code")
    assert answer.status_code == 409
    assert len(await released(bench)) == 1


async def test_another_code_makes_the_former_one_useless(pool: Pool) -> None:
    bench, guest = await asked(pool)
    first = await guest.code()
    bench.now += codes.PAUSE
    await guest.send("code")
    second = await guest.code()
    if first != second:
        await guest.send("sign", code=first)
        assert "That is not the code" in guest.words
    await guest.send("sign", code=second)
    assert "You have signed this version" in guest.words


async def test_asking_twice_in_a_minute_mails_one_code(pool: Pool) -> None:
    bench, guest = await asked(pool)
    await asyncio.gather(*(guest.send("code", **guest.hidden()) for _ in range(3)))
    assert len(await released(bench)) == 1


async def test_five_codes_a_day_and_no_more(pool: Pool) -> None:
    bench, guest = await asked(pool)
    for _ in range(5):
        bench.now += codes.PAUSE
        answer = await guest.send("code")
    assert answer.status_code == 429
    assert "5 codes were mailed within a day" in guest.words
    assert len(await released(bench)) == 5
    bench.now += codes.DAY
    assert (await guest.send("code")).status_code == 200


async def test_contact_without_an_address_is_told_so(pool: Pool) -> None:
    bench, _ = await offered(pool)
    bench.now += MINUTE
    contacts = [{"contact_id": "carla", "name": "Carla Main", "role": "main"}]
    await bench.tell_customer(contacts=contacts)
    guest = await invited(bench)
    await guest.look()
    answer = await guest.send("code")
    assert answer.status_code == 409
    assert "no mail address of yours" in guest.words
    assert await released(bench) == []


async def test_version_whose_time_is_over_is_not_signed_and_the_page_says_so(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    bench.now += timedelta(days=80)
    await guest.look()
    await guest.send("code")
    answer = await guest.send("sign", code=await guest.code())
    assert answer.status_code == 409
    assert "The time of this version is over" in guest.words
    assert (await bench.case()).plan.proposed.acceptances == ()  # type: ignore[union-attr]


async def test_refusing_is_kept_in_the_customer_s_words_with_the_code_that_proves_it(pool: Pool) -> None:
    bench, guest = await asked(pool)
    await guest.send("refuse", why="Too much for us.\r\nWe have two people.", code=await guest.code())
    assert "was not accepted" in guest.words
    assert "Too much for us. We have two people." in guest.words
    refusal = (await bench.case()).plan.proposed.refusal  # type: ignore[union-attr]
    assert refusal is not None
    assert (refusal.person_id, refusal.why) == ("carla", "Too much for us.\nWe have two people.")
    code = await bench.pool.fetchrow("SELECT code_id, used_at FROM codes")
    assert code is not None
    assert (refusal.proof, bench.now) == tuple(code)
    assert "PlanRefused" in await bench.types()


async def test_whoever_has_the_link_alone_does_not_refuse_for_the_customer(pool: Pool) -> None:
    """A refusal is a ground for ending, and our own people make the links."""
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    assert "Do not accept" not in guest.words
    for code in ("", "123456"):
        assert (await guest.send("refuse", why="No.", code=code)).status_code == 422
    await guest.send("code")
    assert (await guest.send("refuse", why="No.", code=await other_than(guest))).status_code == 422
    assert "That is not the code" in guest.words
    assert "No." in guest.words, "what was written is not lost"
    assert "PlanRefused" not in await bench.types()


async def test_refusing_needs_a_reason_and_the_version_seen(pool: Pool) -> None:
    bench, guest = await asked(pool)
    code = await guest.code()
    assert (await guest.send("refuse", why=" ", code=code)).status_code == 422
    await bench.done("EditCommitment", commitment_id="c-them", what="Half as much.")
    await bench.done("ProposePlan")
    await guest.look()
    assert (await guest.send("refuse", content_hash="0" * 64, why="No", code=code)).status_code == 409
    assert (await guest.send("refuse", why="No", code=code)).status_code == 422
    assert "No code is good any more" in guest.words, "the code was for the content that was seen then"
    assert (await bench.case()).plan.proposed.refusal is None  # type: ignore[union-attr]


async def test_refusing_twice_refuses_once(pool: Pool) -> None:
    bench, guest = await asked(pool)
    sent = guest.hidden() | {"why": "No.", "code": await guest.code()}
    answers = [await guest.send("refuse", **sent) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {200}
    assert (await bench.types()).count("PlanRefused") == 1


async def test_nothing_is_signed_once_the_case_was_declared_failed(pool: Pool) -> None:
    """And the page says nothing of that."""
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await bench.pass_time(timedelta(days=4))
    for ago in (1, 2, 3):
        await bench.done("RecordUnansweredOffer", on=bench.now.date() - timedelta(days=ago), how="By mail")
    await bench.done("DeclareFailed", why="SENTINEL", cause="low_adoption")
    assert (await guest.send("code")).status_code == 409
    assert (await guest.send("refuse", why="No.", code="123456")).status_code == 409
    assert await released(bench) == []
    await guest.look()
    assert "Version 1 was proposed" in guest.words
    assert "SENTINEL" not in guest.text
    assert "fail" not in guest.words.lower()
