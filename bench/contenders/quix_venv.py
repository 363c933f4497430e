"""The virtual environment of the contenders that need Quix Streams or its confluent-kafka: installed when they run."""

import hashlib
import subprocess
import sys
from pathlib import Path

_REQUIREMENTS = Path(__file__).with_name("quix.txt")


def python(root: Path) -> Path:
    """Return its interpreter, which finds this project's modules in `root`; installs what is missing.

    Where packages come from (index, certificates, cache) is what pip is told on this machine.
    """
    folder = root / ".amicable" / "bench" / "quix"
    interpreter = folder / "bin" / "python"
    stamp = folder / "made-from"
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest() + f" {sys.version} {root}"
    if stamp.exists() and stamp.read_text() == wanted:
        return interpreter
    sys.stderr.write("amicable: installing Quix Streams for the bench\n")
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", _REQUIREMENTS], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "bench.pth").write_text(f"{root}\n")
    stamp.write_text(wanted)
    return interpreter
