"""What a letter says, before it is drawn as text and as HTML. Whatever comes from outside is made plain here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from services.notifications.domain.plain import one_line, readable
from services.notifications.domain.recipient import Recipient
from services.notifications.letters import phrasing
from services.notifications.letters.catalogue import INSTEAD, WHY_YOU, Entry

LONGEST_LINE, LONGEST_QUOTE, MOST_LISTED = 500, 2_000, 20
LONGEST_LINK = 2_000


class _Absent(StrictUndefined):
    """What is not said can be asked for (`if`), and never be printed."""

    def __bool__(self) -> bool:  # type: ignore[override]  # which raises
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # which raises
        return isinstance(other, _Absent)

    __hash__ = None  # type: ignore[assignment]


_words = Environment(autoescape=False, undefined=_Absent)  # noqa: S701  # these are no pages: layouts escape
_words.filters.update(phrasing.FILTERS)


@dataclass(frozen=True)
class Content:
    """asks: somebody is to do something. quote: lines in somebody's own words. listed: heading, texts, how many more.
    button, take: label and URL. foot: why the reader gets it. fewer: URL of the reader's choices. from_: who signs.
    """

    subject: str
    title: str
    person: str
    happened: str
    next: str
    when: str | None = None
    asks: bool = False
    urgent: bool = False
    quote: tuple[str, ...] = ()
    listed: tuple[str, tuple[str, ...], int] | None = None
    facts: tuple[tuple[str, str], ...] = ()
    why: str | None = None
    code: str | None = None
    button: tuple[str, str] | None = None
    take: tuple[str, str] | None = None
    foot: tuple[str, ...] = ()
    fewer: str | None = None
    from_: str = "Amicable"


def content(entry: Entry, says: Mapping[str, Any], recipient: Recipient) -> Content:
    """Return what the letter says. Raises what Jinja does where something is missing."""
    said = _said(says, recipient)
    if says.get("brief"):
        return _brief(entry, said)
    to_contact = entry.you is None
    return Content(
        subject=_subject(entry, said),
        title=_say(entry.title, said),
        person=said["person"],
        when=None if to_contact or not said.get("when") else phrasing.at(said["when"], said["time_zone"]),
        asks=entry.asks,
        urgent=said.get("urgency") == "critical",
        happened=_say(entry.happened, said),
        quote=_quote(says.get(entry.quote or "")),
        listed=_listed(entry, said),
        facts=_facts(entry, said),
        why=_say(entry.why, said) if entry.why else None,
        next=_say(entry.next, said),
        code=_say(entry.code, said) if entry.code else None,
        button=_button(entry.button or ("Open in Amicable" if not to_contact else None), says.get("link")),
        take=None if to_contact else _button("I take it in hand", says.get("take")),
        foot=() if to_contact else _foot(entry, said),
        fewer=None if to_contact else link(says.get("fewer")),
        from_=said["company"] if to_contact else "Amicable",
    )


def link(url: object) -> str | None:
    """Return a URL of ours that a letter may lead to; None for anything else."""
    if not isinstance(url, str) or len(url) > LONGEST_LINK or not url.startswith(("https://", "http://")):
        return None
    return url if url == one_line(url, LONGEST_LINK) and not set(url) & set(" <>\"'\\^`{|}") else None


def plain(value: Any) -> Any:
    """Return the value with each text in it a single line of bounded length, and nothing hidden in it."""
    if isinstance(value, str):
        return one_line(value, LONGEST_LINE)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, Sequence) else value


def _said(says: Mapping[str, Any], recipient: Recipient) -> dict[str, Any]:
    known = {name: plain(value) for name, value in says.items() if value is not None}
    return {
        **known,
        "names": known.get("names", {}),
        "person": one_line(recipient.name, 100),
        "time_zone": recipient.time_zone,
        "customer": one_line(str(says.get("customer") or "the customer"), 100),
    }


def _brief(entry: Entry, said: Mapping[str, Any]) -> Content:
    """Return what says that there is something, and no more: details stand behind the link alone."""
    about = said["customer"] if not entry.subject else "the system"
    title = f"{about} needs you" if entry.asks else f"There is news about {about}"
    return Content(
        subject=f"{_kind(entry)}: {about}",
        title=title[:1].upper() + title[1:],
        person=said["person"],
        asks=entry.asks,
        happened="What it is about stands behind the link.",
        next="Open it, where only those who may see it do.",
        button=_button("Open in Amicable", said.get("link")),
        take=_button("I take it in hand", said.get("take")),
        foot=_foot(entry, said),
        fewer=link(said.get("fewer")),
    )


def _kind(entry: Entry) -> str:
    return "Action needed" if entry.asks else "For your information"


def _subject(entry: Entry, said: Mapping[str, Any]) -> str:
    """Return the subject: it names the customer, and nothing of what it is about."""
    return _say(entry.subject, said) if entry.subject else f"{_kind(entry)}: {said['customer']}"


def _quote(text: object) -> tuple[str, ...]:
    if not isinstance(text, str) or not text.strip():
        return ()
    whole = readable(text).strip()
    cut = whole if len(whole) <= LONGEST_QUOTE else f"{whole[:LONGEST_QUOTE].rstrip()}…"
    return tuple(line.rstrip() for line in cut.split("\n"))


def _listed(entry: Entry, said: Mapping[str, Any]) -> tuple[str, tuple[str, ...], int] | None:
    if entry.list is None or not isinstance(every := said.get(entry.list.of), list) or not every:
        return None
    texts = tuple(_say(entry.list.each, {**said, "one": one}) for one in every[:MOST_LISTED])
    return entry.list.heading, texts, max(0, len(every) - MOST_LISTED)


def _facts(entry: Entry, said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    every = ((_say(label, said), _say(text, said)) for label, text in entry.facts)
    return tuple((label, text) for label, text in every if text)


def _button(label: str | None, url: object) -> tuple[str, str] | None:
    safe = link(url)
    return (label, safe) if label and safe else None


def _foot(entry: Entry, said: Mapping[str, Any]) -> tuple[str, ...]:
    lines = [WHY_YOU[entry.you]] if entry.you else []
    if said.get("stands_for"):
        lines = [f"You get this because you stand in for {said['stands_for']}."]
    if said.get("escalated"):
        lines.append("Nobody has taken it in hand in time, so it comes to you.")
    if said.get("instead") in INSTEAD:
        lines = [INSTEAD[said["instead"]]]
    return tuple(lines)


def _say(words: str, said: Mapping[str, Any]) -> str:
    return " ".join(_template(words).render(said).split())


@cache
def _template(words: str) -> Template:
    return _words.from_string(words)
