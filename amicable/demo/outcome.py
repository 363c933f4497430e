"""What came out: bands, cases and mails, each followed back to what caused it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from amicable.demo.found import Found, evidence_of, found
from amicable.demo.mailbox import Mail
from amicable.demo.trace import Link, link, trace
from shared.contracts.event import Message
from shared.contracts.health import HealthScored, RiskDetected, RiskUpdated
from shared.contracts.notices import NoticeSent
from shared.contracts.plans.facts import CaseDismissed, CaseOpened, CaseUpdated
from shared.contracts.upstream import CustomerChanged, PersonChanged

CASE_OPENED = "CaseOpened"


@dataclass(frozen=True)
class Scored:
    """A customer's health as it was published last; `band` is None while it was never scored.

    announced: the register of customers has told of it; before that nothing about it can be judged.
    """

    customer_id: str
    customer: str
    band: str | None
    score: str | None
    announced: bool = True


@dataclass(frozen=True)
class Case:
    """A case: as it was opened (severity, first reason), and the codes of its reasons as they are now."""

    customer_id: str
    customer: str
    csm: str | None
    opened_at: datetime
    severity: str | None
    reason: str
    reasons: frozenset[str]
    event_id: str
    caused_by: tuple[Link, ...]


@dataclass(frozen=True)
class CaughtMail:
    """A mail in the catcher; told: the types of facts that it tells of, none where no notice says so."""

    to: str
    subject: str
    message_id: str
    customer_id: str | None = None
    customer: str | None = None
    case_event_id: str | None = None
    told: frozenset[str] = frozenset()
    caused_by: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Everything that came out. `names` and `addresses` are those of our people."""

    customers: tuple[Scored, ...]
    found: tuple[Found, ...]
    cases: tuple[Case, ...]
    mails: tuple[CaughtMail, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def in_band(self, band: str | None) -> list[Scored]:
        """Return the customers in a band, of those that were announced."""
        return [scored for scored in self.customers if scored.announced and scored.band == band]

    @property
    def unannounced(self) -> int:
        """How many customers there are events of, and no entry in the register."""
        return sum(not scored.announced for scored in self.customers)


def causes_wanted(facts: Iterable[Message]) -> set[str]:
    """Return the ids of the upstream events that the risks name as their causes, and of those behind their reasons."""
    risks = [fact for fact in facts if isinstance(fact, RiskDetected | RiskUpdated)]
    return {event_id for risk in risks for event_id in (risk.causation_id, *evidence_of(risk.reasons))}


def build(facts: Sequence[Message], evidence: Iterable[Message], mails: Iterable[Mail]) -> Outcome:
    """Put together what the topics and the mail catcher hold; `evidence` are the upstream events behind the risks."""
    people = {fact.person_id: fact for fact in facts if isinstance(fact, PersonChanged)}
    register = {fact.customer_id: fact for fact in facts if isinstance(fact, CustomerChanged)}
    names = {customer_id: entry.name for customer_id, entry in register.items()}
    by_id: dict[str, Message] = {fact.event_id: fact for fact in (*evidence, *facts)}
    cases = [_case(fact, facts, register, by_id) for fact in facts if isinstance(fact, CaseOpened)]
    caught = [_mail(mail, facts, names, by_id) for mail in mails]
    return Outcome(
        customers=tuple(_scored(facts, names)),
        found=found(facts, register, by_id),
        cases=tuple(sorted(cases, key=lambda case: (case.opened_at, case.customer))),
        mails=tuple(sorted(caught, key=lambda mail: (mail.to, mail.subject))),
        names={person_id: person.name for person_id, person in people.items()},
        addresses={person_id: person.email for person_id, person in people.items()},
    )


def _scored(facts: Iterable[Message], names: Mapping[str, str]) -> Iterable[Scored]:
    latest: dict[str, HealthScored] = {}
    for fact in facts:
        if isinstance(fact, HealthScored):
            known = latest.get(fact.customer_id)
            latest[fact.customer_id] = fact if known is None or known.revision < fact.revision else known
    for customer_id in sorted({*names, *latest}):
        name = names.get(customer_id, customer_id)
        scored = latest.get(customer_id)
        band, points = (scored.band, scored.score) if scored else (None, None)
        yield Scored(customer_id, name, band, points, announced=customer_id in names)


def _case(
    opened: CaseOpened,
    facts: Iterable[Message],
    register: Mapping[str, CustomerChanged],
    by_id: Mapping[str, Message],
) -> Case:
    entry = register.get(opened.customer_id)
    now = opened.case
    for fact in facts:
        if isinstance(fact, CaseUpdated | CaseDismissed) and fact.case.case_id == now.case_id:
            now = fact.case if fact.case.revision > now.revision else now
    cause = by_id.get(opened.causation_id)
    return Case(
        customer_id=opened.customer_id,
        customer=entry.name if entry else opened.customer_id,
        csm=opened.case.csm,
        opened_at=opened.case.opened_at,
        severity=cause.severity if isinstance(cause, RiskDetected | RiskUpdated) else None,
        reason=opened.case.reasons[0].text if opened.case.reasons else "",
        reasons=frozenset(reason.code for reason in now.reasons),
        event_id=opened.event_id,
        caused_by=trace(opened, by_id),
    )


def _mail(mail: Mail, facts: Iterable[Message], names: Mapping[str, str], by_id: Mapping[str, Message]) -> CaughtMail:
    to = ", ".join(mail.to)
    local_part = mail.message_id.partition("@")[0]
    sent = [fact for fact in facts if isinstance(fact, NoticeSent)]
    notices = [one for one in sent if local_part in {one.notice_id, one.message_id}]  # several are put together
    if not notices:
        return CaughtMail(to, mail.subject, mail.message_id)
    notice = min(notices, key=lambda one: one.fact_type != CASE_OPENED)
    return CaughtMail(
        to,
        mail.subject,
        mail.message_id,
        customer_id=notice.customer_id,
        customer=names.get(notice.customer_id, notice.customer_id),
        case_event_id=notice.fact_id,
        told=frozenset(one.fact_type for one in notices),
        caused_by=(link(notice), *trace(notice, by_id)),
    )
