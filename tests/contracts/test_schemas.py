"""The JSON Schemas in git say what the code says, and refuse what the code refuses."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from amicable.contract_files import SCHEMAS, check, contract_files, write
from shared.contracts.event import Message
from shared.contracts.plans.facts import FACTS, CaseFact
from shared.contracts.reading import read
from tests.contracts.examples import BY_TYPE, FULL, MINIMAL, Example, body, without

ROOT = Path(__file__).parents[2]


def _schema(example: Example) -> Draft7Validator:
    path = ROOT / SCHEMAS / example.topic.name / f"{example.kind.__name__}.json"
    Draft7Validator.check_schema(_files()[path.as_uri()].contents)
    return Draft7Validator({"$ref": path.as_uri()}, registry=_files())


@cache
def _files() -> Registry[Any]:
    """Return every file under its own address: what is relative in it leads from there, as in an editor."""
    found = ((path.as_uri(), json.loads(path.read_text(encoding="utf-8"))) for path in (ROOT / SCHEMAS).rglob("*.json"))
    return Registry().with_resources((uri, Resource.from_contents(content)) for uri, content in found)


def test_what_many_messages_carry_stands_in_one_file() -> None:
    """Or every fact would repeat the whole case, and a change of it would be 49 changes."""
    texts = {path.stem: text for path, text in contract_files().items() if path.parent == SCHEMAS / "plans.v1"}
    carriers = {name for name, text in texts.items() if '"$ref": "CaseSnapshot.json"' in text}
    facts = {kind.__name__ for kind in FACTS if issubclass(kind, CaseFact)}
    assert carriers == facts
    assert max(len(texts[name]) for name in facts) < 10_000
    assert "definitions" not in json.loads(texts["CaseOpened"])


def test_the_committed_contract_files_are_those_of_the_code() -> None:
    assert check(ROOT) == [], "run `amicable contracts write` and commit"


def test_a_changed_a_missing_and_a_surplus_file_are_found_and_mended(tmp_path: Path) -> None:
    write(tmp_path)
    changed, missing, surplus = (
        SCHEMAS / name for name in ("usage.v1/UsageRecorded.json", "support.v1/TicketOpened.json", "old.v1/Gone.json")
    )
    (tmp_path / changed).write_text("{}", encoding="utf-8")
    (tmp_path / missing).unlink()
    (tmp_path / surplus).parent.mkdir()
    (tmp_path / surplus).write_text("{}", encoding="utf-8")
    assert check(tmp_path) == sorted([changed, missing, surplus])
    write(tmp_path)
    assert check(tmp_path) == []


@pytest.mark.parametrize("example", [*FULL, *MINIMAL], ids=str)
def test_a_golden_event_fits_its_schema(example: Example) -> None:
    assert [error.message for error in _schema(example).iter_errors(example.content)] == []


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("UsageRecorded", {"event_id": ""}, "/event_id"),
    ("UsageRecorded", {"event_id": "x" * 201}, "/event_id"),
    ("UsageRecorded", {"event_id": 7}, "/event_id"),
    ("UsageRecorded", {"event_id": "a\u0000b"}, "/event_id"),
    ("UsageRecorded", {"event_id": "a\u2028b"}, "/event_id"),
    ("UsageRecorded", {"type": "UsageRecordeds"}, "/type"),
    ("UsageRecorded", {"type": None}, "/type"),
    ("UsageRecorded", {"customer_id": None}, "/customer_id"),
    ("UsageRecorded", {"quantity": -0.5}, "/quantity"),
    ("UsageRecorded", {"quantity": 1.1e15}, "/quantity"),
    ("UsageRecorded", {"quantity": "3"}, "/quantity"),
    ("UsageRecorded", {"quantity": True}, "/quantity"),
    ("UsageRecorded", {"colour": "red"}, "/colour"),
    ("UsageRecorded", {"colour": None}, "/colour"),
    ("UsageRecorded", {"occurred_at": "2026-03-02T14:05:09"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": "2026-03-02 14:05:09Z"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": "2026-03-02T14:05:09+0100"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": "2026-03-02T24:00:00Z"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": "2026-03-02T14:05:60Z"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": "2026-03-02T14:05:09+24:00"}, "/occurred_at"),
    ("UsageRecorded", {"occurred_at": 1772460309}, "/occurred_at"),
    ("TicketOpened", {"severity": "High"}, "/severity"),
    ("TicketOpened", {"subject": "bell \u0007"}, "/subject"),
    ("TicketOpened", {"subject": "x" * 20_001}, "/subject"),
    ("SurveyAnswered", {"kind": "nps", "score": 10.5}, "/score"),
    ("SurveyAnswered", {"kind": "nps", "score": -1}, "/score"),
    ("SurveyAnswered", {"kind": "csat", "score": 0}, "/score"),
    ("SurveyAnswered", {"kind": "csat", "score": 6}, "/score"),
    ("SurveyAnswered", {"kind": "ces", "score": 0}, "/score"),
    ("SurveyAnswered", {"kind": "ces", "score": 8}, "/score"),
    ("MeetingHeld", {"with": ""}, "/with"),
    ("MeetingHeld", {"with_": "Paul"}, "/with_"),
    ("MeetingMissed", {"by": "them"}, "/by"),
    ("InvoiceOverdue", {"amount": 12.5}, "/amount"),
    ("InvoiceOverdue", {"amount": True}, "/amount"),
    ("InvoiceOverdue", {"amount": "-1"}, "/amount"),
    ("InvoiceOverdue", {"amount": "1e3"}, "/amount"),
    ("InvoiceOverdue", {"amount": "1_000"}, "/amount"),
    ("InvoiceOverdue", {"amount": " 1"}, "/amount"),
    ("InvoiceOverdue", {"amount": "NaN"}, "/amount"),
    ("InvoiceOverdue", {"amount": "1.1234567"}, "/amount"),
    ("InvoiceOverdue", {"amount": 10**12}, "/amount"),
    ("InvoiceOverdue", {"amount": "\u0661"}, "/amount"),
    ("InvoiceOverdue", {"currency": "eur"}, "/currency"),
    ("InvoiceOverdue", {"due_on": "2026-3-2"}, "/due_on"),
    ("InvoiceOverdue", {"due_on": "2026-03-02T00:00:00Z"}, "/due_on"),
    ("CustomerChanged", {"contacts": {}}, "/contacts"),
    ("CustomerChanged", {"contacts": [{"contact_id": "a", "name": "A", "role": "boss"}]}, "/contacts/0/role"),
    ("CustomerChanged", {"onboarding": {"expected_days": 0, "started_on": "2026-01-01"}}, "/onboarding/expected_days"),
    ("CustomerChanged", {"recurring_revenue": {"amount": "1", "currency": "EUR"}}, "/recurring_revenue/period"),
    ("CustomerChanged", {"contract": {"contract_id": "c", "starts_on": "2026-01-01", "auto_renews": "yes"}},
     "/contract/auto_renews"),
    ("CustomerChanged", {"seats": "85"}, "/seats"),
    ("PersonChanged", {"customer_id": "c"}, "/customer_id"),
    ("PersonChanged", {"email": "Ana <ana@example.com>"}, "/email"),
    ("PersonChanged", {"active": 1}, "/active"),
    ("PersonChanged", {"roles": "csm"}, "/roles"),
    ("HealthBandChanged", {"score": "38.2"}, "/score"),
    ("HealthBandChanged", {"seq": None}, "/seq"),
    ("HealthBandChanged", {"correlation_id": None}, "/correlation_id"),
    ("HealthScored", {"revision": 0}, "/revision"),
    ("HealthScored", {"revision": "1"}, "/revision"),
    ("HealthScored", {"confidence": 1.5}, "/confidence"),
    ("DismissCase", {"expected_revision": -1}, "/expected_revision"),
    ("DismissCase", {"actor": "me"}, "/actor"),
    ("CommandRejected", {"problem": "no"}, "/problem"),
    ("AddCommitment", {"commitment_id": "two words"}, "/commitment_id"),
    ("AddCommitment", {"commitment_id": "-c"}, "/commitment_id"),
    ("AddCommitment", {"commitment_id": "c" * 101}, "/commitment_id"),
    ("AddCommitment", {"commitment_id": "c-\u00e9"}, "/commitment_id"),
    ("AddCommitment", {"what": ""}, "/what"),
    ("AddCommitment", {"what": "x" * 4_001}, "/what"),
    ("AddCommitment", {"side": "them"}, "/side"),
    ("ScheduleConversation", {"invited": ["s"] * 101}, "/invited"),
    ("RecordConversation", {"told_ending_possible": "yes"}, "/told_ending_possible"),
    ("RecordView", {"fit": 6}, "/fit"),
    ("DraftPlan", {"review_hour": 24}, "/review_hour"),
    ("SignPlan", {"content_hash": "ABC"}, "/content_hash"),
    ("HoldReview", {"results": {"c-1": "late"}}, "/results"),
    ("HoldReview", {"results": [{"commitment_id": "c-1", "status": "so-so"}]}, "/results/0/status"),
    ("HoldReview", {"results": [{"commitment_id": "c-1", "status": "late", "by": "us"}]}, "/results/0/by"),
    ("DeclareSaved", {"helped": []}, "/helped"),
    ("CaseOpened", {"case": None}, "/case"),
    ("CaseOpened", {"case": {"case_id": "k"}}, "/case/revision"),
    ("CaseReassigned", {"before": ["jo"]}, "/before"),
    ("PlanFailed", {"statuses": {"c-1": "late"}}, "/statuses"),
    ("EligibilityChanged", {"before": ["x"] * 21}, "/before"),
    ("MessageReleased", {"fields": {"code": "824 113"}}, "/fields"),
    ("MessageReleased", {"fields": [{"name": "code", "text": "a\nb"}]}, "/fields/0/text"),
    ("MessageReleased", {"template": "anything"}, "/template"),
    ("PrivateNoteKept", {"text": "x" * 20_001}, "/text"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "pointer"), BAD, ids=lambda value: str(value)[:60])
def test_a_bad_event_is_refused_by_the_code_with_its_pointer_and_by_the_schema(
    kind: str, change: dict[str, Any], pointer: str
) -> None:
    example = BY_TYPE[kind]
    content = {**example.content, **change}
    refusal = read(example.topic, body(content))
    assert not isinstance(refusal, Message)
    assert getattr(refusal, "pointer", None) == pointer
    assert list(_schema(example).iter_errors(content)) != []


def test_what_stands_apart_is_judged_wherever_it_is_carried() -> None:
    """By every fact of a case as by the case itself: the reference to its file is followed."""
    for example in FULL:
        if "case" not in example.content:
            continue
        content = {**example.content, "case": {**example.content["case"], "state": "open"}}
        assert getattr(read(example.topic, body(content)), "pointer", None) == "/case/state"
        assert [list(error.path) for error in _schema(example).iter_errors(content)] == [["case", "state"]]


@pytest.mark.parametrize("example", MINIMAL, ids=str)
def test_a_missing_field_is_refused_by_the_code_with_its_pointer_and_by_the_schema(example: Example) -> None:
    for name in example.content:
        content = without(example.content, name)
        refusal = read(example.topic, body(content))
        assert (getattr(refusal, "pointer", None), getattr(refusal, "reason", None)) == (f"/{name}", "is required")
        assert list(_schema(example).iter_errors(content)) != []
