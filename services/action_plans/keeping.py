"""How something that was decided about a case is kept and told: state, record, version, facts, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import Condition, checklist, is_eligible
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
from shared.contracts.reading import problem
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
        """Keep and tell; returns the case as it was kept. Raises NotPossible where a person makes it too large.

        Where nothing is to be told, nothing of the case has changed but when the clock looks again.
        """
        conditions = checklist(decided.case, tx.now)
        case, facts = _with_eligibility(decided, conditions)
        if not facts:
            await cases.looked_at(tx, case)
            return case
        text = cases.encode(case)
        if by is not None and len(text) > cases.MOST_BYTES:  # what others tell, and the clock, is kept all the same
            raise NotPossible("too_large", f"The case would be larger than {MOST_KB} KB.", "texts are shorter or fewer")
        for fact in facts:
            entry = record.bind(head, _entry(case, fact, text, tx.now, by, details or {}))
            await record.add(tx, entry)
            head = Head(entry.number, entry.hash)
            if fact.kind is PlanProposed:
                await cases.add_version(tx, case)
        snapshot = self._snapshot(case, conditions, head, tx)
        await cases.save(tx, case, text, head, snapshot.checklist.signed)
        await outbox.add_many(tx, [(PLANS.name, self._message(fact, snapshot, case, cause, by, tx)) for fact in facts])
        return case

    def snapshot(self, case: Case, head: Head, tx: Transaction) -> told.CaseSnapshot:
        """Return the case as it is told. Raises NotPossible where it holds more of something than can be told."""
        return self._snapshot(case, checklist(case, tx.now), head, tx)

    def _snapshot(self, case: Case, conditions: Sequence[Condition], head: Head, tx: Transaction) -> told.CaseSnapshot:
        whole = {
            **cases.plain(case),
            "state": case.state,
            "suggestions": _suggestions(case),
            "ledger": cases.plain(ledger(case, tx.now)),
            "checklist": self._checklist(case, conditions, tx),
            "chain": {"number": head.number, "hash": head.hash},
        }
        try:
            return told.CaseSnapshot.model_validate(whole)
        except ValidationError as error:
            if {one["type"] for one in error.errors(include_url=False, include_input=False)} != {"too_long"}:
                raise
            raise NotPossible("too_many", f"The case would hold too much: {problem(error)}.", "it is fewer") from None

    def checklist(self, case: Case, tx: Transaction) -> told.Checklist:
        """Return the last-resort checklist as it stands now, signed."""
        return self._checklist(case, checklist(case, tx.now), tx)

    def _checklist(self, case: Case, conditions: Sequence[Condition], tx: Transaction) -> told.Checklist:
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


def _with_eligibility(decided: Decided, conditions: Sequence[Condition]) -> tuple[Case, Sequence[Told]]:
    """Add that other conditions are met than before; brought about by time alone, that is a revision of its own."""
    case, met = decided.case, tuple(condition.name for condition in conditions if condition.met)
    begins = case.revision == 1
    if begins or met == case.eligible:
        return replace(case, eligible=met), decided.facts
    changed = Told(EligibilityChanged, more={"before": case.eligible})
    alone = not decided.facts
    return replace(case, eligible=met, revision=case.revision + alone), (*decided.facts, changed)


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
    said, state = record.details_of({**details, **cases.plain(fact.more)}), record.state_hash(text)
    return Entry(case.case_id, 0, at, kind, by, fact.about, case.revision, said, state)
