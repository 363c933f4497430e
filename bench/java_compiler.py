"""Compiles Java where there is no JDK: Eclipse's compiler is a jar, and the Java that this project installs has none.

`python -m bench.java_compiler --lock` writes the list of its jars anew.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from amicable.runtime import kafka_jars

_LOCK = Path(__file__).with_name("java_compiler.txt")
_JARS = ("org.eclipse.jdt:ecj:3.44.0",)
_RELEASE = "21"


def compiled(source: Path, libraries: str, folder: Path) -> Path:
    """Return the folder of a file's classes below `folder`; compiles it there once. libraries: a class path."""
    classes = folder / f"classes-{fingerprint(source, _LOCK)}"
    if not classes.is_dir():
        _compile(source, libraries, classes)
    return classes


def fingerprint(*files: Path) -> str:
    """Return by what these files as they are now are recognised."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _compile(source: Path, libraries: str, classes: Path) -> None:
    jars = Path(sys.prefix, "share", "amicable", f"java-compiler-{fingerprint(_LOCK)}")
    if not jars.is_dir():
        kafka_jars.install(_LOCK, jars)
    classes.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=classes.parent, prefix="classes-") as scratch:
        complete = Path(scratch, "complete")
        compiler = [str(kafka_jars.java()), "-cp", f"{jars}/*", "org.eclipse.jdt.internal.compiler.batch.Main"]
        options = ["-nowarn", "-source", _RELEASE, "-target", _RELEASE, "-d", str(complete)]
        # Its -cp takes no wildcard, and Java's own does.
        path = ":".join(str(jar) for part in libraries.split(":") for jar in Path(part).parent.glob("*.jar"))
        subprocess.run([*compiler, *options, "-cp", path, source], check=True)
        complete.rename(classes)


if __name__ == "__main__" and "--lock" in sys.argv[1:]:
    kafka_jars.write_lock(_LOCK, _JARS)
