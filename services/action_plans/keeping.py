"""How something that was decided about a case is kept and told: state, record, version, facts, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import checklist, is_eligible
from services.action_plans.domain.ledger import ledger
from services.action_plans.domain.playbook import suggest
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.playbooks.shipped import shipped_playbooks
from services.action_plans.signing import Signer
from services.action_plans.store import cases, record
from services.action_plans.store.record import Entry, Head
from shared import outbox
from shared.contracts.event import Message
from shared.contracts.plans import case as told
from shared.contracts.plans.facts import CaseFact, EligibilityChanged, PlanProposed
from shared.contracts.topics import PLANS
from shared.database import Transaction

MOST_KB = cases.MOST_BYTES // 1000


@dataclass(frozen=True)
class Told:
    """One fact of a decision. about: the id of what it is about; more: the fact's own fields."""

    kind: type[CaseFact]
    about: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """What follows from an event, a command or the clock: the case as it is now, and what is told of it."""

    case: Case
    facts: tuple[Told, ...]


@dataclass(frozen=True)
class Cause:
    """What led to a decision: ids of the message, or of the moment."""

    correlation_id: str
    causation_id: str

    @classmethod
    def of(cls, message: Message) -> "Cause":
        """Return a message as a cause."""
        return cls(getattr(message, "correlation_id", message.event_id), message.event_id)


@dataclass(frozen=True)
class Keeper:
    """Keeps decisions."""

    signer: Signer

    async def keep(
        self,
        tx: Transaction,
        decided: Decided,
        head: Head,
        cause: Cause,
        *,
        by: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Case:
        """Keep and tell; returns the case as it was kept. Raises NotPossible where it has grown too large."""
        case, facts = self._with_eligibility(decided, tx)
        text = cases.encode(case)
        if len(text) > cases.MOST_BYTES:
            raise NotPossible("too_large", f"The case would be larger than {MOST_KB} KB.", "texts are shorter or fewer")
        for fact in facts:
            entry = record.bind(head, _entry(case, fact, text, tx.now, by, details or {}))
            await record.add(tx, entry)
            head = Head(entry.number, entry.hash)
            if fact.kind is PlanProposed:
                await cases.add_version(tx, case)
        await cases.save(tx, case, text, head)
        snapshot = self.snapshot(case, head, tx)
        await outbox.add_many(tx, [(PLANS.name, self._message(fact, snapshot, case, cause, by, tx)) for fact in facts])
        return case

    def _with_eligibility(self, decided: Decided, tx: Transaction) -> tuple[Case, Sequence[Told]]:
        met = tuple(condition.name for condition in checklist(decided.case, tx.now) if condition.met)
        begins = decided.case.revision == 1
        if begins or met == decided.case.eligible:
            return replace(decided.case, eligible=met), decided.facts
        changed = Told(EligibilityChanged, more={"before": decided.case.eligible})
        return replace(decided.case, eligible=met), (*decided.facts, changed)

    def snapshot(self, case: Case, head: Head, tx: Transaction) -> told.CaseSnapshot:
        """Return the case as it is told."""
        return told.CaseSnapshot.model_validate(
            {
                **cases.plain(case),
                "state": case.state,
                "suggestions": _suggestions(case),
                "ledger": cases.plain(ledger(case, tx.now)),
                "checklist": self.checklist(case, tx),
                "chain": {"number": head.number, "hash": head.hash},
            }
        )

    def checklist(self, case: Case, tx: Transaction) -> told.Checklist:
        """Return the last-resort checklist as it stands now, signed."""
        conditions = checklist(case, tx.now)
        return told.Checklist(
            eligible=is_eligible(conditions),
            at=tx.now,
            conditions=tuple(told.Condition.model_validate(cases.plain(one)) for one in conditions),
            signed=self.signer.sign(case, conditions, tx.now),
        )

    def _message(
        self, fact: Told, snapshot: told.CaseSnapshot, case: Case, cause: Cause, by: str | None, tx: Transaction
    ) -> CaseFact:
        return fact.kind.model_validate(
            {
                "customer_id": case.customer_id,
                "correlation_id": cause.correlation_id,
                "causation_id": cause.causation_id,
                "occurred_at": tx.now,
                "case": snapshot,
                "by": by,
                "about": fact.about,
                **fact.more,
            }
        )


def _suggestions(case: Case) -> list[dict[str, Any]]:
    """Return the playbooks that the reasons suggest, those applied already left out."""
    used = {one.playbook for one in case.playbooks}
    found = suggest([reason.code for reason in case.reasons], shipped_playbooks())
    return [
        {"playbook": one.playbook.name, "title": one.playbook.title, "why": [clue.why for clue in one.because]}
        for one in found
        if one.playbook.name not in used
    ]


def _entry(  # what a row holds
    case: Case, fact: Told, text: bytes, at: datetime, by: str | None, details: Mapping[str, Any]
) -> Entry:
    kind = fact.kind.model_fields["type"].default
    said, state = record.details_of(details), record.state_hash(text)
    return Entry(case.case_id, 0, at, kind, by, fact.about, case.revision, said, state)
