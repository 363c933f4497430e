"""Reading is strict where it must be, says what is wrong in one sentence, and never repeats what was sent."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts import topics
from shared.contracts.event import Message
from shared.contracts.fields import moment, moment_from_text
from shared.contracts.plans.facts import CaseDismissed
from shared.contracts.reading import MAX_BODY, Invalid, Unknown, problem, read, read_upstream
from shared.contracts.topics import Kind
from shared.contracts.upstream import PersonChanged
from tests.contracts.examples import BY_TYPE, FULL, MINIMAL, Example, body

SECRET = "Zxq7-secret@example.com"
USAGE = BY_TYPE["UsageRecorded"].content


def test_an_unknown_field_is_refused_with_its_pointer_wherever_input_is_strict() -> None:
    strict = [example for example in FULL if example.topic.kind in {Kind.UPSTREAM, Kind.COMMAND}]
    assert len(strict) == 95
    for example in strict:
        refusal = read(example.topic, body({**example.content, "colour": "red"}))
        assert refusal == Invalid("/colour", "is not a field that is known here"), example


def test_an_unknown_field_deep_inside_is_refused_with_its_pointer() -> None:
    content = BY_TYPE["CustomerChanged"].content
    content["contract"]["clauses"][1]["notice"]["weekday"] = 1
    assert read_upstream(body(content)) == Invalid(
        "/contract/clauses/1/notice/weekday", "is not a field that is known here"
    )


def test_a_domain_event_may_have_fields_and_types_that_are_not_known_yet() -> None:
    for example in FULL:
        if example.topic.kind in {Kind.UPSTREAM, Kind.COMMAND}:
            continue
        assert read(example.topic, body({**example.content, "later": 1})) == read(example.topic, example.body)
        assert read(example.topic, body(_with_more_everywhere(example.content))) == read(example.topic, example.body)
        assert read(example.topic, body({**example.content, "type": "Later"})) == Unknown("Later")


def _with_more_everywhere(part: Any) -> Any:
    """Return the content with a field that is not known yet in every object of it."""
    if isinstance(part, list):
        return [_with_more_everywhere(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {**{name: _with_more_everywhere(one) for name, one in part.items()}, "later": 1}


@pytest.mark.parametrize("example", FULL, ids=str)
def test_no_value_is_coerced_from_another_json_type(example: Example) -> None:
    swaps: dict[type, list[Any]] = {
        str: [1, 1.5, True, ["x"], {"x": 1}],
        int: ["1", True, 1.5, [1]],
        float: ["1.5", True, [1.5]],
        bool: [1, 0, "true", "yes"],
        list: [{}, "x", 1],
        dict: [[], "x", 1],
    }
    tried = 0
    for path, value in _leaves(example.content):
        for other in swaps[type(value)]:
            if path[-1] in {"amount", "net", "tax"} and isinstance(value, str) and other == 1 and other is not True:
                continue  # an amount may be a whole number
            assert not isinstance(read(example.topic, body(_with(example.content, path, other))), Message), (
                path,
                other,
            )
            tried += 1
    assert tried > 10


@pytest.mark.parametrize("example", FULL, ids=str)
def test_null_means_absent_for_every_field_that_may_be_absent(example: Example) -> None:
    fields = [path for path, _ in _leaves(example.content) if isinstance(path[-1], str)]
    for path in fields:
        nulled = read(example.topic, body(_with(example.content, path, None)))
        absent = read(example.topic, body(_with(example.content, path, ...)))
        if isinstance(absent, Message):
            assert nulled == absent, path
        else:
            assert not isinstance(nulled, Message), path


@pytest.mark.parametrize("example", MINIMAL, ids=str)
def test_a_refusal_never_repeats_the_value(example: Example) -> None:
    seen = 0
    for path, _ in _leaves(example.content):
        for wrong in (SECRET + "\0", [SECRET], {SECRET: SECRET}, "x" * 600 + SECRET):
            refusal = read(example.topic, body(_with(example.content, path, wrong)))
            if isinstance(refusal, Invalid):
                seen += 1
                assert SECRET not in str(refusal)
    assert seen > 5
    assert SECRET not in str(read(example.topic, body({**example.content, SECRET: 1})))


@pytest.mark.parametrize(
    ("raw", "pointer", "reason"),
    [
        (None, "", "has no body"),
        (b"", "", "has no body"),
        (b"{", "", "is not JSON in UTF-8: EOF while parsing an object at line 1 column 1"),
        (b'"text"', "", "must be a JSON object"),
        (b"[]", "", "must be a JSON object"),
        (b"\xef\xbb\xbf{}", "", "is not JSON in UTF-8: expected value at line 1 column 1"),
        (b'{"type": "\xff"}', "", "is not JSON in UTF-8: invalid unicode code point at line 1 column 11"),
        (b'{"type": "\\ud800"}', "", "is not JSON in UTF-8: unexpected end of hex escape at line 1 column 17"),
        (b"[" * 5000, "", "is not JSON in UTF-8: recursion limit exceeded at line 1 column 202"),
        (b"{}", "/type", "is required"),
        (b'{"type": 5}', "/type", "must be text"),
        (b" " * (MAX_BODY + 1), "", "has 1,000,001 bytes; the limit is 1,000,000"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_event_is_refused_in_one_sentence(raw: bytes | None, pointer: str, reason: str) -> None:
    assert read(topics.USAGE, raw) == Invalid(pointer, reason)
    assert read_upstream(raw) == Invalid(pointer, reason)


def test_the_reason_names_what_would_be_right() -> None:
    told: list[tuple[str, dict[str, Any], str]] = [
        ("TicketOpened", {"severity": "x"}, "/severity must be 'low', 'normal', 'high' or 'urgent'"),
        ("UsageRecorded", {"quantity": -1}, "/quantity must be at least 0"),
        ("UsageRecorded", {"quantity": 1e16}, "/quantity must be at most 1,000,000,000,000,000"),
        ("UsageRecorded", {"metric": "x" * 201}, "/metric must have at most 200 characters"),
        ("SurveyAnswered", {"kind": "ces", "score": 8}, "/score must be from 1 to 7 for ces"),
        ("CustomerChanged", {"time_zone": "Mars"}, "/time_zone must be an IANA time zone, such as Europe/Berlin"),
        ("CustomerChanged", {"started_on": "2026-02-30"}, "/started_on is not a date that exists in the calendar"),
    ]
    for kind, change, sentence in told:
        example = BY_TYPE[kind]
        assert str(read(example.topic, body({**example.content, **change}))) == sentence


def test_every_time_is_kept_in_utc_and_cut_to_microseconds() -> None:
    noon = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
    for text in (
        "2026-03-02T12:00:00.123456789Z",
        "2026-03-02t13:00:00.123456+01:00",
        "2026-03-02T00:00:00.1234569-12:00",
    ):
        assert moment_from_text(text) == noon
        assert moment_from_text(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-02-29T00:00:00Z"],
)
def test_a_time_outside_the_calendar_is_refused(text: str) -> None:
    refusal = read_upstream(body({**USAGE, "occurred_at": text}))
    assert refusal == Invalid("/occurred_at", "is not a date and time that exists in the calendar")


def test_a_datetime_without_an_offset_or_outside_the_calendar_is_refused() -> None:
    for value in (datetime(2026, 1, 1), datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))):  # noqa: DTZ001
        with pytest.raises(ValueError, match=r"offset|calendar"):
            moment(value)


def test_half_a_surrogate_pair_is_refused_when_a_message_is_built() -> None:
    with pytest.raises(ValidationError) as refused:
        PersonChanged.model_validate({**BY_TYPE["PersonChanged"].content, "name": "A\ud800"})
    assert problem(refused.value).pointer == "/name"


def test_a_fact_without_its_number_is_refused() -> None:
    fact = BY_TYPE["CaseOpened"]
    for name in ("epoch", "seq"):
        assert read(fact.topic, body({**fact.content, name: 0})) == Invalid(f"/{name}", "must be at least 1")


def test_a_fact_follows_its_cause() -> None:
    cause = read(topics.PLANS, BY_TYPE["CaseOpened"].body)
    assert isinstance(cause, Message)
    at = datetime(2026, 3, 3, tzinfo=UTC)
    fact = CaseDismissed.follow(cause, at=at, case=cause.case, dismissed_by="p", reason="r")  # type: ignore[attr-defined]
    assert (fact.customer_id, fact.causation_id, fact.correlation_id) == (cause.key, cause.event_id, "crm-201")


def _leaves(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every field and list entry with its path, containers too."""
    if path:
        yield path, content
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(content, dict):
        inner = content.items()
    elif isinstance(content, list):
        inner = enumerate(content)
    for key, value in inner:
        yield from _leaves(value, (*path, key))


def _with(content: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy with the value at the path; `...` takes it away."""
    key, *rest = path
    copy = content.copy()
    if rest:
        copy[key] = _with(copy[key], tuple(rest), value)
    elif value is ...:
        del copy[key]
    else:
        copy[key] = value
    return copy
