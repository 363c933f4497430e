"""Forms of a transition's parts that have no file of their own: the timeline, support until the end, the referral."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.console.page.acting import rows
from services.console.page.acting.endings import ending_of, part, written
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands
from shared.contracts.endings.parts import Referral, Support, Timeline

KINDS = (
    Option("refund_paid", "Refund paid"),
    Option("data_returned", "Data returned"),
    Option("access_closed", "Access closed"),
    Option("data_deleted", "Data deleted"),
    Option("other", "Something else"),
)


NEEDED = {  # milestones without which no team is asked, and the day of the support part that each is about
    "data_returned": ("Their data are returned", "export_on"),
    "access_closed": ("Access is closed", "access_ends_on"),
    "data_deleted": ("Their data are deleted, with proof", "deleted_on"),
}


def _milestones(about: About) -> Sequence[Given]:
    """Return what the form begins with: the part as it is written, else the milestones that every plan needs."""
    parts = ending_of(about).parts
    if parts.timeline is not None:
        return [one.model_dump(mode="json") for one in parts.timeline.milestones]
    days = parts.support.model_dump(mode="json") if parts.support else {}
    return [{"kind": kind, "what": what, "due_on": days.get(day)} for kind, (what, day) in NEEDED.items()]


def _milestone_row(about: About) -> Callable[[Given | None], Sequence[Field]]:
    def row(one: Given | None) -> Sequence[Field]:
        known = one or {}
        names = sorted({*about.teams, *_held(known.get("team"))})
        teams = tuple(Option(name, name.capitalize()) for name in names)
        return (
            Field("what", "What is done", value=_held(known.get("what")),
                  hint="" if one else "Leave it empty where there is none."),
            Field("kind", "Which kind", "choice", options=KINDS, value=_held(known.get("kind"))),
            Field("team", "By which team", "choice", options=teams, value=_held(known.get("team"))),
            Field("due", "Until", "day", value=_held(known.get("due_on"))),
        )  # fmt: skip

    return row


def _held(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _milestone_rows(about: About) -> list[Field]:
    return rows.laid("Milestone", _milestones(about), 2, _milestone_row(about))


def _timeline(about: About, _: str) -> Sequence[Field]:
    known = ending_of(about).parts.timeline
    return (
        Field("last_day", "Last day", "day", value=(known.last_day.isoformat(),) if known else (),
              hint="Of the relationship; not before the contract allows it."),
        Field(
            "time_needed_days", "Days that they need to find another way", "whole", whole=(0, 3660),
            value=(str(known.time_needed_days),) if known else (),
        ),
        *_milestone_rows(about),
    )  # fmt: skip


def _timed(given: Given, about: About, _: str) -> Given:
    known = ending_of(about).parts.timeline
    ids = [one.milestone_id for one in known.milestones] if known else []
    free = rows.free_ids("m", ids)
    milestones = [
        {
            "milestone_id": ids[row.number] if row.number < len(ids) else next(free),
            "kind": row.given["kind"],
            "what": row.given["what"],
            "team": row.given["team"],
            "due_on": row.given["due"],
        }
        for row in rows.typed(given, _milestone_rows(about), "what")
    ]
    said = {"last_day": given["last_day"], "time_needed_days": given["time_needed_days"], "milestones": milestones}
    return {"timeline": Timeline.model_validate(said)}


def _support(about: About, _: str) -> Sequence[Field]:
    held = _begun(about)
    return [
        replace(one, value=_held(held.get(one.name)))
        for one in (
            Field("level", "Level of support", hint="Such as: as before."),
            Field("hours", "Hours", hint="Such as: on weekdays from 9 to 17."),
            Field("contact", "Whom they turn to", "choice", options=about.colleagues()),
            Field("until", "Until", "day", hint="The last day, or later."),
            Field("export_format", "Format of the data export", hint="Such as: CSV."),
            Field("export_on", "Data are returned on", "day"),
            Field("access_ends_on", "Access ends on", "day", hint="The last day, or later."),
            Field("deleted_on", "Data are deleted on", "day"),
            Field("proof_of_deletion", "How the deletion is proved", "text"),
        )
    ]


def _begun(about: About) -> Given:
    """Return what the form begins with: the part as it is written, else the days that the timeline names."""
    parts = ending_of(about).parts
    if parts.support is not None:
        return parts.support.model_dump(mode="json")
    held: Given = {"contact": about.csm}
    if parts.timeline is None:
        return held
    days = {NEEDED[one.kind][1]: one.due_on.isoformat() for one in parts.timeline.milestones if one.kind in NEEDED}
    last = parts.timeline.last_day.isoformat()
    return {**held, "until": last, "access_ends_on": last, **days}


def _referral(about: About, _: str) -> Sequence[Field]:
    known = ending_of(about).parts.referral
    chosen = known.alternatives if known else ()
    return (
        Field(
            "alternatives", "Alternatives that fit them better", "many", required=False, value=chosen,
            options=about.to_go_to(chosen),
        ),
        Field("why", "Why these, or why none", "text", required=False, value=(known.why,) if known else ()),
        Field("introduction_offered", "We offer to introduce them", "yes",
              value=("yes",) if known and known.introduction_offered else ()),
        Field("glad_of", "What we would be glad to be referred for", "text", required=False,
              value=(known.glad_of,) if known else ()),
    )  # fmt: skip


def _referred(given: Given, _: About, __: str) -> Given:
    said = {**given, "why": given["why"] or "", "glad_of": given["glad_of"] or ""}
    return {"referral": Referral.model_validate(said)}


FORMS = (
    Form(
        "write_timeline", commands.WriteTimeline, "Write the timeline", "Save the part", _timeline, written,
        make=_timed, edits=True, apart=part("timeline"),
        note="The days on which data are returned, access ends and data are deleted are the same as those of support;"
        " what we owe has a milestone of its own: Refund paid.",
    ),
    Form(
        "write_support", commands.WriteSupport, "Write the support until the end", "Save the part", _support, written,
        make=lambda given, _, __: {"support": Support.model_validate(given)}, edits=True, apart=part("support"),
    ),
    Form(
        "write_referral", commands.WriteReferral, "Write the referral", "Save the part", _referral, written,
        make=_referred, edits=True, apart=part("referral"),
    ),
)  # fmt: skip
