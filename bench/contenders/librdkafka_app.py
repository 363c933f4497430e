"""Reads the topic to its end with confluent-kafka and does nothing with it; run in the environment of `quix_venv`.

Prints one line of JSON, `{"events": …, "bytes": …, "seconds": …}`, the time being that from the first record to the
last one of those that were there when it got to the end of each partition. Then it waits for SIGTERM.
"""

import json
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException

from bench.contenders.contender import Given
from bench.job import PARTITIONS

_AT_ONCE = 10_000


def main() -> None:
    """Count what the topic has, commit, say it, and wait."""
    asked_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.set())
    given = Given.from_environment()
    consumer = Consumer({
        "bootstrap.servers": given.kafka,
        "group.id": given.group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "queued.min.messages": 1_000_000,
        "queued.max.messages.kbytes": 1_000_000,
        "fetch.message.max.bytes": 8 * 1024 * 1024,
    })  # fmt: skip
    consumer.subscribe([given.topic])
    counted = _count(consumer, asked_to_end)
    consumer.commit(asynchronous=False)
    sys.stdout.write(f"{json.dumps(counted)}\n")
    sys.stdout.flush()
    asked_to_end.wait()
    consumer.close()


def _count(consumer: Consumer, asked_to_end: threading.Event) -> dict[str, float]:
    events = size = 0
    began = ended = 0.0
    at_end: set[int] = set()
    while len(at_end) < PARTITIONS and not asked_to_end.is_set():
        messages = consumer.consume(num_messages=_AT_ONCE if began else 1, timeout=0.1)
        for message in messages:
            error = message.error()
            if error is None:
                events += 1
                size += len(message.value())
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  its name for the end of a partition
                at_end.add(message.partition())
            else:
                raise KafkaException(error)
        if messages:
            ended = time.perf_counter()
            began = began or ended
    return {"events": events, "bytes": size, "seconds": ended - began}


if __name__ == "__main__":
    main()
