"""Forms of the catalogue of alternatives: whom customers could go to, kept by managers, executives and admins."""

from collections.abc import Sequence

from services.console.page.acting.conversations import ONCE
from services.console.page.acting.field import Field
from services.console.page.acting.form import About, Form
from shared.contracts.endings import commands

PAGE = "catalogue/alternatives"


def _entry(about: About, item: str) -> Sequence[Field]:
    known = next((one for one in about.alternatives if one.alternative_id == item), None)
    kept = (
        Field("name", "What it is called", value=(known.name,) if known else ()),
        Field("fits", "Whom it fits", "text", value=(known.fits,) if known else (),
              hint="Customers read it in their plan, as it stands here."),
    )  # fmt: skip
    if known is None:
        return kept
    return (*kept, Field("retired", "Offer it to nobody any more", "yes", value=("yes",) if known.retired else ()))


def _title(about: About, item: str) -> str:
    return f"Change {next((one.name for one in about.alternatives if one.alternative_id == item), item)}"


FORMS = (
    Form(
        "add_alternative", commands.KeepAlternative, "Add an alternative", "Add it", _entry, lambda _: ONCE,
        right="senior", new="alternative_id",
    ),
    Form(
        "change_alternative", commands.KeepAlternative, _title, "Save the change", _entry,
        lambda about: [one.alternative_id for one in about.alternatives], right="senior", item="alternative_id",
        note="Plans that offer it already go on naming it.",
    ),
)  # fmt: skip
