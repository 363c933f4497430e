"""The fast decoder and the contract give the same verdict and the same values on everything."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared import upstream_decoder
from shared.contracts.event import UpstreamEvent
from shared.contracts.reading import Invalid, read, read_upstream
from shared.contracts.topics import TOPICS, UPSTREAM_TOPIC_OF_TYPE, UPSTREAM_TOPICS
from shared.upstream_decoder import Event, decode
from tests.contracts.examples import FULL, MINIMAL, body

UPSTREAM = [example for example in (*FULL, *MINIMAL) if example.topic in UPSTREAM_TOPICS]
NAMES = sorted({name for example in UPSTREAM for name in example.content} | {"with_", "key", "colour", ""})
often = settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def assert_same(raw: bytes) -> None:
    """Compare the decoder with the contract: the verdict, the reason, every value with its type, and the body."""
    truth = read_upstream(raw)
    own = [] if isinstance(truth, Invalid) else [UPSTREAM_TOPIC_OF_TYPE[truth.type].name]
    for topic in (None, "usage.v1", *own):
        fast = decode(raw, topic)
        right = truth if topic is None else read(TOPICS[topic], raw)
        if isinstance(right, Invalid):
            assert isinstance(fast, Invalid), raw
            assert fast == right
            continue
        assert not isinstance(fast, Invalid), raw
        assert isinstance(right, UpstreamEvent)
        assert fast.type == right.type
        for name in type(right).model_fields:
            value, other = getattr(fast, name), getattr(right, name)
            assert (value, type(value)) == (other, type(other)), (name, raw)
        assert fast.key == right.key
        assert json.loads(fast.body()) == json.loads(right.body())


texts = st.text(max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "x" * 200,
        "x" * 201,
        "x" * 500,
        "x" * 501,
        "é" * 200,
        "😀" * 200,
        "😀" * 201,
        "a\0",
        "a\n",
        "\x7f",
        "\x85",
        "\u2028",
        "low",
        "nps",
        "EUR",
        "eur",
        "EUR\n",
        "us",
        "main",
        "Europe/Berlin",
        "UsageRecorded",
        "NaN",
        "null",
        "1",
        "a@example.com",
        "Ana <a@example.com>",
        "x" * 20_000,
        "x" * 20_001,
        "\ud800",
        "\udfff\ud800",
        "a/~b",
        '"',
        "\\",
    ]
)
amounts = st.sampled_from(
    ["0", "-0", "0.000001", "1.1234567", "999999999999", "1000000000000", "1e3", "+1", "٣", "1.", ".5"]
)
numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.sampled_from(
        [0, -0.0, 1, 5, 7, 10, 1.0, 10.0, 10.000001, 1e15, 10**15, 1e15 + 1, 10**400, 2**63, 2**64, 5e-324]
    ),
)
MOMENT_PARTS = (  # each with the usual first: a time has one or two odd parts, so that the rest does not hide them
    ["2026", "0000", "0001", "9999", "10000", "26"],
    ["-12", "-02", "-00", "-13", "-1", "12"],
    ["-31", "-01", "-29", "-00", "-32"],
    ["T", "t", " ", "_", ""],
    ["23", "00", "24", "25", "9"],
    [":59", ":60", "59"],
    [":59", ":60", ":61", ""],
    ["", ".", ".1", ".123456", ".1234567", ".9999995", ".999999999", ".1234567890", ",5"],
    ["Z", "z", "", "+00:00", "-00:00", "+23:59", "-23:59", "+24:00", "+0100", "+01", "+01:60", " Z", "UTC"],
)


@st.composite
def odd_moments(draw: st.DrawFn) -> str:
    """Draw a time of which at most two parts are odd."""
    parts = [part[0] for part in MOMENT_PARTS]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(parts) - 1))
        parts[at] = draw(st.sampled_from(MOMENT_PARTS[at]))
    return "".join(parts)


moments = st.datetimes().map(lambda at: at.isoformat() + "Z") | odd_moments()
days = st.dates().map(str) | st.sampled_from(
    [
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2026-02-29",
        "2024-02-29",
        "20260101",
        "2026-1-1",
        "2026-W01-1",
        "+2026-01-01",
    ]
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, amounts, moments, days),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=3),
    max_leaves=6,
)


def _like(name: str, value: object) -> st.SearchStrategy[Any]:
    """Return values of the kind that the field has."""
    if name == "occurred_at":
        return moments
    if name.endswith("on") and name != "reason":
        return days
    return numbers if isinstance(value, int | float) else amounts | numbers if name == "amount" else texts


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Draw an event that is valid but for up to three fields put, replaced or taken away."""
    content = dict(draw(st.sampled_from(UPSTREAM)).content)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from([*content, *NAMES]))
        if draw(st.integers(0, 4)):
            content[name] = draw(anything if draw(st.integers(0, 3)) == 0 else _like(name, content.get(name)))
        else:
            content.pop(name, None)
    return content


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """Draw an event's bytes: with and without escapes, spaced out, and with keys written twice."""
    content = draw(mutated())
    text = json.dumps(content, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, None, 1])))
    for _ in range(draw(st.integers(0, 2))):
        name, value = draw(st.sampled_from(NAMES)), draw(anything)
        pair = f"{json.dumps(name)}:{json.dumps(value)}"
        text = f"{{{pair},{text[1:]}" if draw(st.booleans()) else f"{text[:-1]},{pair}}}"
    return text.encode("utf-8", "surrogatepass")


@often
@given(written())
@example(json.dumps({**next(one.content for one in UPSTREAM if "metric" in one.content), "metric": "a\u0007"}).encode())
def test_both_decoders_agree_on_events_mutated_and_written_oddly(raw: bytes) -> None:
    assert_same(raw)


BASE = MINIMAL[0].body.strip()


@often
@given(st.sampled_from(UPSTREAM), st.data())
def test_both_decoders_agree_on_events_whose_bytes_were_damaged(sample: Any, data: st.DataObject) -> None:
    raw = bytearray(sample.body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        upto = data.draw(st.integers(at, min(at + 4, len(raw))))
        odd = st.sampled_from(
            [
                b"NaN",
                b"-Infinity",
                b"1e400",
                b"1E5",
                b"01",
                b"-",
                b"1.",
                b"9" * 400,
                b"\xff",
                b"\xed\xa0\x80",
                b"\xc0\x80",
                b"\\ud800",
                b"\\u0000",
                b"\\/",
                b"\xef\xbb\xbf",
                b"\xe2\x80\xa8",
                b"\xc2\x85",
                b"\x00",
                b"\x7f",
                b"\t",
                b" ",
                b"}",
            ]
        )
        raw[at:upto] = data.draw(odd | st.binary(max_size=3))
    assert_same(bytes(raw))


@often
@given(st.binary(max_size=60) | st.builds(body, anything))
@example(b"\xef\xbb\xbf" + BASE)
@example(BASE[:-1] + b',"type":"MeetingHeld","with":"x"}')
@example(BASE[:-1] + b',"type":"MeetingHeld"}')
@example(BASE[:-1] + b',"type":null}')
@example(BASE[:-1] + b',"type":"UsageRecorded"}')
@example(b'{"type":"MeetingHeld",' + BASE[1:])
@example(b'{"type":5,' + BASE[1:])
@example(b'{"metric":7,' + BASE[1:])
@example(BASE + b"\x00")
@example(b"[" * 100_000)
@example(b'{"type":"InvoiceOverdue","amount":' + b"[" * 100_000)
@example(BASE[:-1] + b',"quantity":' + b"9" * 5_000 + b"}")
@example(BASE[:-1] + b',"quantity":0.' + b"1" * 5_000 + b"}")
@example(BASE + b" " * 1_000_000)
def test_both_decoders_agree_on_raw_bytes(raw: bytes) -> None:
    assert_same(raw)


@often
@given(moments, days, amounts | texts | numbers, st.sampled_from(["nps", "csat", "ces"]), numbers)
def test_both_decoders_agree_on_times_days_amounts_and_scores(
    at: str, on: str, amount: object, kind: str, score: float
) -> None:
    common = {"event_id": "e", "customer_id": "c", "occurred_at": at}
    about_money = {"invoice_id": "i", "amount": amount, "currency": "EUR", "due_on": on}
    assert_same(body({"type": "InvoicePaid", **common, "invoice_id": "i"}))
    assert_same(body({"type": "InvoiceOverdue", **common, **about_money}))
    assert_same(body({"type": "InvoiceOverdue", **about_money, **common, "occurred_at": "2026-01-01T00:00:00Z"}))
    assert_same(
        body({"type": "SurveyAnswered", **common, "occurred_at": "2026-01-01T00:00:00Z", "kind": kind, "score": score})
    )


@pytest.mark.parametrize("sample", UPSTREAM, ids=str)
def test_both_decoders_agree_on_the_golden_events(sample: Any) -> None:
    assert_same(sample.body)


@pytest.mark.parametrize("sample", UPSTREAM, ids=str)
def test_a_plain_event_takes_the_fast_way(sample: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if sample.kind.__name__ in {"CustomerChanged", "PersonChanged"}:
        return  # rare: read by the contract
    plain = json.dumps(json.loads(re.sub(rb"\\n|[^\x00-\x7f]", b"?", sample.body))).encode()
    if b'"amount": 0' in plain:
        return  # a whole number as an amount is rare as well
    monkeypatch.setattr(upstream_decoder, "read_upstream", lambda _: pytest.fail("took the slow way"))
    assert isinstance(decode(plain, sample.topic.name), Event)


def test_every_firehose_type_has_its_struct_with_the_same_fields() -> None:
    structs = {struct.__name__: struct for struct in Event.__subclasses__()}
    firehose = [kind for topic in UPSTREAM_TOPICS[:3] for kind in topic.types]
    assert {kind.__name__ for kind in firehose} == set(structs)
    for kind in firehose:
        struct = structs[kind.__name__]
        assert set(struct.__struct_fields__) | {"type"} == set(kind.model_fields)
        assert {field.encode_name for field in msgspec.structs.fields(struct)} | {"type"} == {
            field.alias or name for name, field in kind.model_fields.items()
        }
