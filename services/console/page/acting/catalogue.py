"""All forms there are, by their names."""

from services.console.page.acting import conversations, endings, planning, reviews
from services.console.page.acting.form import About, Form

OF_CASE = {one.name: one for one in (*conversations.FORMS, *planning.FORMS, *reviews.FORMS)}
OF_TRANSITION = {one.name: one for one in endings.FORMS}


def forms_of(about: About) -> dict[str, Form]:
    """Return the forms that belong to the page."""
    return OF_CASE if about.ending is None else OF_TRANSITION
