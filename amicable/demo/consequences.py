"""What followed from a day's events, as the services announced it: a line per customer, and the risk behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from amicable.demo.people import PERSON
from shared.contracts.event import DomainEvent, Message
from shared.contracts.health import HealthBandChanged, RiskCleared, RiskDetected, RiskUpdated
from shared.contracts.notices import NoticeFailed, NoticeSent
from shared.contracts.plans.facts import CaseDismissed, CaseOpened
from shared.contracts.topics import HEALTH, NOTIFICATIONS, PLANS

BAND_STYLE = {"green": "green", "yellow": "yellow", "red": "bold red", "unknown": "magenta"}
_STEPS = tuple(topic.producers[0] for topic in (HEALTH, PLANS, NOTIFICATIONS))
_SEPARATOR = Text.assemble((" · ", "dim"))  # a style of its own would become that of all that it joins


@dataclass(frozen=True)
class Followed:
    """What was announced of a customer: a line, and the risks that it tells of, the latest last."""

    line: Text
    risks: tuple[RiskDetected | RiskUpdated, ...] = ()


def consequences(facts: Iterable[Message]) -> dict[str, Followed]:
    """Return for each customer what was announced of it, in the order in which one thing follows from another."""
    of_customers = [fact for fact in facts if isinstance(fact, DomainEvent)]
    of_customers.sort(key=lambda fact: (fact.customer_id, _STEPS.index(fact.source) if fact.source in _STEPS else 0))
    found: dict[str, Followed] = {}
    for customer_id, group in groupby(of_customers, key=lambda fact: fact.customer_id):
        told = list(group)
        opened = any(isinstance(fact, CaseOpened) for fact in told)
        risks = [fact for fact in told if isinstance(fact, RiskDetected | RiskUpdated)]
        announced = [_announced(fact, opened=opened) for fact in told if fact not in risks[:-1]]
        parts = [part for part in (_bands(told), *announced) if part is not None]
        if parts:
            found[customer_id] = Followed(_SEPARATOR.join(parts), tuple(risks))
    return found


def _bands(facts: Iterable[DomainEvent]) -> Text | None:
    """Return the way through the bands: green → yellow → red (46.31). The first one that is known is no change."""
    changes = [fact for fact in facts if isinstance(fact, HealthBandChanged) and not _is_first(fact)]
    if not changes:
        return None
    bands = [changes[0].before, *(change.after for change in changes)]
    way = Text(" → ").join(Text(band, style=BAND_STYLE[band]) for band in bands)
    return way.append(f" {changes[-1].score}" if changes[-1].score else "", style="dim")


def _is_first(fact: HealthBandChanged) -> bool:
    """Tell whether nothing was told of the customer's health before."""
    return fact.before == "unknown" and fact.seq == 1


def _announced(fact: DomainEvent, *, opened: bool) -> Text | None:
    """Return what a fact says; `opened`: a case was opened with it, so that the risk is a new one."""
    match fact:
        case RiskDetected() | RiskUpdated():
            still = "still " if isinstance(fact, RiskUpdated) and not opened else ""
            severity, style = ("watched", "yellow") if fact.severity == "watch" else ("at risk", "red")
            return Text(still + severity, style=style)
        case RiskCleared():
            return Text("out of danger", style="green")
        case CaseOpened():
            return Text("case opened", style="bold")
        case CaseDismissed():
            return Text("case closed", style="bold green")
        case NoticeSent():
            return Text(f"✉ {_name(fact.person_id)}", style="bold cyan")
        case NoticeFailed():
            return Text(f"no mail reached {_name(fact.person_id)}: {fact.reason}", style="bold red")
        case _:
            return None


def _name(person_id: str) -> str:
    """Return whose name it is; whoever is none of ours is a contact of the customer's."""
    return PERSON[person_id].name if person_id in PERSON else "a contact of theirs"
