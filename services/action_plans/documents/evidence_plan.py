"""The plan as evidence: every version with its hash, its signatures and what it changed; progress; reviews."""

from collections.abc import Iterator
from itertools import groupby

from services.action_plans.documents.evidence_talks import NONE, attending
from services.action_plans.domain.plan import Version
from services.action_plans.domain.progress import Progress, status
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import Commitment, Difference, Terms, differences
from services.action_plans.store.dossier import Dossier
from shared.documents.tree import (
    NOTHING,
    Block,
    Column,
    Facts,
    Heading,
    Line,
    Lines,
    Paragraph,
    Table,
    line,
)
from shared.documents.wording import day, moment

SIGNED = "PlanSigned"


def versions_of(dossier: Dossier) -> Iterator[Block]:
    """Every version of the shared terms."""
    yield Heading(1, "Versions of the plan")
    if not dossier.versions:
        yield Paragraph(NONE)
    before: Terms | None = None
    for number, author, at, content_hash, terms in dossier.versions:
        yield Heading(2, f"Version {number}")
        proposed = f"{dossier.person(author)}, {moment(at, dossier.case.time_zone)}"
        frame = f"{day(terms.starts_on)} to {day(terms.ends_on)}, reviews {terms.cadence.replace('_', ' ')}"
        yield Facts(
            (
                ("Proposed by", line(proposed)),
                ("Content hash", line(content_hash)),
                ("Time frame", line(frame)),
                ("Signatures", tuple(_signatures(dossier, number)) or line("none", "quiet")),
            )
        )
        changed = differences(before, terms)
        if changed:
            columns = (Column("What it changed", 6), Column("Before", 7), Column("After", 7))
            yield Table(columns, tuple(_changed(changed)))
        before = terms
    yield from _offers(dossier)


def _changed(changed: tuple[Difference, ...]) -> Iterator[tuple[Lines, ...]]:
    """Yield one row for each part of the terms, its fields one below the other."""
    for (_, what), some in groupby(changed, key=lambda one: (one.kind, one.what)):
        fields = list(some)
        before = tuple(Line(f"{one.field}: {one.before}") for one in fields if one.before is not None)
        after = tuple(Line(f"{one.field}: {one.after}") for one in fields if one.after is not None)
        yield line(what, "strong"), before or line(NOTHING), after or line(NOTHING)


def _signatures(dossier: Dossier, number: int) -> Iterator[Line]:
    """Those that the case still holds say which content was accepted; of older ones the record says who and when."""
    zone, known = dossier.case.time_zone, {one.number: one for one in _known(dossier)}
    for one in known[number].acceptances if number in known else ():
        proof = f", proved by code {one.proof}" if one.proof else ""
        yield Line(f"{one.side}: {dossier.person(one.person_id)}, {moment(one.at, zone)}{proof}")
        yield Line(f"accepted {one.content_hash}", "quiet")
    if number in known:
        refusal = known[number].refusal
        if refusal is not None:
            proof = f", proved by code {refusal.proof}" if refusal.proof else ""
            yield Line(
                f"refused by {dossier.person(refusal.person_id)}, {moment(refusal.at, zone)}{proof}: {refusal.why}",
                "bad",
            )
        return
    for row in dossier.entries:
        if row.kind == SIGNED and row.about == str(number):
            yield Line(f"{dossier.person(row.by)}, {moment(row.at, zone)}, row {row.number} of the record")


def _known(dossier: Dossier) -> list[Version]:
    return [one for one in (dossier.case.plan.agreed, dossier.case.plan.proposed) if one is not None]


def _offers(dossier: Dossier) -> Iterator[Block]:
    for one in dossier.case.plan.offers:
        said = f"Version {one.number} was offered on {day(one.on)} and left unanswered: {one.how}"
        yield Paragraph((Line(said), Line(f"recorded by {dossier.person(one.recorded_by)}", "quiet")))


def progress_of(dossier: Dossier) -> Iterator[Block]:
    """How each commitment goes, those of earlier versions too."""
    case = dossier.case
    yield Heading(1, "Commitments and how they go")
    some = (*case.commitments, *case.plan.retired)
    if not some:
        yield Paragraph(NONE)
        return
    columns = (Column("Commitment", 7), Column("Side, owner", 4), Column("Due", 3), Column("How it goes", 8))
    yield Table(columns, tuple(_commitment(dossier, one) for one in some))


def _commitment(dossier: Dossier, one: Commitment) -> tuple[Lines, ...]:
    case = dossier.case
    known = case.progress_by_id.get(one.commitment_id, Progress(one.commitment_id))
    stands = status(one, known, case.today(dossier.at))
    on = f" on {day(known.on)}" if known.on else ""
    goes = [Line(f"{stands}{on}", {"done": "good", "open": "plain", "waived": "quiet"}.get(stands, "bad"))]  # type: ignore[arg-type]
    goes += [Line(f"{name}: {text}") for name, text in (("evidence", known.evidence), ("why", known.cause)) if text]
    if known.agreed_with:
        goes.append(Line(f"agreed with {attending(dossier, (known.agreed_with,))[0]}", "quiet"))
    goes += _undeliverable(dossier, known)
    if known.recorded_by:
        goes.append(Line(f"recorded by {dossier.person(known.recorded_by)}", "quiet"))
    what = Line(one.what, "strong"), Line(f"{one.commitment_id} · done when: {one.done_when}", "quiet")
    return what, line(f"{one.side}, {dossier.person(one.owner)}"), line(day(one.due_on)), tuple(goes)


def _undeliverable(dossier: Dossier, known: Progress) -> Iterator[Line]:
    given_up, zone = known.undeliverable, dossier.case.time_zone
    if given_up is None:
        return
    yield Line(
        f"undeliverable, says {dossier.person(given_up.by)}, {moment(given_up.at, zone)}: {given_up.cause}", "bad"
    )
    noted = moment(given_up.acknowledged_at, zone) if given_up.acknowledged_at else "not yet"
    told = moment(given_up.told_at, zone) if given_up.told_at else "not yet"
    yield Line(
        f"acknowledged by {dossier.person(given_up.acknowledged_by)}: {noted}; the customer was told: {told}", "quiet"
    )


def reviews_of(dossier: Dossier) -> Iterator[Block]:
    """Every review, those that did not happen too."""
    yield Heading(1, "Reviews")
    if not dossier.case.reviews:
        yield Paragraph(NONE)
        return
    columns = (Column("Review", 6), Column("How it went", 5), Column("What came of it", 9))
    yield Table(columns, tuple(_review(dossier, one) for one in dossier.case.reviews))


def _review(dossier: Dossier, one: Review) -> tuple[Lines, ...]:
    zone = dossier.case.time_zone
    went = [Line(f"{one.state}{f' by {one.missed_by}' if one.missed_by else ''}", "bad" if one.missed_by else "strong")]
    went += [Line(f"moved by {move.by} from {moment(move.planned_for, zone)}", "quiet") for move in one.moves]
    came = [
        Line(f"{result.commitment_id}: {result.status}{f' ({result.note})' if result.note else ''}")
        for result in one.results
    ]
    came += [Line(f"decided: {text}") for text in one.decided]
    if one.attendees:
        came.append(Line(f"there: {', '.join(attending(dossier, one.attendees))}", "quiet"))
    when = Line(moment(one.held_at or one.planned_for, zone), "strong"), Line(one.review_id, "quiet")
    return when, tuple(went), tuple(came) or line(NOTHING)
