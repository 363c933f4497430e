"""A plain consumer of librdkafka that does no work: how fast the topic can be read at all."""

from pathlib import Path

from bench.contenders import quix_venv

NAME = "librdkafka, no work"


def command(root: Path) -> list[str]:
    """Return what starts it, see `librdkafka_app` for what it prints; installs what is missing below `root`."""
    return [str(quix_venv.python(root)), "-m", "bench.contenders.librdkafka_app"]
