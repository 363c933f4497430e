"""Writes the page: one question, one button, one answer."""

from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifications.domain.hand import Hand
from services.notifications.domain.plain import one_line
from services.notifications.links import Right

_templates = Environment(
    loader=PackageLoader("services.notifications.page"), autoescape=True, undefined=StrictUndefined
)
STYLE = (resources.files("services.notifications.page") / "assets" / "page.css").read_bytes()

_QUESTIONS = {
    "open": ("Take this in hand?", "It is not passed on to anybody else then.", "I take it in hand"),
    "passed_on": (
        "Take this in hand?",
        "Nobody took it in time, so it was passed on. Whoever was told of it sees that you take it.",
        "I take it in hand",
    ),
    "at_once": (
        "Hear less?",
        "What is not critical comes once a day at most then, in one mail. Critical things still come at once.",
        "Once a day is enough",
    ),
    "digest": (
        "Hear less?",
        "What comes in this mail comes no more, unless it is urgent. Critical things still come at once.",
        "Leave out what is not urgent",
    ),
}
_DONE = {
    "own": ("It is yours", "Whoever was told of it sees that you have taken it in hand."),
    "taken": ("Somebody has it in hand", "{holder} has taken it in hand. Nothing is left for you to do."),
    "done": ("It is done", "What was asked for is done. Nobody needs to take it in hand any more."),
    "at_once": ("Once a day from now on", "Critical things still come at once."),
    "digest": (
        "What is not urgent is left out from now on",
        "What is urgent comes as before. Critical things still come at once.",
    ),
}
_ALREADY = (
    "It is so already",
    "By this link you cannot hear less than you do. Your own page in Amicable lets you choose more.",
)


def question(right: Right, hand: Hand | None = None, *, already: bool = False) -> str:
    """Return the page that asks; where there is nothing to ask any more, the one that says so. hand: of what is to be
    taken in hand. already: the reader hears no more as it is than by the link.
    """
    if hand is None and already:
        return _render(*_ALREADY)
    kind = _kind(right, hand)
    return _render(*_QUESTIONS[kind]) if kind in _QUESTIONS else done(right, hand)


def done(right: Right, hand: Hand | None = None) -> str:
    """Return the page that says how it stands now."""
    title, says = _DONE[_kind(right, hand)]
    return _render(title, says.format(holder=one_line(hand.holder)) if hand else says)


def plain(title: str, says: str) -> str:
    """Return a page that says one thing."""
    return _render(title, says)


def _kind(right: Right, hand: Hand | None) -> str:
    if hand is not None:
        return hand.stand
    return "digest" if right.of == "digest" else "at_once"


def _render(title: str, says: str, button: str | None = None) -> str:
    return _templates.get_template("page.html").render(title=title, says=says, button=button)
