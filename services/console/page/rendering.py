"""Templates and style of the console."""

import hashlib
from importlib import resources
from typing import Any

from services.console.page import words
from services.console.page.acting.form import anchor
from shared.page.rendering import TOKENS, templates_of

_ASSETS = resources.files("services.console.page") / "assets"
STYLE = TOKENS + (_ASSETS / "console.css").read_bytes() + (_ASSETS / "acting.css").read_bytes()
ASSETS = {
    "console.css": (STYLE, "text/css"),
    "htmx.js": ((_ASSETS / "htmx.min.js").read_bytes(), "text/javascript"),
    "console.js": ((_ASSETS / "console.js").read_bytes(), "text/javascript"),
}

templates = templates_of("services.console.page")
templates.filters |= {"happened": words.happened, "spoken": words.spoken, "measure": words.measure}
templates.globals |= {
    "version": {name: hashlib.sha256(body).hexdigest()[:12] for name, (body, _) in ASSETS.items()},
    "anchor": anchor,
    "BAND": words.BAND,
    "STEP": words.STEP,
    "TRANSITION": words.TRANSITION,
    "ANNOUNCED": words.ANNOUNCED,
    "OWED": words.OWED,
    "RULE": words.RULE,
    "STANDING": words.STANDING,
    "CHANNEL": words.CHANNEL,
    "CADENCE": words.CADENCE,
    "ROLE": words.ROLE,
    "SPHERE": words.SPHERE,
    "CONDITION": words.CONDITION,
}


def page(template: str, **shown: Any) -> str:
    """Return a page; a name that it needs and is not given is an error."""
    return templates.get_template(template).render(**shown)
