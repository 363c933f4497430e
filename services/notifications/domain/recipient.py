"""Who gets a message."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipient:
    """One of our people, or a contact of a customer, as a message needs to know them."""

    person_id: str
    name: str
    email: str
    time_zone: str
