"""The evidence pack: a ZIP archive that proves by itself what happened in a case. Internal."""

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec

from services.action_plans.documents.evidence_content import INTERNAL, document_of
from services.action_plans.domain.eligibility import checklist, is_eligible
from services.action_plans.domain.ledger import ledger
from services.action_plans.domain.terms import content, differences
from services.action_plans.store.dossier import Dossier
from shared.documents import archive, html, pdf

_README = f"""{INTERNAL}

What is in this pack

evidence.pdf, evidence.html   everything, for people to read
record.json                   every row of the record, in order, and the head of the chain
case.json                     the case as it is, in the very bytes that the last row has hashed
versions.json                 every version of the shared terms, with its hash and what it changed
ledger.json                   the fairness ledger as of the moment of this pack
checklist.json, checklist.jwt the last-resort checklist as of that moment, and as it was last signed
links.json                    who was given a link to the shared plan, and who used it
private_notes.json            only if it was asked for
verify.py                     proves that nothing of it was changed: python3 verify.py
SHA256SUMS                    hashes of these files: sha256sum -c SHA256SUMS

How to verify it by hand

The hash of a row is the SHA-256 of its canonical JSON (RFC 8785: keys sorted, no spaces), without `hash` and without
what is null. `previous` is the hash of the row before it; before the first it is 64 zeros. `state_hash` of the last row
is the SHA-256 of case.json. The hash of a version is that of the canonical JSON of case_id, customer_id and terms.
Compare the head with one that was kept elsewhere: every event of the case on plans.v1 carries it.
"""


def pack(dossier: Dossier) -> bytes:
    """Return the pack; the same dossier, the same bytes."""
    document = document_of(dossier)
    contents: dict[str, bytes] = {
        "README.txt": _README.encode(),
        "evidence.pdf": pdf.render(document),
        "evidence.html": html.render(document).encode(),
        "record.json": _json(_record(dossier)),
        "case.json": dossier.text,
        "versions.json": _json(_versions(dossier)),
        "ledger.json": _json({"at": dossier.at, **_plain(ledger(dossier.case, dossier.at))}),
        "checklist.json": _json(_checklist(dossier)),
        "links.json": _json({"links": _plain(dossier.links), "visits": _plain(dossier.visits)}),
        "verify.py": (files(__package__ or "") / "verify.py").read_bytes(),
    }
    if dossier.signed is not None:
        contents["checklist.jwt"] = dossier.signed.encode()
    if dossier.notes is not None:
        contents["private_notes.json"] = _json(_plain(dossier.notes))
    sums = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    return archive.pack({**contents, "SHA256SUMS": "".join(sums).encode()})


def _record(dossier: Dossier) -> dict[str, Any]:
    return {
        "internal": True,
        "case_id": dossier.case.case_id,
        "customer_id": dossier.case.customer_id,
        "as_of": dossier.at,
        "head": _plain(dossier.head),
        "rows": _plain(dossier.entries),
    }


def _versions(dossier: Dossier) -> list[dict[str, Any]]:
    found, before = [], None
    for number, author, at, content_hash, terms in dossier.versions:
        changed = _plain(differences(before, terms))
        found.append(
            {
                "number": number,
                "author": author,
                "proposed_at": at,
                "content_hash": content_hash,
                "terms": content(terms),
                "changes": changed,
            }
        )
        before = terms
    return found


def _checklist(dossier: Dossier) -> dict[str, Any]:
    conditions = checklist(dossier.case, dossier.at)
    return {"at": dossier.at, "eligible": is_eligible(conditions), "conditions": _plain(conditions)}


def _plain(thing: object) -> Any:
    return msgspec.to_builtins(thing)


def _json(thing: Mapping[str, Any] | list[Any]) -> bytes:
    return (json.dumps(_plain(thing), indent=1, ensure_ascii=False) + "\n").encode()
