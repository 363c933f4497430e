"""Plays the demo on a running system: the history, the story, and what came out of them."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from rich.console import Console
from rich.text import Text

from amicable.demo import expectation
from amicable.demo.as_json import as_json as json_of
from amicable.demo.closing import Closing
from amicable.demo.company import Company
from amicable.demo.compare import compare
from amicable.demo.dates import ONE_DAY
from amicable.demo.gather import gather
from amicable.demo.people import COMPANY, PEOPLE
from amicable.demo.progress import publish, waiting
from amicable.demo.stage import Stage
from amicable.demo.story import WRITTEN_DAYS, Day, tell
from amicable.demo.tables import WIDTH, tables
from amicable.demo.tape import Tape
from amicable.demo.teller import Teller
from amicable.output import console as standard_output
from amicable.output import errors, print_json
from amicable.problems import OK, REFUSED, Problem
from shared.contracts import topics
from shared.contracts.event import Message
from shared.upstream_publisher import NotPublished, UpstreamPublisher

_A_WRITTEN_DAY = 1.5  # seconds


async def play(stage: Stage, *, once: bool, as_json: bool) -> int:
    """Play, and return the exit code: 0, or 1 where the outcome of the written story is not as expected.

    once: only the written story, without pauses; else it goes on until it is cancelled. as_json: the outcome goes to
    standard output as one JSON object, and the telling to standard error. Raises Problem where it cannot be played.
    """
    console = _wide_enough(errors if as_json else standard_output)
    await _require_empty(stage)
    company = Company(stage.now)
    days = tell(company)
    try:
        async with (
            UpstreamPublisher(stage.kafka, stage.access) as publisher,
            Tape(stage.kafka, (topics.HEALTH, topics.PLANS, topics.NOTIFICATIONS), stage.access) as tape,
        ):
            theatre = _Theatre(stage, publisher, tape, console, Teller(console), _closing(stage))
            await theatre.history(company)
            for day in islice(days, WRITTEN_DAYS):
                await theatre.day(day)
                await asyncio.sleep(0 if once else _A_WRITTEN_DAY)
            code = await _outcome(stage, console, as_json=as_json)
            if once:
                return code
            _invite(stage, theatre.teller)
            for day in days:
                await theatre.close_cases(day)
                await theatre.day(day)
                await asyncio.sleep(stage.a_day)
    except NotPublished as why:
        raise Problem(str(why)) from None
    return OK


def _wide_enough(console: Console) -> Console:
    """A file or a pipe has no width of its own, and Rich takes 80 for it: too little for the tables."""
    return console if console.is_terminal else Console(file=console.file, highlight=False, width=WIDTH)


def _closing(stage: Stage) -> Closing | None:
    return Closing(stage.kafka, stage.actor_key, stage.access) if stage.actor_key else None


async def _outcome(stage: Stage, console: Console, *, as_json: bool) -> int:
    """Print what came out of the written story, and return the exit code that goes with it."""
    outcome = await gather(stage.kafka, stage.mail_url, stage.access)
    differences = compare(outcome, expectation.load())
    if as_json:
        print_json(json_of(outcome, differences))
    else:
        console.print()
        console.print(tables(outcome), width=WIDTH)
    Teller(console).differences(differences)
    return REFUSED if differences else OK


def _invite(stage: Stage, teller: Teller) -> None:
    """Say where one can look around now, as whom, and how long a day lasts."""
    if stage.web:
        lead = next(person for person in PEOPLE if "manager" in person.roles)
        teller.say(Text(f"\nNow look around in the console: {stage.web}", style="bold"))
        teller.say(Text(f"  Choose {lead.name}, who leads, or a CSM of hers: Today says who needs you."))
        teller.say(Text(f"  The mails are at {stage.mail_url}"))
    teller.say(Text(f"\nThe story goes on, a day every {stage.a_day:g} seconds; Ctrl-C ends it.", style="bold"))


async def _require_empty(stage: Stage) -> None:
    """Raise a Problem where there is a company already: two would be mixed up, and so would the outcome."""
    async with Tape(stage.kafka, (topics.PEOPLE, topics.CUSTOMERS), stage.access) as tape:
        if await tape.news():
            raise Problem(
                "There are customers here already, and the demo's would be mixed up with them: "
                "play it on an empty system.",
                REFUSED,
            )


@dataclass(frozen=True)
class _Theatre:
    """Brings events to the stage, and tells what followed from them."""

    stage: Stage
    publisher: UpstreamPublisher
    tape: Tape
    console: Console
    teller: Teller
    closing: Closing | None

    async def history(self, company: Company) -> None:
        """Publish the year up to the anchor, and wait until the services have caught up with it."""
        events = company.history()
        self.teller.say()
        self.teller.say(Text(f"{COMPANY}: {len(company.lives)} customers, {len(PEOPLE)} people, 12 months", "bold"))
        began = monotonic()
        await publish(events, self.publisher, self.console)
        self._took(f"{len(events):,} events published", began)
        began = monotonic()
        with waiting("the services take it in, and wait until no more of it comes", self.console):
            await self.stage.settled()
        self._took("the services have caught up, and announce once what is true now", began)
        self.teller.hear(events)
        self.teller.now(company.anchor, await self._news())

    async def day(self, day: Day) -> None:
        """Publish what happens until the day's moment, move the clock there, and tell what happened on the way.

        In this order, or the services would see a day pass in which nobody sends anything.
        """
        with waiting(f"{day.date:%A, %-d %B %Y}", self.console):
            await self.publisher.send(day.events)
            await self.publisher.flush()
            await self.stage.settled()
            await self.stage.advance_to(day.moment)
        self.teller.day(day, await self._news())

    async def close_cases(self, day: Day) -> None:
        """Have the cases of customers that are well again closed."""
        if self.closing is not None:
            await self.closing.close(day.moment - ONE_DAY)

    async def _news(self) -> list[Message]:
        news = await self.tape.news()
        if self.closing is not None:
            self.closing.learn(news)
        return news

    def _took(self, what: str, began: float) -> None:
        self.teller.say(Text.assemble(("✓ ", "green"), what, (f" ({monotonic() - began:.1f} s)", "dim")))
