"""The kinds of document that a customer may be given, each drawn from the shared plan alone."""

from collections.abc import Mapping

from services.action_plans.documents import calendar
from services.action_plans.documents.content import document_of
from services.action_plans.domain.shared_plan import SharedPlan
from shared.documents.kinds import Kind, kinds_of

KINDS: Mapping[str, Kind[SharedPlan]] = {
    **kinds_of(document_of),
    "ics": Kind("ics", "calendar", "text/calendar; charset=utf-8", True, calendar.render),
}
