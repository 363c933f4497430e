"""Verifies an evidence pack, with Python alone: python3 verify.py, in the folder of its files. Exit code 1: changed."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def canonical(thing: Any) -> bytes:
    """Return JSON as RFC 8785 has it, for what these files hold: no numbers but whole ones, keys of ASCII."""
    return json.dumps(thing, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(content: bytes) -> str:
    """Return the hash, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def slips(folder: Path) -> Iterator[str]:
    """Say everything that does not fit."""
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, name = line.split("  ", 1)
        if not (folder / name).is_file():
            yield f"{name} is missing."
        elif sha256((folder / name).read_bytes()) != expected:
            yield f"{name} is not the file that was packed."
    record = json.loads((folder / "record.json").read_text("utf-8"))
    yield from rows(record)
    last = record["rows"][-1]["state_hash"] if record["rows"] else None
    if last != sha256((folder / "case.json").read_bytes()):
        yield "case.json is not the case that the last row of the record has hashed."
    for version in json.loads((folder / "versions.json").read_text("utf-8")):
        whole = {"customer_id": record["customer_id"], "case_id": record["case_id"], "terms": version["terms"]}
        if sha256(canonical(whole)) != version["content_hash"]:
            yield f"Version {version['number']} of the plan does not have the content of its hash."


def rows(record: dict[str, Any]) -> Iterator[str]:
    """Say every row that was changed, left out or put elsewhere."""
    previous = "0" * 64
    for number, row in enumerate(record["rows"], 1):
        told = {name: value for name, value in row.items() if name != "hash" and value is not None}
        if row["number"] != number or row["previous"] != previous or row["case_id"] != record["case_id"]:
            yield f"Row {row['number']} does not follow the one before it: a row was changed, left out or moved."
        if sha256(canonical(told)) != row["hash"]:
            yield f"Row {row['number']} was changed."
        previous = row["hash"]
    if record["head"] != {"number": len(record["rows"]), "hash": previous}:
        yield "The head is not the last row: rows were cut off."


if __name__ == "__main__":
    found = list(slips(Path(__file__).parent))
    print("\n".join(found) or "Everything fits: no row, no version and no file was changed.")  # noqa: T201
    sys.exit(1 if found else 0)
