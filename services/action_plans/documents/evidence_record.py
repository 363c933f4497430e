"""What proves itself: the record with its hashes, who opened the shared plan, private notes if asked for."""

from collections.abc import Iterator

from services.action_plans.documents.evidence_talks import NONE
from services.action_plans.store.dossier import Dossier
from services.action_plans.store.record import Entry
from shared.documents.tree import Block, Bullets, Column, Heading, Line, Lines, Paragraph, Table, line
from shared.documents.wording import moment

SHORT = 16  # characters of a hash that are shown; record.json has all


def links_of(dossier: Dossier) -> Iterator[Block]:
    """Who was given a link to the shared plan, and who used it."""
    zone = dossier.case.time_zone
    yield Heading(1, "Links to the shared plan, and their use")
    if not dossier.links:
        yield Paragraph(NONE)
    for one in dossier.links:
        until = (
            f"revoked {moment(one.revoked_at, zone)}"
            if one.revoked_at
            else f"good until {moment(one.expires_at, zone)}"
        )
        used = [visit for visit in dossier.visits if visit.contact_id == one.contact_id]
        said = (
            f"For {dossier.person(one.contact_id)}, by {dossier.person(one.created_by)}, {moment(one.created_at, zone)}"
        )
        yield Paragraph((Line(said, "strong"), Line(f"{until} · used by this contact {len(used)} times", "quiet")))
    if dossier.visits:
        columns = (Column("When", 5), Column("Who", 5), Column("What for", 10))
        rows = ((one.at, one.contact_id, one.what) for one in dossier.visits)
        yield Table(
            columns, tuple((line(moment(at, zone)), line(dossier.person(who)), line(what)) for at, who, what in rows)
        )


def notes_of(dossier: Dossier) -> Iterator[Block]:
    """Private notes, where they were asked for."""
    if dossier.notes is None:
        return
    yield Heading(1, "Private notes")
    if not dossier.notes:
        yield Paragraph(NONE)
    for note in dossier.notes:
        said = f"About {note.about}, by {dossier.person(note.by)}, {moment(note.at, dossier.case.time_zone)}"
        yield Paragraph((Line(said, "strong"), Line(note.text)))


def record_of(dossier: Dossier) -> Iterator[Block]:
    """Every row of the record, and how anybody can prove that none was changed."""
    yield Heading(1, "The record")
    yield Paragraph(
        line(
            "Each row holds the hash of the one before it, and of the whole case after it. record.json has the rows"
            " complete; times here are UTC, hashes shortened."
        )
    )
    columns = (Column("Row", 2), Column("When", 5), Column("What", 7), Column("By", 5), Column("Hash", 5))
    yield Table(columns, tuple(_row(dossier, one) for one in dossier.entries))
    yield Heading(2, "How to verify this pack")
    yield Bullets(
        (
            line("Unpack it, and run: python3 verify.py. It needs Python alone, and says what does not fit."),
            line(
                "It computes the hash of every row anew, from the first to the head, of the case and of each version."
            ),
            line(
                "Compare the head with one that was kept elsewhere: every event of the case on plans.v1 carries it. A"
                " chain that was rewritten as a whole fits in itself, but not to that."
            ),
            line("checklist.jwt (EdDSA) is verified with the public key of the id that its header names."),
        )
    )


def _row(dossier: Dossier, one: Entry) -> tuple[Lines, ...]:
    what = (Line(one.kind, "strong"), *((Line(one.about, "quiet"),) if one.about else ()))
    return (
        line(str(one.number)),
        line(f"{one.at:%Y-%m-%d %H:%M:%S}"),
        what,
        line(dossier.person(one.by)),
        line(one.hash[:SHORT], "quiet"),
    )
