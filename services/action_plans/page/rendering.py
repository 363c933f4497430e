"""Writes the page from the shared plan alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from uuid import uuid4

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.page import codes, forms, words
from services.action_plans.page.downloads import DOWNLOADS
from services.action_plans.page.words import Notice

_templates = Environment(
    loader=PackageLoader("services.action_plans.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "day": words.day,
    "weekday": words.weekday,
    "days": words.days,
    "changed": words.changed,
    "capital": words.capital,
}
_templates.globals |= {
    "CADENCE": words.CADENCE,
    "KIND": words.KIND,
    "STATUS": words.STATUS,
    "FIELD": words.FIELD,
    "LONGEST_COMMENT": forms.LONGEST_COMMENT,
    "LONGEST_REASON": forms.LONGEST_REASON,
    "CODE_MINUTES": int(codes.LIFE.total_seconds() // 60),
}
STYLE = (resources.files("services.action_plans.page") / "assets" / "page.css").read_bytes()
_templates.globals["STYLE_VERSION"] = hashlib.sha256(STYLE).hexdigest()[:12]


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
        at=lambda moment: words.moment(moment, plan.time_zone),
        on=lambda moment: words.date_in(moment, plan.time_zone),
    )


def plain_page(title: str, says: str) -> str:
    """Return a page that says one thing, and nothing of anybody."""
    return _templates.get_template("plain.html").render(title=title, says=says)
