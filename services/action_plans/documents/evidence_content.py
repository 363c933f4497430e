"""The readable part of an evidence pack: all that is kept of a case, in order. Internal, and every page says so."""

from collections.abc import Iterator

from services.action_plans.documents.evidence_judged import checklist_of, fairness_of
from services.action_plans.documents.evidence_plan import progress_of, reviews_of, versions_of
from services.action_plans.documents.evidence_record import links_of, notes_of, record_of
from services.action_plans.documents.evidence_talks import conversations_of, expectations_of, players_of, said_of
from services.action_plans.store.dossier import Dossier
from shared.documents.tree import NOTHING, Block, Document, Facts, Heading, Line, Notice, Paragraph, line
from shared.documents.wording import moment

INTERNAL = "INTERNAL: not for the customer"


def document_of(dossier: Dossier) -> Document:
    """Return what the readable part says."""
    name, case = _name(dossier), dossier.case
    return Document(
        title=f"Evidence: {name}",
        subtitle=f"Case {case.case_id}, revision {case.revision}, {case.state.replace('_', ' ')}",
        running=f"{INTERNAL} · evidence of {name} · revision {case.revision}",
        at=dossier.at,
        blocks=tuple(_blocks(dossier)),
    )


def _name(dossier: Dossier) -> str:
    return dossier.customer.name if dossier.customer and dossier.customer.name else dossier.case.customer_id


def _blocks(dossier: Dossier) -> Iterator[Block]:
    yield Notice((Line(INTERNAL, "strong"), Line(_warning(dossier))))
    yield from _overview(dossier)
    yield from checklist_of(dossier)
    yield from fairness_of(dossier)
    yield from conversations_of(dossier)
    yield from players_of(dossier)
    yield from expectations_of(dossier)
    yield from versions_of(dossier)
    yield from progress_of(dossier)
    yield from reviews_of(dossier)
    yield from said_of(dossier)
    yield from links_of(dossier)
    yield from notes_of(dossier)
    yield from record_of(dossier)


def _warning(dossier: Dossier) -> str:
    notes = "It holds private notes." if dossier.notes is not None else "Private notes are left out."
    return f"This pack holds what only we may read: views, reasons, decisions and how the case is judged. {notes}"


def _overview(dossier: Dossier) -> Iterator[Block]:
    case, zone = dossier.case, dossier.case.time_zone
    yield Heading(1, "The case")
    opened = f"{moment(case.opened_at, zone)} by {dossier.person(case.opened_by) if case.opened_by else 'a risk'}"
    yield Facts(
        (
            ("Customer", line(f"{_name(dossier)} ({case.customer_id})")),
            ("CSM", line(dossier.person(case.csm) if case.csm else "nobody")),
            ("Opened", line(opened)),
            ("Health band", line(case.band)),
            ("As of", line(f"{moment(dossier.at, zone)} ({zone}, as all times but the record's)")),
            ("Head of the record", (Line(f"row {dossier.head.number}"), Line(dossier.head.hash, "quiet"))),
        )
    )
    yield Heading(2, "Why it was opened")
    for reason in case.reasons:
        events = ", ".join(reason.evidence.event_ids) if reason.evidence else ""
        yield Paragraph((Line(reason.text), Line(f"{reason.code} · events: {events or NOTHING}", "quiet")))
    if case.missing_data is not None:
        one = case.missing_data
        said = f"{dossier.person(one.by)} on why health is unknown, {moment(one.at, zone)}"
        yield Paragraph((Line(said, "strong"), Line(one.why)))
    if case.failure is not None:
        failed = case.failure
        said = f"Declared failed by {dossier.person(failed.by)}, {moment(failed.at, zone)}: {failed.ground}"
        yield Paragraph((Line(said, "strong"), Line(failed.why), Line(f"root cause: {failed.cause}", "quiet")))
    if case.ending is not None:
        ended = case.ending
        said = f"Ended as {ended.how}, {moment(ended.at, zone)}, by {dossier.person(ended.by)}"
        helped = f"root cause: {ended.cause or NOTHING} · what helped: {', '.join(ended.helped) or NOTHING}"
        yield Paragraph((Line(said, "strong"), Line(ended.why), Line(helped, "quiet")))
