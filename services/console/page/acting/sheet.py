"""A form as it lies before somebody: what it holds, what is wrong with it, and what became of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

from services.console.page.acting.catalogue import forms_of
from services.console.page.acting.field import Field, Typed
from services.console.page.acting.form import SEEN, About, Form, id_on_page
from services.console.page.words import happened
from services.console.page.writer import Writer
from services.console.store import acts
from services.console.store.acts import Act, Draft
from shared.contracts.event import Problem
from shared.database import Transaction

JUST_NOW = timedelta(minutes=2)  # so long a page that is opened says that something was done
SLOW = timedelta(seconds=30)
_SEEN = re.compile(r"seen: (?P<kind>\w+).* by (?P<by>.+) \((?P<at>[^()]+)\)")
_EXPECTED = re.compile(r"expected_revision is ([0-9]+)")
_VERSION = re.compile(r"content_hash is [0-9a-f]{64}")  # which the form knows anew


@dataclass(frozen=True)
class Shown:
    """A field with what it holds. problem: why it cannot be taken; theirs: what somebody else has made of it."""

    field: Field
    values: tuple[str, ...]
    problem: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Sheet:
    """See the module. state: of what was asked for last, as long as it is of interest."""

    form: Form
    item: str
    title: str
    key: str
    address: str
    id: str
    fields: tuple[Shown, ...]
    command_id: str
    seen: str  # what whoever typed it had seen
    state: str = ""
    slow: bool = False
    problem: Problem | None = None
    reasons: tuple[str, ...] = ()  # what would have to be true; of a conflict what others did
    wrong: str = ""
    also_wrong: str = ""
    kept: bool = False
    link: str = ""
    fetches: str = ""  # in words, what the link downloads; "" where it is to be handed on

    @property
    def is_open(self) -> bool:
        """Whether there is something in it to be seen at once."""
        return self.kept or bool(self.wrong) or self.state in {"saving", "refused"} or bool(self.link)

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else has changed it meanwhile."""
        return self.problem is not None and self.problem.code == "conflict"


Sheets = Mapping[tuple[str, str], Sheet]


async def sheets(tx: Transaction, about: About) -> Sheets:
    """Return every form that this person may use on the page now."""
    me, prefix = about.person.person_id, f"{about.page}:"
    drafts, latest = await acts.drafts(tx, me, prefix), await acts.latest(tx, me, prefix)
    found = {}
    for form in forms_of(about).values():
        for item in form.items(about):
            if form.allows(about, item):
                key = form.key(about, item)
                found[form.name, item] = lay(form, about, item, drafts.get(key), latest.get(key))
    return found


async def sheet(tx: Transaction, about: About, form: Form, item: str) -> Sheet:
    """Return one form, also where it is not possible any more."""
    me, key = about.person.person_id, form.key(about, item)
    drafts, latest = await acts.drafts(tx, me, key), await acts.latest(tx, me, key)
    return lay(form, about, item, drafts.get(key), latest.get(key))


def lay(
    form: Form,
    about: About,
    item: str,
    draft: Draft | None = None,
    act: Act | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Sheet:
    """Lay out a form. wrong: what is wrong with what was just typed, by field."""
    act = None if _is_over(form, act) else act
    wrong, state = wrong or {}, "" if wrong else _state(act, draft)
    problem = act.problem if act and state == "refused" else None
    conflict = problem is not None and problem.code == "conflict"
    typed: Typed = draft.fields if draft else {}
    shown = tuple(
        _shown(one, {} if one.kind == "seen" and problem else typed, draft, wrong, about.write, conflict=conflict)
        for one in form.laid(about, item)
    )
    link = act.secret or "" if act and state == "done" and form.makes_link else ""
    return Sheet(
        form,
        item,
        form.named(about, item),
        form.key(about, item),
        f"/{about.page}/forms/{form.name}" + (f"?item={quote(item, safe='')}" if item else ""),
        id_on_page(form.name, item),
        shown,
        act.command_id if act and state == "saving" else str(uuid4()),
        _seen(form, about, item, typed if any(one.field.kind != "seen" for one in shown) else {}, problem),
        state,
        act is not None and state == "saving" and datetime.now(UTC) - act.asked_at > SLOW,
        problem,
        tuple(_reasons(problem, about)),
        "Please look at what is marked: it is not sent yet." if wrong else "",
        wrong.get("", ""),
        draft is not None,
        link,
        form.makes_link.says(link) if link and form.makes_link else "",
    )


def _is_over(form: Form, act: Act | None) -> bool:
    """Tell whether the link that was made opens nothing any more, or is shown no longer."""
    if form.makes_link is None or act is None or act.state != "done":
        return False
    return datetime.now(UTC) - act.asked_at > form.makes_link.shown


def _reasons(problem: Problem | None, about: About) -> Iterator[str]:
    for one in problem.unmet if problem else ():
        if (seen := _SEEN.fullmatch(one)) is not None:
            yield f"{happened(seen['kind'])} by {about.people.name(seen['by'])} ({seen['at']})"
        elif not (_EXPECTED.fullmatch(one) or _VERSION.fullmatch(one)):
            yield one


def _state(act: Act | None, draft: Draft | None) -> str:
    """Return what is said of the latest act: of a refused one while what was typed is still there."""
    if act is None or act.state == "saving":
        return act.state if act else ""
    if act.state == "refused":
        recent = act.answered_at is not None and datetime.now(UTC) - act.answered_at < JUST_NOW
        return "refused" if recent or (draft and draft.at >= act.asked_at) else ""
    recent = act.answered_at is not None and datetime.now(UTC) - act.answered_at < JUST_NOW
    return "done" if (recent and draft is None) or act.secret else ""


def _shown(
    field: Field, typed: Typed, draft: Draft | None, wrong: Mapping[str, str], write: Writer, *, conflict: bool
) -> Shown:
    values = tuple(typed.get(field.name, ())) if draft is not None else field.value
    if field.kind == "seen":  # where typing began, until a refusal has shown what is there now
        return Shown(field, values or field.value)
    if field.kind == "text":
        values = tuple(one.replace("\r\n", "\n") for one in values)
    differs = conflict and [one for one in values if one] != list(field.value)
    return Shown(field, values, wrong.get(field.name, ""), _spoken(field, write) if differs else "")


def _spoken(field: Field, write: Writer) -> str:
    labels = {one.value: one.label for one in field.options}
    if field.kind == "day" and field.value:
        return write.day(date.fromisoformat(field.value[0]))
    return ", ".join(labels.get(one, one) for one in field.value) or "nothing"


def _seen(form: Form, about: About, item: str, typed: Typed, problem: Problem | None) -> str:
    """Return what was seen: where typing began, unless the conflict with what came since is shown.

    Where nothing is typed, such as in a form that only puts a plan to the teams, it is what the page shows.
    """
    begun, now = (typed.get("revision") or ("",))[-1], form.seen(about, item)
    if problem is not None and problem.code == "conflict":
        return f"{max([about.revision, *_expected(problem)])}-{now.partition('-')[2]}"
    return begun if SEEN.fullmatch(begun) else now


def _expected(problem: Problem) -> Iterator[int]:
    for one in problem.unmet:
        if (found := _EXPECTED.fullmatch(one)) is not None:
            yield int(found[1])
