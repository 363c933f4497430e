"""How something is asked for: which form of which page, and what comes of what was typed."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.console.page.acting.catalogue import forms_of
from services.console.page.acting.field import Typed
from services.console.page.acting.form import About, Form, Link, Problems, command_of
from services.console.page.acting.surroundings import about_page
from services.console.page.desk import Desk, Missing, Visit
from services.console.store import acts
from shared.contracts.event import Command
from shared.page.links import new_token

_OURS = frozenset({"command_id"})  # fields that nobody types


async def which(visit: Visit, kind: str, id_: str, name: str) -> tuple[About, Form, str]:
    """Return what the form is about, the form, and its item. Raises Missing where it is not for this person."""
    about = await about_page(visit, kind, id_)
    form = forms_of(about).get(name)
    item = visit.request.query_params.get("item", "")[:200]
    if (
        form is None
        or not visit.can_act
        or (form.each or bool(form.item)) != bool(item)
        or not form.allows(about, item)
    ):
        raise Missing
    return about, form, item


@dataclass(frozen=True)
class Filled:
    """A form that somebody has filled in. command_id: of what comes of it."""

    about: About
    form: Form
    item: str
    typed: Typed
    command_id: str

    @property
    def key(self) -> str:
        """What drafts and acts of it are kept by."""
        return self.form.key(self.about, self.item)


async def ask(desk: Desk, visit: Visit, filled: Filled, *, keep: bool) -> None:
    """Ask for what was typed, and keep that until it is accepted. Raises Problems where it makes no command."""
    if desk.signer is None:
        raise Missing
    me, form = visit.person.person_id, filled.form
    token = new_token() if form.makes_link else ""
    about = replace(filled.about, token=token)
    command = command_of(form, about, filled.item, filled.typed, filled.command_id)
    secret = _address(desk, form.makes_link, token, command) if form.makes_link else None
    if await desk.signer.ask(visit.tx, command, person_id=me, form=filled.key, secret=secret) and keep:
        await acts.keep_draft(visit.tx, me, filled.key, fields(filled.typed), filled.command_id)


def _address(desk: Desk, link: Link, token: str, command: Command) -> str:
    """Return where a link leads. Raises Problems where nobody has said what it begins with."""
    origin = str(getattr(desk.settings, link.setting))
    if not origin:
        setting = f"CONSOLE_{link.setting.upper()}"
        raise Problems({"": f"The console does not know where that is served: an operator has to set {setting}."})
    return origin.rstrip("/") + link.to(token, command)


def fields(typed: Typed) -> Typed:
    """Return what was typed, without what Postgres cannot keep."""
    return {name: [one.replace("\0", "") for one in values] for name, values in typed.items() if name not in _OURS}


def is_uuid(text: str) -> bool:
    """Tell whether it is a UUID as it is usually written, as the ids of commands have to be."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def command_id_of(typed: Typed) -> str:
    """Return the id of the command that a form will ask by; an empty text where it says none."""
    return (typed.get("command_id") or ("",))[-1]
