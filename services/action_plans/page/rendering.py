"""Writes the page from the shared plan alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.page import codes, forms, words
from services.action_plans.page.downloads import DOWNLOADS
from services.action_plans.page.words import Notice
from shared.page.rendering import templates_of
from shared.page.words import date_in, moment

_templates = templates_of("services.action_plans.page")
_templates.filters["changed"] = words.changed
_templates.globals |= {
    "CADENCE": words.CADENCE,
    "KIND": words.KIND,
    "STATUS": words.STATUS,
    "FIELD": words.FIELD,
    "LONGEST_COMMENT": forms.LONGEST_COMMENT,
    "LONGEST_REASON": forms.LONGEST_REASON,
    "CODE_MINUTES": int(codes.LIFE.total_seconds() // 60),
}


@dataclass(frozen=True)
class Reader:
    """Who reads the page. has_code: a code for the version shown is on its way; kept: what was typed, shown again."""

    token: str
    name: str
    has_code: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)


def plan_page(plan: SharedPlan, reader: Reader, notice: Notice | None = None) -> str:
    """Return the page of a plan."""
    return _templates.get_template("plan.html").render(
        plan=plan,
        reader=reader,
        notice=notice,
        key=forms.key_of(reader.token),
        entry=uuid4().hex,
        downloads=DOWNLOADS,
        at=lambda at: moment(at, plan.time_zone),
        on=lambda at: date_in(at, plan.time_zone),
    )
