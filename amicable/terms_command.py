"""`amicable transition terms`: what upstream announced of a contract's end, as `WriteContracts` takes it."""

import asyncio
from typing import Annotated, Any

import typer
import yaml
from rich.text import Text

from amicable import addresses, reading
from amicable.output import AsJson, console, errors, print_json
from amicable.problems import REFUSED, Problem, sound
from services.transition_review import reckoning
from services.transition_review.domain.clauses.announced import CannotOffer, Offer
from services.transition_review.store import known
from services.transition_review.store.known import Customer
from shared import clock
from shared.database import Transaction

SCHEMA = "transition_review"


def terms(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)],
    as_json: AsJson = False,  # a flag
) -> None:
    """Show the customer's contract as upstream announced it, in the words of `WriteContracts`, which lacks the notice.

    What had to be assumed is said beside it, and is to be looked at.
    """
    found = addresses.find()
    now = clock.clock(found.clock_file)()

    async def look(tx: Transaction) -> Customer | None:
        return await known.find_customer(tx, customer)

    offer = _offered(customer, asyncio.run(reading.read(found.database, SCHEMA, now, look)))
    contracts = as_written(offer)
    if as_json:
        print_json({"customer_id": customer, "contracts": contracts, "remarks": offer.remarks})
        return
    console.print(Text(yaml.safe_dump({"contracts": contracts}, sort_keys=False, allow_unicode=True)), soft_wrap=True)
    for remark in offer.remarks:
        errors.print(Text(f"Look: {remark}.", style="yellow"), soft_wrap=True)


def as_written(offer: Offer) -> dict[str, Any]:
    """Return the part `contracts` without its notice, which is whoever writes it to say."""
    told = reckoning.told_terms(offer.terms).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return {"contract_id": offer.contract_id, "terms": told}


def _offered(customer_id: str, customer: Customer | None) -> Offer:
    if customer is None:
        raise Problem(f"No customer {customer_id} was announced (customers.v1).", REFUSED)
    if customer.contract is None:
        raise Problem(
            f"Upstream has announced no contract of {customer_id} since this version runs: announce the customer once"
            " more with its contract, or write the terms by hand.",
            REFUSED,
        )
    try:
        return reckoning.offered(customer.contract, customer.time_zone)
    except CannotOffer as why:
        raise Problem(f"The contract {customer.contract.contract_id} cannot be offered. {why}", REFUSED) from None
