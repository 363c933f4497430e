"""What is asked of a contender: a program that does the job until it is told to stop.

It is given by the environment what it works with, prints nothing that matters, commits its group's offsets only with
or after what they stand for (but for the one that is there to show what is lost otherwise), and ends on SIGTERM. That
it is done is seen from outside: its group has committed to the end of the topic.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Given:
    """What a contender works with. told: the topic for changes of band. folder: its own, for what it keeps on disk."""

    kafka: str
    topic: str
    group: str
    told: str
    postgres: str
    folder: Path

    def environment(self) -> dict[str, str]:
        """Return it as variables."""
        return {f"BENCH_{name.upper()}": str(value) for name, value in vars(self).items()}

    @classmethod
    def from_environment(cls) -> "Given":
        """Read it in the contender's process."""
        values = {name: os.environ[f"BENCH_{name.upper()}"] for name in cls.__dataclass_fields__}
        return cls(**(values | {"folder": Path(values["folder"])}))  # type: ignore[arg-type]
