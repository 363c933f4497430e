"""The job in Quix Streams, run in the environment that `quix_venv` makes.

One process, exactly once, state in RocksDB with a changelog. Quix keeps state for each message key, which is the
customer. Three kinds of state keys: one for each event id seen, one for each day with its metrics' sums and counts, one
with the sums that the points come from. The ids of a day as a set in one value are nearly as fast while there are few,
and fall behind as they grow, because each event reads and writes all of them; so each id has a key. Ids are kept as
bytes, which saves their JSON.

Tuned: checkpoints each second (longer ones brought nothing), large batches of the producer and the fetcher, no
compression on one machine, keys as bytes, one step that expands to the changes instead of a filter after it.
"""

from collections.abc import Iterable
from typing import Any

from quixstreams import Application, State

from bench.contenders.contender import Given
from bench.job import MOST_OF_A_METRIC, band

_SUMS = b"sums"


def main() -> None:
    """Work until SIGTERM."""
    given = Given.from_environment()
    app = Application(
        broker_address=given.kafka,
        consumer_group=given.group,  # as it is: only Quix's cloud puts a prefix before it
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=1.0,
        state_dir=given.folder / "state",
        loglevel="WARNING",
        consumer_extra_config={"max.partition.fetch.bytes": 4 * 1024 * 1024, "queued.min.messages": 100_000},
        producer_extra_config={
            "linger.ms": 50,
            "batch.size": 1_000_000,
            "batch.num.messages": 10_000,
            "queue.buffering.max.messages": 1_000_000,
        },
    )
    usage = app.topic(given.topic, key_deserializer="bytes", value_deserializer="json")
    told = app.topic(given.told, key_serializer="bytes", value_serializer="json")
    app.dataframe(usage).apply(_take, stateful=True, expand=True).to_topic(told)
    app.run()


def _take(event: dict[str, Any], state: State) -> Iterable[dict[str, str]]:
    """Take one event of this state's customer; return its change of band, if there is one."""
    event_id = event["event_id"].encode()
    if state.get_bytes(event_id) is not None:
        return ()
    state.set_bytes(event_id, b"1")
    metric, quantity = event["metric"], int(event["quantity"])
    day = event["occurred_at"][:10].encode()
    kept = state.get(day) or {}
    total, count = kept.get(metric) or (0, 0)
    kept[metric] = (total + quantity, count + 1)
    state.set(day, kept)
    sums = state.get(_SUMS) or {}
    before = _band(sums)
    sums[metric] = sums.get(metric, 0) + quantity
    state.set(_SUMS, sums)
    after = _band(sums)
    return () if after == before else ({"customer_id": event["customer_id"], "band": after},)


def _band(sums: dict[str, int]) -> str:
    return band(sum(min(total, MOST_OF_A_METRIC) for total in sums.values()))


if __name__ == "__main__":
    main()
