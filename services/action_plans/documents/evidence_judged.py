"""How a case is judged, as evidence: the last-resort checklist and the fairness ledger."""

from collections.abc import Iterator
from dataclasses import fields

import jwt

from services.action_plans.documents import wording
from services.action_plans.domain.eligibility import Condition, checklist, is_eligible
from services.action_plans.domain.ledger import SideLedger, ledger
from services.action_plans.store.dossier import Dossier
from shared.documents.tree import NOTHING, Block, Column, Heading, Line, Lines, Paragraph, Table, line


def checklist_of(dossier: Dossier) -> Iterator[Block]:
    """May it be ended, as of this moment: every condition, with the records that it stands on."""
    conditions = checklist(dossier.case, dossier.at)
    yield Heading(1, "The last-resort checklist")
    met = "Every condition is met." if is_eligible(conditions) else "Not every condition is met: it may not be ended."
    yield Paragraph(line(met, "strong"))
    columns = (Column("Condition", 4), Column("Met", 2), Column("How it stands", 7), Column("Evidence", 7))
    yield Table(columns, tuple(_condition(one, dossier.case.case_id) for one in conditions))
    yield Paragraph(_signed(dossier))


def _condition(one: Condition, case_id: str) -> tuple[Lines, ...]:
    """Ids of reviews begin with the case's, which stands above."""
    stands = [Line(one.says)]
    if one.needed:
        stands.append(Line(f"Needed: {one.needed}", "quiet"))
    met = Line("yes", "good") if one.met else Line("no", "bad")
    name = one.name.replace("_", " ").capitalize()
    return (
        line(name, "strong"),
        (met,),
        tuple(stands),
        line(", ".join(id_.removeprefix(f"{case_id}-") for id_ in one.evidence) or NOTHING),
    )


def _signed(dossier: Dossier) -> Lines:
    if dossier.signed is None:
        return line("No signed checklist is kept of this case.", "quiet")
    key_id = jwt.get_unverified_header(dossier.signed).get("kid")
    said = jwt.decode(dossier.signed, options={"verify_signature": False})
    return (
        Line("checklist.jwt is the checklist as it was last signed, when the case was last changed."),
        Line(f"Key: {key_id} · signed at {said['at']} · revision {said['revision']}", "quiet"),
    )


def fairness_of(dossier: Dossier) -> Iterator[Block]:
    """What each side promised and did, ours first, the same counts for both."""
    counted = ledger(dossier.case, dossier.at)
    yield Heading(1, "The fairness ledger")
    columns = (Column("Counted", 6), Column("Us", 4), Column("The customer", 4))
    names = [field.name for field in fields(SideLedger) if field.name != "side"]
    rows = ((name, getattr(counted.us, name), getattr(counted.customer, name)) for name in names)
    yield Table(
        columns,
        tuple((line(name.replace("_", " ").capitalize()), line(str(us)), line(str(it))) for name, us, it in rows),
    )
    moved = [f"{one.commitment_id} ({one.side}): {wording.put_off(one.days)}" for one in counted.slippage]
    if counted.frame_slipped_days:
        moved.append(f"the end of the time frame: {wording.put_off(counted.frame_slipped_days)}")
    yield Paragraph(line(f"Against the first agreed version: {'; '.join(moved) or 'nothing has moved'}.", "quiet"))
