"""Forms of a transition's parts that have no file of their own: the timeline, support until the end, the referral."""

from collections.abc import Sequence
from dataclasses import replace

from services.console.page.acting import rows
from services.console.page.acting.endings import ending_of, written
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands
from shared.contracts.endings.parts import Milestone, Referral, Support, Timeline

KINDS = (
    Option("refund_paid", "Refund paid"),
    Option("data_returned", "Data returned"),
    Option("access_closed", "Access closed"),
    Option("data_deleted", "Data deleted"),
    Option("other", "Something else"),
)


def _milestone_row(one: Milestone | None) -> Sequence[Field]:
    return (
        Field("what", "What is done", value=(one.what,) if one else (),
              hint="" if one else "Leave it empty where there is none."),
        Field("kind", "Which kind", "choice", options=KINDS, value=(one.kind,) if one else ()),
        Field("team", "By which team", value=(one.team,) if one else ()),
        Field("due", "Until", "day", value=(one.due_on.isoformat(),) if one else ()),
    )  # fmt: skip


def _milestone_rows(about: About) -> list[Field]:
    known = ending_of(about).parts.timeline
    return rows.laid("Milestone", known.milestones if known else (), 2, _milestone_row)


def _timeline(about: About, _: str) -> Sequence[Field]:
    known = ending_of(about).parts.timeline
    return (
        Field("last_day", "Last day", "day", value=(known.last_day.isoformat(),) if known else ()),
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
    known = ending_of(about).parts.support
    fields = (
        Field("level", "Level of support"),
        Field("hours", "Hours"),
        Field("contact", "Whom they turn to", "choice", options=about.colleagues()),
        Field("until", "Until", "day"),
        Field("export_format", "Format of the data export"),
        Field("export_on", "Data are returned on", "day"),
        Field("access_ends_on", "Access ends on", "day"),
        Field("deleted_on", "Data are deleted on", "day"),
        Field("proof_of_deletion", "How the deletion is proved", "text"),
    )
    return [_holding(one, str(getattr(known, one.name)) if known else "") for one in fields]


def _holding(field: Field, value: str) -> Field:
    return replace(field, value=(value,) if value else ())


def _referral(about: About, _: str) -> Sequence[Field]:
    known = ending_of(about).parts.referral
    chosen = known.alternatives if known else ()
    return (
        Field(
            "alternatives", "Alternatives that fit them better", "many", required=False, value=chosen,
            options=about.to_go_to(chosen),
        ),
        Field("why", "Why these", "text", value=(known.why,) if known else ()),
        Field("introduction_offered", "We offer to introduce them", "yes",
              value=("yes",) if known and known.introduction_offered else ()),
        Field("glad_of", "What we would be glad to be referred for", "text", required=False,
              value=(known.glad_of,) if known else ()),
    )  # fmt: skip


def _referred(given: Given, _: About, __: str) -> Given:
    said = {**given, "glad_of": given["glad_of"] or ""}
    return {"referral": Referral.model_validate(said)}


FORMS = (
    Form(
        "write_timeline", commands.WriteTimeline, "Write the timeline", "Save the part", _timeline, written,
        make=_timed, edits=True,
    ),
    Form(
        "write_support", commands.WriteSupport, "Write the support until the end", "Save the part", _support, written,
        make=lambda given, _, __: {"support": Support.model_validate(given)}, edits=True,
    ),
    Form(
        "write_referral", commands.WriteReferral, "Write the referral", "Save the part", _referral, written,
        make=_referred, edits=True,
    ),
)  # fmt: skip
