"""Temporary folders of the tests in memory, where the machine has some to spare.

Their databases and brokers make a great many small files: hundreds for each database that a test has to itself. On disk
that is most of what a test waits for. What they keep is thrown away afterwards, so nothing is lost with the memory.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  folders in it are made by `tempfile` and pytest, for this user alone
_WANTED = 6 << 30  # bytes: a whole run keeps 1.5 GB, and its processes need their part


def use_memory() -> None:
    """Let temporary folders of this process, and of those that it starts, be in memory; say where else with TMPDIR."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _WANTED:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
