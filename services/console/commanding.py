"""Asks other services for something in a person's name: signed, noted, and written into the outbox, all at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.console.store import acts
from shared import actors, outbox
from shared.contracts.event import Command, CustomerCommand
from shared.contracts.topics import TOPICS, Kind
from shared.database import Transaction


@dataclass(frozen=True)
class Signer:
    """The key by which other services know that the console says who asks."""

    key: Ed25519PrivateKey
    key_id: str

    @classmethod
    def of(cls, seed: bytes, key_id: str) -> Self:
        """Return the signer of a seed of 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed), key_id)

    async def ask(
        self, tx: Transaction, command: Command, *, person_id: str, form: str, secret: str | None = None
    ) -> bool:
        """Ask for the command in this person's name; False where it was asked for before: then nothing is sent.

        The token is by real time, which is what Kafka's append time is compared with, whatever a driven clock says.
        """
        customer_id = command.customer_id if isinstance(command, CustomerCommand) else None
        if not await acts.begin(tx, command.event_id, person_id, form, customer_id, secret):
            return False
        token = actors.sign(
            self.key,
            self.key_id,
            person=person_id,
            command_id=command.event_id,
            body=command.body(),
            at=datetime.now(UTC),
        )
        await outbox.add_command(tx, _topic_of(command), command, token)
        return True


def _topic_of(command: Command) -> str:
    return next(one.name for one in TOPICS.values() if one.kind is Kind.COMMAND and type(command) in one.types)
