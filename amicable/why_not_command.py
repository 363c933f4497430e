"""`amicable why-not`: may this relationship be ended today; and is an answer that somebody shows the one we signed."""

import asyncio
import base64
import binascii
import json
from pathlib import Path
from typing import Annotated, Any

import jwt
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Group
from rich.text import Text

from amicable import addresses, case_view, reading
from amicable.output import AsJson, console, draw, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from services.action_plans.domain.eligibility import is_eligible
from services.action_plans.explanation import Explanation, NotKnown, explain
from services.action_plans.signing import ISSUER
from services.action_plans.store import cases
from shared import clock
from shared.database import Transaction

SCHEMA = "action_plans"
MOST_BYTES = 1_000_000


def why_not(
    customer: Annotated[
        str | None, typer.Argument(metavar="[CUSTOMER]", help="The customer's id.", callback=sound)
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Look at an answer that --json printed, instead: no network.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="With --verify: the public key (base64), as `amicable audit key` prints it.")
    ] = None,
    as_json: AsJson = False,  # a flag
) -> None:
    """Answer whether a relationship may be ended today: every condition, its state, the records that it stands on.

    Exit code 0 if it may, 1 if not. With --verify: 0 if the answer is as it was signed.
    """
    if (customer is None) is (verify is None) or (verify is None) is not (key is None):
        raise Problem("Name a customer, or an answer with --verify FILE --key KEY.", USAGE)
    if verify is not None and key is not None:
        _verify(verify, key, as_json=as_json)
    elif customer is not None:
        _answer(customer, as_json=as_json)


def _answer(customer: str, *, as_json: bool) -> None:
    found = addresses.find()
    now = clock.clock(found.clock_file)()

    async def look(tx: Transaction) -> tuple[Explanation, str | None]:
        told = await explain(tx, customer)
        return told, (await cases.kept(tx, told.case.case_id))[2]

    try:
        told, signed = asyncio.run(reading.read(found.database, SCHEMA, now, look))
    except NotKnown as why:
        raise Problem(
            f"{why} Without a case nothing is ended: `amicable do` with OpenCase opens one.", REFUSED
        ) from None
    may = is_eligible(told.checklist) and told.case.is_open
    if as_json:
        print_json(_json(told, may=may, signed=signed))
    else:
        draw(_said(told, may=may), case_view.WIDTH)
    raise typer.Exit(0 if may else REFUSED)


def _json(told: Explanation, *, may: bool, signed: str | None) -> dict[str, Any]:
    return {
        "customer_id": told.case.customer_id,
        "case_id": told.case.case_id,
        "revision": told.case.revision,
        "state": told.case.state,
        "at": told.at.isoformat(),
        "may_be_ended": may,
        "conditions": [cases.plain(one) for one in told.checklist],
        "signed": signed,
    }


def _said(told: Explanation, *, may: bool) -> Group:
    name = told.customer.name if told.customer and told.customer.name else told.case.customer_id
    verdict = Text.assemble((name, "bold"), ": ")
    if not told.case.is_open:
        verdict.append(f"nothing to end, its case is {told.case.state}.", "yellow")
    elif may:
        verdict.append("every condition is met. A transition may be proposed; it is still the last resort.", "green")
    else:
        verdict.append("this relationship may not be ended today.", "bold red")
    return Group(verdict, "", case_view.checklist(told))


def _verify(file: Path, key: str, *, as_json: bool) -> None:
    answer = _read(file)
    claims = _claims(answer.get("signed"), key, file)
    said = {one["name"]: one["met"] for one in answer.get("conditions", []) if isinstance(one, dict)}
    signed = {one["name"]: one["met"] for one in claims["conditions"]}
    if said != signed or answer.get("case_id") != claims["sub"] or answer.get("customer_id") != claims["customer_id"]:
        raise Problem(f"{file}: the answer says something else than what was signed on {claims['at']}.", REFUSED)
    if as_json:
        print_json(claims)
    else:
        verdict = "may be ended" if claims["eligible"] else "may not be ended"
        at = f"revision {claims['revision']}, {claims['at']}"
        console.print(Text(f"Signed as it is: {claims['customer_id']} {verdict} ({at})."), soft_wrap=True)


def _read(file: Path) -> dict[str, Any]:
    if file.stat().st_size > MOST_BYTES:
        raise Problem(f"{file} is no answer of `amicable why-not --json`: it is too large.", USAGE)
    try:
        answer = json.loads(file.read_bytes())
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("signed"), str):
        raise Problem(f"{file} is no answer of `amicable why-not --json`.", USAGE)
    return answer


def _claims(signed: Any, key: str, file: Path) -> dict[str, Any]:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        raise Problem("--key must be 32 bytes in base64, as `amicable audit key` prints them.", USAGE) from None
    try:
        claims: dict[str, Any] = jwt.decode(signed, public, algorithms=["EdDSA"], issuer=ISSUER)
    except jwt.InvalidTokenError:
        raise Problem(f"{file} was not signed with this key, or was changed since.", REFUSED) from None
    return claims
