"""Every letter that there is, written of the golden examples, with what the engine adds."""

import re
from collections.abc import Iterator
from typing import Any

from services.notifications.domain.recipient import Recipient
from services.notifications.letters import letter, saying
from services.notifications.letters.catalogue import entries
from services.notifications.letters.letter import Letter
from tests.contracts.examples import BY_TYPE, FULL, MINIMAL, Example

ANA = Recipient("ana", "Ana Ruiz", "ana@example.com", "Europe/Madrid")
ABOUT = {
    "Commitment": "c-1",
    "ReviewDue": "r-1",
    "ReviewM": "r-2",
    "ReviewO": "r-1",
    "Comment": "m-1",
    "Conversation": "t-2",
    "Milestone": "m-refund",
}
OTHERWISE = {
    "health_band_changed": "band_changed",
    "override_ended": "override_expired",
    "eligibility_changed": "eligibility_gained",
}
AROUND: dict[str, Any] = {
    "customer": "Northwind Foods",
    "urgency": "high",
    "link": "https://amicable.example/customers/northwind-foods",
    "fewer": "https://amicable.example/choices/dG9rZW4",
    "names": {"amara-okafor": "Amara Okafor", "lena-brandt": "Lena Brandt", "pia-lang": "Pia Lang"},
}
RELEASED: dict[str, dict[str, Any]] = {
    "signing_code": {"code": "271828", "version": "2"},
    "ending_notice": {
        "last_day": "2026-06-30",
        "support_until": "2026-06-30",
        "export_format": "CSV",
        "export_on": "2026-06-10",
        "access_ends_on": "2026-06-30",
    },
    "ending_withdrawn": {},
    "ending_called_off": {},
    "ending_plan_link": {"link": "https://plans.example/t/dG9rZW4", "days": "90"},
}
RELEASED["ending_changed"] = RELEASED["ending_notice"]
FOR_CONTACTS = {"company": "Lighthouse Software", "customer": "Northwind Foods", "until": "2026-03-02T14:20:11Z"}


def template(kind: str) -> str:
    """Return the name of the template for a type of fact."""
    name = re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower()
    return OTHERWISE.get(name, name)


def told(example: Example) -> dict[str, Any]:
    """Return what a letter about the example says."""
    return {**saying.says(example.content), **AROUND, "when": example.content["occurred_at"]}


def about_something(example: Example) -> dict[str, Any]:
    """Return the example with a case or transition of which everything is known, and something in it to be about."""
    content = example.content
    for part, of in (("case", BY_TYPE["CaseUpdated"]), ("transition", BY_TYPE["TransitionAnnounced"])):
        if part in content:
            content[part] = of.content[part]
    about = next((id_ for part, id_ in ABOUT.items() if example.kind.__name__.startswith(part)), None)
    if about:
        content["about"] = about
    return content


def whole(example: Example) -> dict[str, Any]:
    """Return what a letter about all of that says."""
    content = about_something(example)
    return {**saying.says(content), **AROUND, "when": content["occurred_at"]}


def told_examples() -> list[Example]:
    """Return the examples that there are words for."""
    return [one for one in (*FULL, *MINIMAL) if template(one.kind.__name__) in entries()]


def every_letter(**more: Any) -> Iterator[tuple[str, Letter]]:
    """Write all of them, from the examples with all fields; `more` is said besides."""
    for example in told_examples():
        if not example.path.stem.endswith(".minimal"):
            name = template(example.kind.__name__)
            yield name, letter.write(name, {**whole(example), **more}, ANA)
    named = {**whole(BY_TYPE["StandInNamed"]), "stand_in": BY_TYPE["StandInNamed"].content["person"]}
    yield "stand_in_told", letter.write("stand_in_told", {**named, **more}, ANA)
    answered = whole(BY_TYPE["ChangeRequested"])
    yield "stand_in_answered", letter.write("stand_in_answered", {**answered, **more}, ANA)
    yield "talk_without_you", letter.write("talk_without_you", {**whole(BY_TYPE["TalkArranged"]), **more}, ANA)
    records = {"service": "action_plans", "parked": 3, "topics": ["health.v1", "relationship.v1"]}
    yield "records_parked", letter.write("records_parked", {**AROUND, **records, **more}, ANA)
    gone = {"channel": "slack", "answer": "the host does not know this address any more (404)"}
    yield "channel_broken", letter.write("channel_broken", {**AROUND, **gone, **more}, ANA)
    yield "trial", letter.write("trial", {**AROUND, "channel": "mail", **more}, ANA)
    for name, fields in RELEASED.items():
        yield name, letter.write(name, {**FOR_CONTACTS, **fields, **more}, ANA)


BRIEFING: list[dict[str, Any]] = [
    {
        "customer": "Northwind Foods",
        "urgency": "high",
        "headline": "What we promised Northwind Foods is late: two trainings for team leads",
        "next_step": "Do it, or agree on another day with the customer.",
        "link": "https://amicable.example/customers/northwind-foods",
        "take": "https://amicable.example/take/dG9rZW4",
        "escalated": True,
    },
    {
        "customer": "Blue Harbour",
        "urgency": "normal",
        "headline": "The next review with Blue Harbour begins on Tuesday, 3 March 2026, 10:00",
        "next_step": "Prepare the result of every commitment that is due.",
        "link": "https://amicable.example/customers/blue-harbour",
    },
    {
        "customer": "Northwind Foods",
        "urgency": "normal",
        "headline": "Northwind Foods has written on its page",
        "next_step": "Read it, and answer.",
        "link": "https://amicable.example/customers/northwind-foods",
    },
    {
        "customer": "Acme",
        "urgency": "critical",
        "headline": "The ending with Acme is off",
        "next_step": "Undo what was prepared for it; the relationship goes on.",
        "link": "https://amicable.example/customers/acme",
        "stands_for": "Bo Lind",
    },
]


def briefing() -> Letter:
    """Write a digest."""
    return letter.digest(BRIEFING, ANA, more=4, fewer=AROUND["fewer"])


def with_others() -> Letter:
    """Write a letter that takes along what waited."""
    what = next(one for one in told_examples() if template(one.kind.__name__) == "plan_succeeded")
    waited = [{**one, "customer": AROUND["customer"], "instead": "nobody"} for one in BRIEFING[:3]]
    return letter.write("plan_succeeded", whole(what), ANA, also=waited * 4, more=2)
