"""Kafka Streams, exactly once: a yardstick. What it does is in `KafkaStreams.java`.

`python -m bench.contenders.kafka_streams --lock` writes the list of its jars anew.
"""

import struct
import sys
from pathlib import Path

from amicable.runtime import kafka_jars
from bench import java_compiler, kafka_side
from bench.contenders.contender import Given
from bench.job import Outcome

NAME = "Kafka Streams, exactly_once_v2"

_SOURCE = Path(__file__).with_name("KafkaStreams.java")
_LOCK = Path(__file__).with_name("kafka_streams.txt")
_LOG_SETTINGS = Path(kafka_jars.__file__).with_name("log4j2.properties")
_OPTIONS = [
    "-Xmx512m",
    "-XX:+UseParallelGC",
    "--enable-native-access=ALL-UNNAMED",
    f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}",
]

# What Kafka's own jars lack. rocksdbjni is the version that kafka-streams asks for.
_JARS = (
    f"org.apache.kafka:kafka-streams:{kafka_jars.VERSION}",
    "org.rocksdb:rocksdbjni:9.7.3",
)


def command(root: Path) -> list[str]:
    """Return what starts it; installs and compiles what is missing below `root`."""
    folder = root / ".amicable" / "bench" / "kafka-streams"
    jars = folder / f"jars-{java_compiler.fingerprint(_LOCK)}"
    if not jars.is_dir():
        kafka_jars.install(_LOCK, jars)
    libraries = f"{kafka_jars.folder()}/*:{jars}/*"
    classes = java_compiler.compiled(_SOURCE, libraries, folder)
    return [str(kafka_jars.java()), *_OPTIONS, "-cp", f"{classes}:{libraries}", "Yardstick"]


async def outcome(given: Given) -> Outcome:
    """Return what the changelog of its store of sums and its topic of changes say."""
    state = await kafka_side.latest(given.kafka, f"{given.group}-kept-changelog")
    kept = {}
    for key, value in state.items():
        customer, metric, day = key.decode().split("|")
        total, count = struct.unpack(">qq", value)
        kept[customer, metric, day] = (total, count)
    return Outcome(kept, await kafka_side.told(given.kafka, given.told))


if __name__ == "__main__" and "--lock" in sys.argv[1:]:
    kafka_jars.write_lock(_LOCK, _JARS)
