"""Templates and style of pages: every page of ours has the same, and each package adds its own templates."""

import hashlib
from importlib import resources

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from shared.page import words

_HERE = "shared.page"
_ASSETS = resources.files(_HERE) / "assets"
TOKENS = (_ASSETS / "tokens.css").read_bytes()
STYLE = TOKENS + (_ASSETS / "page.css").read_bytes()


def templates_of(package: str) -> Environment:
    """Return the templates of a package, and those that all pages share."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_HERE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"day": words.day, "weekday": words.weekday, "days": words.days, "capital": words.capital}
    found.globals["STYLE_VERSION"] = hashlib.sha256(STYLE).hexdigest()[:12]
    return found


_shared = templates_of(_HERE)


def plain_page(title: str, says: str) -> str:
    """Return a page that says one thing, and nothing of anybody."""
    return _shared.get_template("plain.html").render(title=title, says=says)
