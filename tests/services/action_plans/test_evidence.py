"""The evidence pack of a real case: anybody can prove with it that nothing was changed, and it keeps private notes."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import rfc8785
from pypdf import PdfReader

from services.action_plans.documents import evidence
from services.action_plans.documents.evidence_content import INTERNAL
from services.action_plans.documents.gathering import dossier_of
from tests.services.action_plans import documented
from tests.services.action_plans.plans import squeezed
from tests.services.action_plans.workshop import SIGNER, Bench

Pool = Any


async def packed(pool: Pool, *, with_notes: bool = False) -> tuple[Bench, bytes]:
    """Return the bench of a documented case, and its pack."""
    bench = Bench(pool)
    await documented.document(bench)
    async with bench.transaction() as tx:
        dossier = await dossier_of(tx, "acme", with_notes=with_notes)
    assert evidence.pack(dossier) == evidence.pack(dossier), "the same dossier is the same bytes"
    return bench, evidence.pack(dossier)


def files(pack: bytes) -> dict[str, bytes]:
    """Return the files of a pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def chain(record: dict[str, Any]) -> list[str]:
    """Return what does not fit in a record, computed with the standard library and rfc8785 alone."""
    found, previous = [], "0" * 64
    for number, row in enumerate(record["rows"], 1):
        said = {name: value for name, value in row.items() if name != "hash" and value is not None}
        if hashlib.sha256(rfc8785.dumps(said)).hexdigest() != row["hash"]:
            found.append(f"changed {number}")
        if (row["number"], row["previous"]) != (number, previous):
            found.append(f"moved {number}")
        previous = row["hash"]
    return found + ["cut off"] * (record["head"] != {"number": len(record["rows"]), "hash": previous})


def verified(folder: Path, contents: dict[str, bytes]) -> tuple[int, str]:
    """Unpack the files and run their own verification; returns its exit code and what it says."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"], capture_output=True, text=True, check=False, timeout=60
    )
    return ran.returncode, ran.stdout


async def test_pack_proves_itself_and_names_what_was_changed(pool: Pool, tmp_path: Path) -> None:
    bench, pack = await packed(pool)
    contents = files(pack)
    record = json.loads(contents["record.json"])
    assert chain(record) == []
    kept = await pool.fetchrow("SELECT chain_number, chain_hash, content FROM cases")
    assert record["head"] == {"number": kept["chain_number"], "hash": kept["chain_hash"]}
    assert contents["case.json"].decode() == kept["content"]
    (last,) = {body["case"]["chain"]["hash"] for body in (await bench.published())[-1:]}
    assert last == record["head"]["hash"], "the events carry the same head"
    assert verified(tmp_path, contents) == (0, "Everything fits: no row, no version and no file was changed.\n")
    changes: tuple[tuple[str, Callable[[list[Any]], object], str], ...] = (
        ("a row", lambda rows: rows[9].update(by="somebody"), "Row 10 was changed."),
        ("a row left out", lambda rows: rows.pop(9), "Row 11 does not follow the one before it"),
        ("the last row", lambda rows: rows.pop(), "The head is not the last row"),
        ("order", lambda rows: rows.insert(3, rows.pop(5)), "does not follow the one before it"),
    )
    for name, change, says in changes:
        other = json.loads(contents["record.json"])
        change(other["rows"])
        assert chain(other), name
        code, said = verified(tmp_path, {**contents, "record.json": json.dumps(other).encode()})
        assert (code, says in said) == (1, True), name
        assert "record.json is not the file that was packed." in said
    case = contents["case.json"].replace(b"bad", b"BAD") + b" "
    assert "case.json is not the case" in verified(tmp_path, {**contents, "case.json": case})[1]
    versions = contents["versions.json"].replace(b"nightly", b"weekly")
    assert "Version 1 of the plan does not have" in verified(tmp_path, {**contents, "versions.json": versions})[1]


async def test_pack_holds_everything_and_says_on_every_page_that_it_is_internal(pool: Pool) -> None:
    _, pack = await packed(pool)
    contents = files(pack)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(contents["evidence.pdf"])).pages]
    assert all(INTERNAL in page for page in pages)
    assert INTERNAL in contents["evidence.html"].decode()
    assert INTERNAL in contents["README.txt"].decode()
    said = squeezed("".join(pages))
    for fact in (
        "Not every condition is met", "Our part done", "INTERNAL notes", "INTERNAL view", "INTERNAL sentiment",
        "INTERNAL decision", "missed by us", "missed by customer", "proved by code code-1", "2026-05-29",
        "Key: tests", "fit 2 of 5", "PlanAgreed", "Usage fell by 41 %", "Could the export also hold",
    ):  # fmt: skip
        assert squeezed(fact) in said, fact
    token = jwt.decode(contents["checklist.jwt"], SIGNER.key.public_key(), algorithms=["EdDSA"])
    assert jwt.get_unverified_header(contents["checklist.jwt"])["kid"] == SIGNER.key_id
    assert token["eligible"] is json.loads(contents["checklist.json"])["eligible"] is False
    assert [one["number"] for one in json.loads(contents["versions.json"])] == [1, 2]
    assert json.loads(contents["versions.json"])[1]["changes"] == [
        {"what": "plan", "field": "ends_on", "before": "2026-04-14", "after": "2026-05-29", "kind": "plan"}
    ]
    assert json.loads(contents["ledger.json"])["us"]["late"] == 3
    lines = contents["SHA256SUMS"].decode().splitlines()
    assert {line.split("  ")[1] for line in lines} == contents.keys() - {"SHA256SUMS"}


@pytest.mark.parametrize("with_notes", [False, True])
async def test_private_notes_are_in_the_pack_only_if_asked_for(pool: Pool, *, with_notes: bool) -> None:
    _, pack = await packed(pool, with_notes=with_notes)
    contents = files(pack)
    pages = PdfReader(io.BytesIO(contents["evidence.pdf"])).pages
    pdf = "".join(page.extract_text() for page in pages)
    everything = squeezed(pdf + "".join(content.decode(errors="replace") for content in contents.values()))
    assert everything.count(squeezed(documented.PRIVATE)) == (3 if with_notes else 0), "pdf, html and json"
    assert ("private_notes.json" in contents) is with_notes
    rows = json.loads(contents["record.json"])["rows"]
    noted = {json.loads(row["details"]).get("private_notes_hash") for row in rows} - {None}
    assert noted == {hashlib.sha256(documented.PRIVATE.encode()).hexdigest()}, "the record proves it either way"
