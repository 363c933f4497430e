"""The worked consumers of terminations.v1, as processes that a test may kill.

`python -m tests.terminations.consumers --lock` writes the list of the jars anew that it needs besides Kafka's.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from amicable.runtime import kafka_jars
from bench import java_compiler
from tests.deployment import Service

EXAMPLES = Path(__file__).parents[2] / "docs/contracts/examples/terminations"
SCHEMA = (EXAMPLES / "schema.sql").read_text()
GROUP = "revenue"

_LOCK = Path(__file__).with_name("java_jars.txt")
_JARS = ("org.postgresql:postgresql:42.7.13",)
_LOG_SETTINGS = Path(kafka_jars.__file__).with_name("log4j2.properties")
_JAVA_OPTIONS = [
    "-Xmx128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}",
]


def python(kafka: str, database: str, folder: Path) -> Service:
    """Return the consumer with FastStream. database: a DSN."""
    return _process([sys.executable, str(EXAMPLES / "consumer.py")], {"KAFKA": kafka, "DATABASE": database}, folder)


def java(kafka: str, database: str, folder: Path) -> Service:
    """Return the consumer with Kafka's own client; compiles it."""
    jars = Path(sys.prefix, "share", "amicable", f"terminations-{java_compiler.fingerprint(_LOCK)}")
    if not jars.is_dir():
        kafka_jars.install(_LOCK, jars)
    libraries = f"{kafka_jars.folder()}/*:{jars}/*"
    classes = java_compiler.compiled(EXAMPLES / "Consumer.java", libraries, folder)
    command = [str(kafka_jars.java()), *_JAVA_OPTIONS, "-cp", f"{classes}:{libraries}", "Consumer"]
    return _process(command, {"KAFKA": kafka, "DATABASE": _jdbc(database)}, folder)


CONSUMERS = {"python": python, "java": java}


def _process(command: list[str], settings: Mapping[str, str], folder: Path) -> Service:
    return Service("the consumer", 0, {**os.environ, **settings}, folder / "consumer.log", command)


def _jdbc(dsn: str) -> str:
    parts = urlsplit(dsn)
    return (
        f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}?user={parts.username}&password={parts.password}"
    )


if __name__ == "__main__" and "--lock" in sys.argv[1:]:
    kafka_jars.write_lock(_LOCK, _JARS)
