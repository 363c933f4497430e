"""CSMs close the cases of customers that are well again, with signed commands, so that a later decline opens anew."""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable.asking import signed
from amicable.problems import no_answer
from shared.contracts.event import Message
from shared.contracts.health import RiskCleared, RiskDetected
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.plans.commands import DismissCase
from shared.contracts.plans.facts import CaseDismissed, CaseOpened, CaseUpdated
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from shared.kafka_access import OPEN, Access

_WELL_FOR = timedelta(days=7)


class Closing:
    """Learns from what is announced which cases are open and whose risk has been over for a week."""

    def __init__(self, kafka: str, actor_key: str, access: Access = OPEN) -> None:
        """`actor_key`: the local development key (Ed25519, base64)."""
        self._kafka = kafka
        self._access = access
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(actor_key))
        self._open: dict[str, CaseSnapshot] = {}
        self._well_since: dict[str, datetime] = {}

    def learn(self, facts: Iterable[Message]) -> None:
        """Take note of what was announced."""
        for fact in facts:
            match fact:
                case CaseOpened() | CaseUpdated():
                    self._open[fact.customer_id] = fact.case
                case CaseDismissed():
                    self._open.pop(fact.customer_id, None)
                case RiskCleared():
                    self._well_since[fact.customer_id] = fact.occurred_at
                case RiskDetected():
                    self._well_since.pop(fact.customer_id, None)

    def ripe(self, now: datetime) -> list[tuple[str, CaseSnapshot]]:
        """Return the open cases, by customer, that can be closed now."""
        return [
            (customer_id, case)
            for customer_id, case in self._open.items()
            if case.csm and customer_id in self._well_since and now - self._well_since[customer_id] >= _WELL_FOR
        ]

    async def close(self, now: datetime) -> None:
        """Ask action_plans to close what can be closed. Raises Problem where Kafka does not take it."""
        ripe = self.ripe(now)
        if not ripe:
            return
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka, acks="all", enable_idempotence=True, **self._access.of_client()
        )
        try:
            await producer.start()
            for customer_id, case in ripe:
                await self._ask(producer, customer_id, case, now)
        except (KafkaError, OSError) as error:
            raise no_answer("Kafka", self._kafka, error) from None
        finally:
            await producer.stop()

    async def _ask(self, producer: AIOKafkaProducer, customer_id: str, case: CaseSnapshot, now: datetime) -> None:
        command = DismissCase(
            event_id=f"close/{case.case_id}/{case.revision}",
            source="demo",
            customer_id=customer_id,
            occurred_at=now,
            case_id=case.case_id,
            reason="Back on track: what we agreed on is done, and it shows.",
        )
        headers = signed(command, case.csm or "", self._key)
        await producer.send_and_wait(
            ACTION_PLANS_COMMANDS.name, command.body(), key=customer_id.encode(), headers=headers
        )
