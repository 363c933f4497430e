"""Who is who on the customer's side."""

from random import Random

from amicable.demo.customers import Customer
from shared.contracts.upstream import Contact

_ROLES = {
    "smb": ("main", "executive"),
    "mid-market": ("main", "executive", "sponsor", "user"),
    "enterprise": ("main", "executive", "sponsor", "user", "user"),
}


def contacts(customer: Customer, random: Random) -> list[Contact]:
    """Return the customer's people, each with a name of its country; nobody's name comes twice."""
    roles = _ROLES[customer.segment]
    return [
        contact(customer, number, role, first, last)
        for number, (role, first, last) in enumerate(
            zip(
                roles,
                random.sample(customer.country.first_names, len(roles)),
                random.sample(customer.country.last_names, len(roles)),
                strict=True,
            ),
            start=1,
        )
    ]


def contact(customer: Customer, number: int, role: str, first: str, last: str) -> Contact:
    """Return the customer's `number`th contact."""
    name = f"{last} {first}" if customer.country.language == "ja" else f"{first} {last}"
    return Contact.model_validate(
        {
            "contact_id": f"{customer.customer_id}/{number}",
            "name": name,
            "email": f"contact{number}@{customer.customer_id}.example",
            "role": role,
        }
    )
