"""Writes the page: one question, one button, one answer."""

from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifications.links import Right

_templates = Environment(
    loader=PackageLoader("services.notifications.page"), autoescape=True, undefined=StrictUndefined
)
STYLE = (resources.files("services.notifications.page") / "assets" / "page.css").read_bytes()

_QUESTIONS = {
    ("take", ""): ("Take this in hand?", "Nobody else is asked then, and it is not passed on.", "I take it in hand"),
    ("fewer", "at_once"): (
        "Hear less?",
        "What is not critical comes once a day then, in one mail. Critical things still come at once.",
        "Once a day is enough",
    ),
    ("fewer", "digest"): (
        "No daily mail?",
        "What came in it is no longer sent to you. What is urgent still comes.",
        "Send it no more",
    ),
}
_DONE = {
    ("take", ""): ("It is yours", "Everybody can see that you have taken it in hand."),
    ("fewer", "at_once"): ("Once a day from now on", "Critical things still come at once."),
    ("fewer", "digest"): ("No daily mail any more", "What is urgent still comes."),
}


def question(right: Right) -> str:
    """Return the page that asks."""
    title, says, button = _QUESTIONS[_kind(right)]
    return _render(title, says, button)


def done(right: Right) -> str:
    """Return the page that says that it is done."""
    return _render(*_DONE[_kind(right)])


def plain(title: str, says: str) -> str:
    """Return a page that says one thing."""
    return _render(title, says)


def _kind(right: Right) -> tuple[str, str]:
    if right.act == "take":
        return "take", ""
    return "fewer", "digest" if right.of == "digest" else "at_once"


def _render(title: str, says: str, button: str | None = None) -> str:
    return _templates.get_template("page.html").render(title=title, says=says, button=button)
