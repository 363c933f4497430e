"""All forms there are, by their names."""

from collections.abc import Mapping

from services.console.page.acting import (
    afterwards,
    alternatives,
    contracting,
    conversations,
    documents,
    endings,
    health,
    planning,
    preferences,
    preparing,
    reviews,
    settling,
    taking,
    telling,
    writing,
)
from services.console.page.acting.form import About, Form

OF_CASE = {one.name: one for one in (*conversations.FORMS, *planning.FORMS, *reviews.FORMS, *documents.CASE_FORMS)}
OF_TRANSITION = {
    one.name: one
    for one in (
        *endings.FORMS,
        *writing.FORMS,
        *contracting.FORMS,
        *settling.FORMS,
        *telling.FORMS,
        *preparing.FORMS,
        *afterwards.FORMS,
        *documents.ENDING_FORMS,
    )
}
OF_ANNOUNCED = {"reach_milestone": OF_TRANSITION["reach_milestone"]}
OF_CUSTOMER = {one.name: one for one in health.FORMS}
OF_PERSON = {one.name: one for one in preferences.FORMS}
OF_NOTICES = {one.name: one for one in taking.FORMS}
OF_ALTERNATIVES = {one.name: one for one in alternatives.FORMS}


def forms_of(about: About) -> Mapping[str, Form]:
    """Return the forms that belong to the page."""
    match about.kind:
        case "cases":
            return OF_CASE
        case "transitions":
            return OF_TRANSITION if about.ending is not None else OF_ANNOUNCED
        case "customers":
            return OF_CUSTOMER
        case "catalogue":
            return OF_ALTERNATIVES
        case _:
            return OF_NOTICES if about.page == taking.PAGE else OF_PERSON
