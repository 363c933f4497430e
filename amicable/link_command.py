"""`amicable link`: gives a contact of a customer a link to the shared plan, or takes one back."""

import asyncio
from typing import Annotated
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.text import Text

from amicable import addresses, reading
from amicable.addresses import Addresses
from amicable.asking import Answer, ask
from amicable.output import AsJson, console, print_json
from amicable.problems import REFUSED, USAGE, Problem
from services.action_plans.store import cases
from shared import clock
from shared.contracts.answers import CommandRejected
from shared.contracts.plans.commands import CaseCommand, CreateShareLink, RevokeShareLink
from shared.page.links import hash_of, new_token

MOST_DAYS = 366


def link(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who asks: a person id of people.v1.")],
    contact: Annotated[str | None, typer.Option(help="Whose link it is: a contact id of the customer.")] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="It opens the plan for so many days.")] = 90,
    revoke: Annotated[str | None, typer.Option(metavar="LINK_ID", help="Take this link back instead, at once.")] = None,
    as_json: AsJson = False,  # a flag
) -> None:
    """Give a contact a link to the shared plan. It is printed once: nobody can find it again."""
    if (contact is None) == (revoke is None):
        raise Problem("Say whose link it is with --contact, or which one to take back with --revoke.", USAGE)
    found = addresses.find()
    token, link_id = new_token(), revoke or str(uuid4())
    answer = asyncio.run(_ask(found, customer, person, link_id, contact, token, days))
    if isinstance(answer, CommandRejected):
        _refused(answer, as_json)
    url = f"{(found.page or '').rstrip('/')}/p/{token}"
    if as_json:
        told = {"link_id": link_id} if revoke else {"link_id": link_id, "url": url}
        print_json(told)
    elif revoke:
        console.print(Text(f"The link {link_id} opens nothing any more."), soft_wrap=True)
    else:
        _show(url, f"{customer} --revoke {link_id} --as {person}", contact or "", days)


async def _ask(
    found: Addresses, customer: str, person: str, link_id: str, contact: str | None, token: str, days: int
) -> Answer:
    fields: dict[str, object] = {
        "event_id": str(uuid4()),
        "source": "cli",
        "occurred_at": clock.clock(found.clock_file)(),
        "customer_id": customer,
        "link_id": link_id,
        "case_id": await _open_case(found, customer),
    }
    kind: type[CaseCommand] = RevokeShareLink
    if contact is not None:
        kind = CreateShareLink
        fields |= {"contact_id": contact, "days": days, "token_hash": hash_of(token)}
    try:
        command = kind.model_validate(fields)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Problem(f"{wrong['loc'][-1]} cannot be sent: {wrong['msg']}.", USAGE) from None
    return await ask(found, command, person)


async def _open_case(found: Addresses, customer: str) -> str:
    """Return the id of the customer's open case. Raises Problem."""
    now = clock.clock(found.clock_file)()
    known = await reading.read(found.database, "action_plans", now, lambda tx: cases.open_of(tx, customer))
    if known is None:
        raise Problem(f"{customer} has no open case, and hence no plan to share.", REFUSED)
    return known[0].case_id


def _show(url: str, to_revoke: str, contact: str, days: int) -> None:
    console.print(Text(f"For {contact} alone, for {days} days. It is shown this once:"), soft_wrap=True)
    console.print(Text(url, style="bold"), soft_wrap=True)
    console.print(Text(f"To take it back: amicable link {to_revoke}"), soft_wrap=True)


def _refused(answer: CommandRejected, as_json: bool) -> None:
    if as_json:
        print_json(answer.model_dump(mode="json", exclude_none=True))
    else:
        console.print(Text(f"Refused: {answer.problem.title}", style="red"), soft_wrap=True)
        for condition in answer.problem.unmet:
            console.print(Text(f"  needed: {condition}"), soft_wrap=True)
    raise typer.Exit(REFUSED)
