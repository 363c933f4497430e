"""A form: for which command, who may, when it is there, which fields; and the command that comes of what was typed."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.console.page.acting.field import EMPTY, Field, Option, Typed, Wrong
from services.console.page.people import People
from services.console.page.writer import Writer
from services.console.store.alternatives import Alternative
from services.console.store.announced import Announced
from services.console.store.chosen import Chosen
from services.console.store.customers import Customer
from services.console.store.links import GivenLink
from services.console.store.reading import Person
from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.event import Command
from shared.contracts.health import Override
from shared.contracts.notification_commands import PersonsCommand
from shared.contracts.plans.case import CaseSnapshot

Right = Literal["oneself", "owner", "reader", "manager", "senior", "executive", "team", "team_or_lead"]
Given = dict[str, Any]
SEEN = re.compile(r"(?P<revision>[0-9]{1,9})(?:-(?P<edited>[0-9a-f]{16}))?", re.ASCII)
_SAYS = {  # of what is wrong, by pydantic's name of it
    "string_too_short": EMPTY,
    "string_pattern_mismatch": "Please write it as the words below the field show.",
}


@dataclass(frozen=True)
class About:
    """What a form is about: a page, as this person sees it. ours: active people of ours, by id.

    What the page has nothing of, or this person may not see, is None.
    """

    page: str
    customer_id: str
    customer: Customer | None
    person: Person
    write: Writer
    people: People
    ours: Mapping[str, str]
    seen_case: CaseSnapshot | None = None
    ending: TransitionSnapshot | None = None
    announced: Announced | None = None
    override: Override | None = None  # what a person says instead of the computed band
    chosen: Chosen | None = None  # how this person is told
    teams: tuple[str, ...] = ()  # of our active people
    customers: tuple[Option, ...] = ()  # to choose from, on a page that is about none
    stands_in_for: frozenset[str] = frozenset()
    leads_in: frozenset[str] = frozenset()  # teams of somebody who has this person as manager, or as theirs
    links: tuple[GivenLink, ...] = ()  # to what the page is about
    alternatives: tuple[Alternative, ...] = ()
    asks: tuple[str, ...] = ()  # what this person may take in hand
    has_part: bool = False  # the customer is this person's or of somebody whom they lead, or its ending concerns them
    under_way: TransitionSnapshot | None = None  # the open ending of a case, on the case's page
    token: str = ""  # of a link that is being made

    @property
    def case(self) -> CaseSnapshot:
        """The case that forms of its page are about. LookupError elsewhere."""
        if self.seen_case is None:
            raise LookupError(self.page)
        return self.seen_case

    @property
    def kind(self) -> str:
        """Of what kind the page is: cases, transitions, customers, me."""
        return self.page.partition("/")[0]

    @property
    def csm(self) -> str | None:
        """Who owns it: the case's CSM, else the customer's."""
        if self.kind == "cases":
            return self.case.csm
        return self.customer.csm if self.customer else self.ending.csm if self.ending else None

    @property
    def revision(self) -> int:
        """The revision of what is shown; 0 where nothing that is edited has one."""
        seen = self.ending or self.seen_case
        return seen.revision if seen is not None else 0

    @property
    def ids(self) -> dict[str, str]:
        """What commands call what it is about."""
        found = {"customer_id": self.customer_id}
        if self.seen_case is not None:
            found["case_id"] = self.seen_case.case_id
        if self.kind == "transitions":
            found["transition_id"] = self.page.partition("/")[2]
        return found

    def owner(self) -> tuple[str, ...]:
        """Return the CSM as a field holds whom one would name first."""
        return (self.csm,) if self.csm else ()

    def contacts(self) -> tuple[Option, ...]:
        """Return the customer's contacts."""
        found = self.customer.contacts if self.customer else ()
        return tuple(Option(one.contact_id, one.name) for one in found)

    def colleagues(self) -> tuple[Option, ...]:
        """Return our people, by name."""
        return tuple(Option(*one) for one in sorted(self.ours.items(), key=lambda one: one[1]))

    def to_go_to(self, chosen: Sequence[str]) -> tuple[Option, ...]:
        """Return the alternatives that are offered, and those that were chosen before, by name."""
        names = {one.alternative_id: one.name for one in self.alternatives}
        offered = [one.alternative_id for one in self.alternatives if not one.retired or one.alternative_id in chosen]
        return tuple(Option(one, names.get(one, one)) for one in dict.fromkeys([*offered, *chosen]))

    def players(self) -> tuple[Option, ...]:
        """Return the case's players, the customer's first."""
        found = sorted(self.case.stakeholders, key=lambda one: (one.side == "us", one.role))
        return tuple(
            Option(
                one.stakeholder_id, f"{self.people.name(one.person_id)} ({'ours' if one.side == 'us' else one.role})"
            )
            for one in found
        )


@dataclass(frozen=True)
class Link:
    """A link that a form makes. setting: says what it begins with; to: the rest, of its token and the command.

    says: what whoever made it fetches there, by the link; "" where it is to be handed on. shown: to them, for so long.
    """

    setting: Literal["plan_url", "ending_url"]
    to: Callable[[str, Any], str]
    says: Callable[[str], str] = lambda _: ""
    shown: timedelta = timedelta(days=1)


@dataclass(frozen=True)
class Form:
    """See the module.

    items: for what it is there now: ids of things, ("",) where there is one of it, none where it is not possible.
    item, new: the command's fields that the item's id, and an id of its own, are given in. each: there is one for each
    item, though none of the command's fields is the item. edits: what it changes was
    seen, so that a change by somebody else in the meantime is a conflict; apart: of this alone, of whatever there is.
    """

    name: str
    command: type[Command]
    title: Callable[[About, str], str] | str
    button: str
    fields: Callable[[About, str], Sequence[Field]]
    items: Callable[[About], Sequence[str]]
    right: Right = "owner"
    item: str = ""
    each: bool = False
    new: str = ""
    edits: bool = False
    apart: Callable[[About, str], object] | None = None
    make: Callable[[Given, About, str], Given] | None = None
    note: str = ""
    grave: bool = False
    makes_link: Link | None = None

    def named(self, about: About, item: str) -> str:
        """Return its title."""
        return self.title if isinstance(self.title, str) else self.title(about, item)

    def allows(self, about: About, item: str) -> bool:
        """Tell whether this person may, as the owning service decides it."""
        me, roles = about.person.person_id, about.person.roles
        match self.right:
            case "oneself":
                return True
            case "owner":
                return me == about.csm or about.person.is_senior
            case "reader":
                return about.has_part
            case "manager":
                return me != about.csm and ("manager" in roles or about.csm in about.person.leads)
            case "senior":
                return about.person.is_senior
            case "executive":
                return "executive" in roles
            case "team":
                team = item.partition(":")[0]
                return team in about.person.teams or team in about.stands_in_for
            case "team_or_lead":
                leads = "manager" in roles and item in about.leads_in
                return item in about.person.teams or leads or "admin" in roles

    def laid(self, about: About, item: str) -> list[Field]:
        """Return its fields, with whom they name among those to choose from, though of many people some are offered."""
        return [one.with_held(about.people.name) for one in self.fields(about, item)]

    def seen(self, about: About, item: str) -> str:
        """Return what whoever begins to type now has seen: the revision, and by what one knows what is edited apart."""
        edited = self.apart(about, item) if self.apart else None
        return f"{about.revision}-{hashlib.sha256(repr(edited).encode()).hexdigest()[:16]}"

    def key(self, about: About, item: str) -> str:
        """Return what drafts and acts of it are kept by."""
        return f"{about.page}:{self.name}:{item}"


def id_on_page(form: str, item: str) -> str:
    """Return the id of what is unfolded to use a form of this name for this thing."""
    return f"act-{form}-{re.sub(r'[^A-Za-z0-9_-]', '_', item)}".rstrip("-")


def anchor(form: str, item: str) -> str:
    """Return what leads to a form on its page, and unfolds it there; nothing where there is no form."""
    return f"#{id_on_page(form, item)}-form" if form else ""


@dataclass(frozen=True)
class Problems(Exception):
    """What was typed makes no command yet: why, by field; "" where it is none's in particular."""

    by_field: Mapping[str, str]


def command_of(form: Form, about: About, item: str, typed: Typed, command_id: str) -> Command:
    """Return the command that comes of what was typed. Raises Problems."""
    given, wrong = Given(), dict[str, str]()
    fields = form.laid(about, item)
    for one in fields:
        try:
            given[one.name] = one.read(typed, about.write.time_zone)
        except Wrong as why:
            wrong[one.name] = str(why)
    if wrong:
        raise Problems(wrong)
    fixed: Given = {"event_id": command_id, "source": "console"}
    fixed |= {name: id_ for name, id_ in about.ids.items() if name in form.command.model_fields}
    fixed |= {"person_id": about.person.person_id} if issubclass(form.command, PersonsCommand) else {}
    fixed |= {form.item: item} if form.item else {}
    fixed |= {form.new: command_id} if form.new else {}
    if form.edits:
        fixed["expected_revision"] = _expected(form, about, item, typed)
    try:
        said = form.make(given, about, item) if form.make else given
        return form.command.model_validate({"occurred_at": about.write.now, **said, **fixed})
    except ValidationError as error:
        raise Problems(dict(_explained(error, {one.name for one in fields}))) from None


def _expected(form: Form, about: About, item: str, typed: Typed) -> int:
    """Return the revision that was seen. Whatever else has changed since is no conflict with what is edited apart."""
    found, now = SEEN.fullmatch((typed.get("revision") or ("",))[-1]), form.seen(about, item)
    if found is None or (form.apart and found["edited"] == now.partition("-")[2]):
        return about.revision
    return int(found["revision"])


def _explained(error: ValidationError, names: set[str]) -> list[tuple[str, str]]:
    found = []
    for one in error.errors(include_url=False):
        where = next((str(part) for part in one["loc"] if str(part) in names), "")
        says = _too_long(one) or _SAYS.get(one["type"]) or one["msg"].removeprefix("Value error, ")
        place = "" if where else _place(one["loc"])
        found.append((where, f"{place}{says[0].upper()}{says[1:].rstrip('.')}."))
    return found


def _too_long(one: ErrorDetails) -> str | None:
    """Return how much of a text fits, if it is too long."""
    text, most = one["input"], one.get("ctx", {}).get("max_length")
    if one["type"] not in {"too_long", "string_too_long"} or not isinstance(text, str) or not isinstance(most, int):
        return None
    return f"Please shorten it: {len(text)} characters are {len(text) - most} too many."


def _place(where: tuple[int | str, ...]) -> str:
    """Return in words what of a command it is about: Clauses 2, title."""
    words = [f" {part + 1}" if isinstance(part, int) else f", {part.replace('_', ' ')}" for part in where]
    return f"{''.join(words).removeprefix(', ').capitalize()}: " if words else ""
