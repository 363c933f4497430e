"""What the projection writes of people, customers, cases, transitions and what is told: the latest of each."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.console.needs import OPEN as OPEN_CASES
from services.console.needs import WORKED_ON, Need
from services.console.telling import Line
from shared.contracts.endings.facts import StandInNamed, TransitionFact
from shared.contracts.endings.terminations import (
    MilestoneReached,
    TerminationAnnounced,
    TerminationChanged,
    TerminationFact,
)
from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.event import Contract
from shared.contracts.notes import PrivateNoteKept
from shared.contracts.notices import NoticeAcknowledged, NoticeFailed, NoticeSent, NoticeSettled, NoticeShown
from shared.contracts.plans.facts import CaseFact
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction

_A_YEAR = {"month": 12, "quarter": 4, "year": 1}
_STATE = {
    "TerminationAnnounced": "announced",
    "TerminationChanged": "announced",
    "MilestoneReached": "announced",
    "TerminationWithdrawn": "withdrawn",
    "TerminationCompleted": "completed",
}


async def begin(tx: Transaction) -> None:
    """Say that this transaction projects: it may write what nobody in particular reads."""
    await tx.execute("SELECT set_config('console.projects', 'on', true)")


async def keep_people(tx: Transaction, people: Sequence[PersonChanged]) -> None:
    """Keep our people, unless later changes are known."""
    await tx.execute_many(
        """
        INSERT INTO people (person_id, occurred_at, event_id, name, email, roles, teams, time_zone, manager, active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            email = excluded.email, roles = excluded.roles, teams = excluded.teams, time_zone = excluded.time_zone,
            manager = excluded.manager, active = excluded.active
        WHERE (people.occurred_at, people.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        [
            (
                one.person_id, one.occurred_at, one.event_id, one.name, one.email, sorted(set(one.roles)),
                sorted(set(one.teams)), one.time_zone, one.manager, one.active,
            )
            for one in people
        ],
    )  # fmt: skip


async def keep_customers(tx: Transaction, customers: Sequence[CustomerChanged]) -> None:
    """Keep customers, unless later changes are known."""
    await tx.execute_many(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, name, segment, tier, csm, executive_sponsor, amount,
                               currency, period, yearly, started_on, renews_on, seats, time_zone, contacts, contract)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            segment = excluded.segment, tier = excluded.tier, csm = excluded.csm,
            executive_sponsor = excluded.executive_sponsor, amount = excluded.amount, currency = excluded.currency,
            period = excluded.period, yearly = excluded.yearly, started_on = excluded.started_on,
            renews_on = excluded.renews_on, seats = excluded.seats, time_zone = excluded.time_zone,
            contacts = excluded.contacts, contract = excluded.contract
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        [_of_customer(one) for one in customers],
    )


def _of_customer(one: CustomerChanged) -> tuple[object, ...]:
    revenue = one.recurring_revenue
    amount = Decimal(revenue.amount)
    return (
        one.customer_id, one.occurred_at, one.event_id, one.name, one.segment, one.tier, one.csm,
        one.executive_sponsor, amount, revenue.currency, revenue.period, amount * _A_YEAR[revenue.period],
        one.started_on, one.renews_on, one.seats, one.time_zone,
        json.dumps([contact.model_dump(mode="json") for contact in one.contacts]), _json(one.contract),
    )  # fmt: skip


def _json(one: Contract | None) -> str | None:
    return one.model_dump_json() if one is not None else None


async def keep_case(tx: Transaction, fact: CaseFact) -> bool:
    """Keep the case as it is after the fact; False where a later state is known."""
    case = fact.case
    return bool(
        await tx.value(
            """
            INSERT INTO cases (case_id, customer_id, revision, state, is_open, csm, opened_at, changed_at, closed_at,
                               body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (case_id) DO UPDATE
            SET revision = excluded.revision, state = excluded.state, is_open = excluded.is_open, csm = excluded.csm,
                opened_at = excluded.opened_at, changed_at = excluded.changed_at, closed_at = excluded.closed_at,
                body = excluded.body
            WHERE cases.revision < excluded.revision
            RETURNING true
            """,
            case.case_id,
            fact.customer_id,
            case.revision,
            case.state,
            case.state in OPEN_CASES,
            case.csm,
            case.opened_at,
            fact.occurred_at,
            case.ending.at if case.ending else None,
            case.model_dump_json(exclude_none=True),
        )
    )


async def keep_transition(tx: Transaction, fact: TransitionFact) -> bool:
    """Keep the transition as it is after the fact; False where a later state is known."""
    one = fact.transition
    return bool(
        await tx.value(
            """
            INSERT INTO transitions (transition_id, customer_id, case_id, revision, state, is_open, is_announced,
                                     involved, teams, milestone_teams, changed_at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (transition_id) DO UPDATE
            SET revision = excluded.revision, state = excluded.state, is_open = excluded.is_open,
                is_announced = excluded.is_announced, involved = excluded.involved, teams = excluded.teams,
                milestone_teams = excluded.milestone_teams, changed_at = excluded.changed_at, body = excluded.body
            WHERE transitions.revision < excluded.revision
            RETURNING true
            """,
            fact.transition_id,
            fact.customer_id,
            fact.case_id,
            one.revision,
            one.state,
            one.state in WORKED_ON,
            one.announced is not None,
            sorted(involved(one)),
            sorted({review.team for review in one.reviews}),
            sorted({milestone.team for milestone in one.parts.timeline.milestones} if one.parts.timeline else ()),
            fact.occurred_at,
            one.model_dump_json(exclude_none=True),
        )
    )


def involved(one: TransitionSnapshot) -> set[str]:
    """Return who of ours has a part in it by name, as transition_review tells them; of what was told before it did, as
    it counted them then. Who stands in is told apart.
    """
    if one.involved is not None:
        return set(one.involved)
    people = {one.proposed_by, *one.authors, *(override.by for override in one.overrides)}
    people |= {review.by for review in one.reviews if review.by is not None}
    if one.csm is not None:
        people.add(one.csm)
    if one.approval is not None:
        people.add(one.approval.by)
    if one.talk is not None:
        people |= set(one.talk.speakers)
    if one.parts.support is not None:
        people.add(one.parts.support.contact)
    if one.parts.communication is not None:
        people |= {message.by for message in one.parts.communication.messages}
    return people


async def keep_stand_ins(tx: Transaction, facts: Sequence[StandInNamed]) -> None:
    """Keep who answers for a team for a while."""
    await tx.execute_many(
        """
        INSERT INTO stand_ins (transition_id, team, person_id, until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (transition_id, team, person_id) DO UPDATE SET until = greatest(stand_ins.until, excluded.until)
        """,
        [(one.transition_id, one.about or "", one.person, one.until) for one in facts],
    )


async def keep_tasks(  # a task is of a subject, which is of a customer
    tx: Transaction, subject_id: str, customer_id: str, transition_id: str | None, why: str, needs: Sequence[Need]
) -> None:
    """Keep what a case or transition needs now, instead of what it needed."""
    await tx.execute("DELETE FROM tasks WHERE subject_id = $1", subject_id)
    await tx.execute_many(
        """
        INSERT INTO tasks (subject_id, position, customer_id, transition_id, whose, person_id, team, says, why, since,
                           due_at, form, item)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        [
            (
                subject_id, position, customer_id, transition_id, need.whose, need.person_id, need.team, need.says,
                "" if need.is_announced else why, need.since, need.due_at, need.form, need.item,
            )
            for position, need in enumerate(needs)
        ],
    )  # fmt: skip


async def keep_terminations(tx: Transaction, facts: Sequence[TerminationFact]) -> None:
    """Keep what was announced to revenue and operations."""
    await tx.execute_many(
        """
        INSERT INTO terminations AS known (termination_id, customer_id, epoch, seq, state, revision, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (termination_id) DO UPDATE
        SET state = CASE WHEN (known.epoch, known.seq) < (excluded.epoch, excluded.seq) THEN excluded.state
                         ELSE known.state END,
            (epoch, seq) = (SELECT * FROM (VALUES (known.epoch, known.seq), (excluded.epoch, excluded.seq)) AS one
                            ORDER BY 1 DESC, 2 DESC LIMIT 1),
            body = CASE WHEN excluded.revision > coalesce(known.revision, 0) THEN excluded.body ELSE known.body END,
            revision = greatest(known.revision, excluded.revision)
        """,
        [_of_termination(one) for one in facts],
    )
    await tx.execute_many(
        """
        INSERT INTO reached (termination_id, milestone_id, customer_id, epoch, seq, reached_on, evidence)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (termination_id, milestone_id) DO UPDATE
        SET epoch = excluded.epoch, seq = excluded.seq, reached_on = excluded.reached_on, evidence = excluded.evidence
        WHERE (reached.epoch, reached.seq) < (excluded.epoch, excluded.seq)
        """,
        [
            (one.termination_id, one.milestone_id, one.customer_id, one.epoch, one.seq, one.on, one.evidence)
            for one in facts
            if isinstance(one, MilestoneReached)
        ],
    )


def _of_termination(one: TerminationFact) -> tuple[object, ...]:
    known = one.termination_id, one.customer_id, one.epoch, one.seq, _STATE[one.type]
    if isinstance(one, TerminationAnnounced | TerminationChanged):
        return *known, one.revision, _json(one.termination)
    return *known, None, None


async def keep_notes(tx: Transaction, notes: Sequence[PrivateNoteKept]) -> None:
    """Keep private notes."""
    await tx.execute_many(
        """
        INSERT INTO notes (note_id, customer_id, case_id, about, by, at, text) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (note_id) DO NOTHING
        """,
        [(one.note_id, one.customer_id, one.case_id, one.about, one.by, one.occurred_at, one.text) for one in notes],
    )


async def keep_notices(tx: Transaction, notices: Sequence[NoticeSent | NoticeFailed | NoticeShown]) -> None:
    """Keep what was sent to whom."""
    await tx.execute_many(
        """
        INSERT INTO notices (notice_id, state, customer_id, person_id, channel, fact_id, at, says, ask_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (notice_id, state) DO NOTHING
        """,
        [_of_notice(one) for one in notices],
    )


def _of_notice(one: Any) -> tuple[object, ...]:
    state, channel, says = "failed", "console", ""
    ask_id = one.ask_id if isinstance(one, NoticeSent) else None
    if isinstance(one, NoticeShown):
        state, says = "shown", one.title
    elif isinstance(one, NoticeSent):
        state, channel, says = "sent", one.channel, one.fact_type
    else:
        channel, says = one.channel, one.reason
    return one.notice_id, state, one.customer_id, one.person_id, channel, one.fact_id, one.occurred_at, says, ask_id


async def keep_taken(tx: Transaction, facts: Sequence[NoticeAcknowledged | NoticeSettled]) -> None:
    """Keep who took in hand what notices asked for, or that it was done without; whoever did first did."""
    await tx.execute_many(
        """
        INSERT INTO taken AS known (ask_id, customer_id, person_id, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (ask_id) DO UPDATE SET person_id = excluded.person_id, at = excluded.at
        WHERE (known.at, coalesce(known.person_id, '')) > (excluded.at, coalesce(excluded.person_id, ''))
        """,
        [(one.ask_id, one.customer_id, getattr(one, "person_id", None), one.occurred_at) for one in facts],
    )


async def keep_lines(tx: Transaction, lines: Sequence[Line]) -> None:
    """Keep lines of the time line."""
    await tx.execute_many(
        """
        INSERT INTO happenings (source, event_id, customer_id, at, sphere, type, by, subject_id, transition_id, detail,
                                seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (source, event_id) DO NOTHING
        """,
        [
            (
                one.source, one.event_id, one.customer_id, one.at, one.sphere, one.type, one.by, one.subject_id,
                one.transition_id, one.detail, one.seq,
            )
            for one in lines
        ],
    )  # fmt: skip
