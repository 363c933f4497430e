"""`amicable audit`: is the record of each case as it was written; and with which key checklists are signed."""

import asyncio
import base64
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from amicable import addresses, reading, system
from amicable.addresses import Addresses
from amicable.chain_heads import Heard, heard
from amicable.output import AsJson, console, print_json
from amicable.problems import REFUSED, USAGE, Problem
from services.action_plans import audit
from services.action_plans.audit import Finding
from services.action_plans.config import Settings
from services.action_plans.signing import Signer
from services.action_plans.store import kept
from shared import clock
from shared.database import Transaction

SCHEMA = "action_plans"
SEED = "ACTION_PLANS_SIGNING_SEED"

app = typer.Typer(help="Is the record of each case as it was written: verify, key.", no_args_is_help=True)


@dataclass(frozen=True)
class Audited:
    """What was looked at, and what is wrong with it."""

    cases: int
    rows: int
    findings: tuple[Finding, ...]


@app.command()
def verify(
    customer: Annotated[str | None, typer.Argument(metavar="CUSTOMER", help="The customer's id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every customer's cases.")] = False,
    as_json: AsJson = False,  # a flag
) -> None:
    """Find rows of a record that were edited, deleted, put into another order or cut off, and what else was changed.

    The record is compared with itself, with the case and the versions of its plan, and with what Kafka has kept of it.
    Exit code 1 if anything is wrong.
    """
    if (customer is None) is not every:
        raise Problem("Say whose record: a customer's id, or --all.", USAGE)
    found = addresses.find()
    audited = asyncio.run(_audit(found, customer, clock.clock(found.clock_file)()))
    if as_json:
        print_json(asdict(audited))
    else:
        _print(audited, customer)
    if audited.findings:
        raise typer.Exit(REFUSED)


async def _audit(found: Addresses, customer: str | None, now: datetime) -> Audited:
    told = await heard(found, customer)  # first: what was not sent yet is no fault

    async def look(tx: Transaction) -> Audited:
        cases = rows = 0
        findings: list[Finding] = []
        async with aclosing(_examined(tx, customer, told)) as examined:
            async for number, wrong in examined:
                cases, rows = cases + 1, rows + number
                findings += wrong
        findings += [audit.gone(case_id, one.customer_id, one.said()) for case_id, one in sorted(told.items())]
        if customer is None:
            findings += [audit.left_over(case_id) for case_id in await kept.without_case(tx) if case_id not in told]
        return Audited(cases, rows, tuple(findings))

    audited = await reading.read(found.database, SCHEMA, now, look)
    if customer is not None and not (audited.cases or audited.findings):
        raise Problem(f"There is no case of a customer {customer}: `amicable case list`.", REFUSED)
    return audited


async def _examined(
    tx: Transaction, customer: str | None, told: dict[str, Heard]
) -> AsyncGenerator[tuple[int, tuple[Finding, ...]], None]:
    """Yield for each case how many rows it has, and what is wrong; what was told of it is taken out of `told`."""
    async with aclosing(kept.stream(tx, customer)) as cases:
        async for case in cases:
            rows = await kept.rows_of(tx, case.case_id)
            versions = await kept.versions_of(tx, case.case_id)
            known = told.pop(case.case_id, None)
            yield len(rows), audit.examine(case, rows, versions, known.said() if known else None)


def _print(audited: Audited, customer: str | None) -> None:
    for one in audited.findings:
        place = f", row {one.row}" if one.row is not None else f", version {one.version}" if one.version else ""
        whose = f" of {one.customer_id}" if one.customer_id else ""
        head = Text(f"Case {one.case_id}{whose}{place}: ", style="red")
        console.print(head.append(one.says, style="default"), soft_wrap=True)
    looked = f"{_count(audited.cases, 'case')} and {_count(audited.rows, 'row')} of their records looked at"
    of = "" if customer is None else f" (of {customer})"
    wrong = _count(len(audited.findings), "finding") if audited.findings else "nothing was changed"
    console.print(Text(f"{looked}{of}: {wrong}."), soft_wrap=True)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


@app.command()
def key(as_json: AsJson = False) -> None:  # a flag
    """Print the public key that checklists are signed with.

    It is that of the seed in ACTION_PLANS_SIGNING_SEED, else that of what runs here.
    """
    signer = _signer()
    public = base64.b64encode(signer.key.public_key().public_bytes_raw()).decode()
    if as_json:
        x = base64.urlsafe_b64encode(signer.key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        jwk = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": signer.key_id, "x": x}
        print_json({"key_id": signer.key_id, "public_key": public, "jwk": jwk})
    else:
        console.print(Text(f"{signer.key_id} {public}"), soft_wrap=True)


def _signer() -> Signer:
    key_id = os.environ.get("ACTION_PLANS_SIGNING_KEY_ID") or Settings.model_fields["signing_key_id"].default
    given = os.environ.get(SEED)
    if given is not None:
        try:
            return Signer.from_seed(given, key_id)
        except ValueError:
            raise Problem(f"{SEED} must be 32 bytes in base64.", USAGE) from None
    if (here := addresses.running()) is None:
        raise Problem(f"Nothing runs here, and {SEED} is not set: start `amicable dev`, or set it.")
    return Signer.from_seed(system.signing_seed(here[0]), key_id)
