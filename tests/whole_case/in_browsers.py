"""An ending as people carry it out: each at a browser of their own, by the forms of the console and nothing else."""

import re
from datetime import timedelta

from playwright.async_api import Browser, Locator, expect

from tests.browser.seat import Seat
from tests.services.action_plans.steps import DAY, proposed, with_players
from tests.services.action_plans.steps import talked as candidly
from tests.whole_case.office import Office

REVIEWERS = ("revenue", "operations", "support", "legal", "security")  # no money moves, so finance is not asked
NOTHING_YET = "Not written yet."
LAST = 60  # days ahead: the last day
OUTCOME = "They heard it, and understood."
TOPICS = ("ending", "reasons", "final", "plan", "open_talk")
LEARNED = {
    "missed_signals": "Fewer and fewer logins.",
    "misfit_at_sale": "Too small for us.",
    "do_differently": "Ask earlier.",
}


class House:
    """Everybody who has a part in it. A seat is taken once, and kept."""

    def __init__(self, place: Office, browser: Browser) -> None:
        """Nobody has sat down yet."""
        self.place, self._browser, self._seats = place, browser, dict[str, Seat]()
        self.path = ""  # of the transition's page

    async def seat(self, who: str) -> Seat:
        """Return somebody's seat; they log in where they have not."""
        if who not in self._seats:
            self._seats[who] = await Seat.sit(self._browser, str(self.place.found.web), who)
        return self._seats[who]

    async def called(self, who: str, says: str) -> Seat:
        """Let somebody find on Today what waits for them, and open it."""
        seat = await self.seat(who)
        await seat.go("/")
        await seat.page.get_by_role("link", name=says).first.click()
        await expect(seat.page).to_have_url(re.compile(re.escape(f"{seat.url}{self.path}")))
        return seat

    def day(self, days: int) -> str:
        """Return the day so many days ahead, as a field takes it."""
        return self.place.day(days).isoformat()


async def everything_was_tried(place: Office) -> None:
    """Come by commands to where it fails: two candid talks, a plan offered three times, three reviews in vain."""
    await place.announce()
    await place.opened_by_hand()
    await with_players(place)
    for number in (1, 2):
        await candidly(place, told=True, number=number)
    await proposed(place)
    days = [place.now + timedelta(days=number) for number in (4, 8, 12)]
    for number, planned_for in enumerate(days):
        await place.done("ScheduleReview", review_id=f"review-{number}", planned_for=planned_for)
    await place.pass_time(15 * DAY)
    for number, offered in enumerate(days):
        await place.done("RecordUnansweredOffer", on=offered.date(), how="By phone, and by mail.")
        await place.done("RecordMissedReview", review_id=f"review-{number}", by="customer")
    await place.settled()


async def declared_failed_and_proposed(house: House) -> None:
    """The CSM says that it has failed, and proposes to end it; her manager says why no data come any more."""
    ana, case = await house.seat("ana"), f"/cases/{house.place.case_id}"
    await ana.go(case)
    await expect(ana.act("propose_transition")).to_have_count(0)
    await ana.do("declare_failed", why="They answer nobody any more.", cause="low_adoption")
    await ana.see("Declared failed on ")
    mo = await house.seat("mo")
    await mo.go(case)
    if await mo.act("explain_missing_data").count():
        await mo.do("explain_missing_data", why="They have switched the export off.")
    await ana.see("every condition is met")
    await ana.do("propose_transition", why="Everything was tried, together.")
    link = ana.page.locator("[data-live='became'] a", has_text="A transition")
    await link.click()
    house.path = ana.page.url.removeprefix(ana.url)
    await ana.see("being written")


async def written(house: House) -> None:
    """The CSM writes the six parts; what each form begins with is taken as it is where it fits."""
    ana = await house.seat("ana")
    missing = ana.page.locator("[data-live='parts']").get_by_text(NOTHING_YET)
    await expect(missing).to_have_count(6)
    for number, (part, fields) in enumerate(_parts(house).items(), start=1):
        await ana.do(part, **fields)
        await expect(missing).to_have_count(6 - number)
    await ana.do("submit_plan")
    await ana.see("of version 1")


def _parts(house: House) -> dict[str, dict[str, str]]:
    last, returned, day = house.day(LAST), house.day(LAST - 10), house.day
    return {
        "write_timeline": {
            "last_day": last, "time_needed_days": "45",
            "team-0": "Support", "due-0": returned, "team-1": "Operations", "due-1": last,
            "team-2": "Security", "due-2": last, "what-3": "Close their account in the books",
            "kind-3": "Something else", "team-3": "Finance", "due-3": last,
        },
        "write_contracts": {
            "contract_id": "2025/17", "starts_on": "2025-01-01", "country": "de", "title-0": "Ordinary end",
            "clause_id-0": "§ 12", "who-0": "Either side", "count-0": "2", "unit-0": "weeks",
            "received_on": day(20),
        },
        "write_refunds": {},
        "write_support": {
            "level": "As before", "hours": "On weekdays from 9 to 17", "export_format": "CSV",
            "proof_of_deletion": "A signed protocol.",
        },
        "write_communication": {
            "what-0": "What we will do, and when", "audience-0": "Our own people", "to-0": "The account team",
            "on-0": day(8), "channel-0": "By video", "what-1": "That we end it", "audience-1": "The customer",
            "to-1": "Carla Main", "on-1": day(10), "channel-1": "In person",
        },
        "write_referral": {"glad_of": "Companies with a team of their own."},
    }  # fmt: skip


async def seen_by_nobody_else(house: House) -> None:
    """Neither another CSM nor a team that does not review it finds anything of it, on any page."""
    for who in ("eve", "r-finance"):
        seat = await house.seat(who)
        for path in (house.path, f"/cases/{house.place.case_id}", f"/customers/{house.place.customer}"):
            answer = await seat.page.goto(f"{seat.url}{path}")
            assert answer is not None
            assert answer.status == 404, (who, path)
        for path in ("/", "/portfolio", "/notifications"):
            await seat.go(path)
            await expect(seat.page.locator("main")).not_to_contain_text(house.place.customer)


async def reviewed(house: House) -> None:
    """Every team looks at it; one asks for a change, and is asked again when it is made, and nobody else is."""
    ana = await house.seat("ana")
    for team in REVIEWERS:
        seat = await house.called(f"r-{team}", f"Review the transition for {team}")
        await expect(seat.act("approve_plan")).to_have_count(0)
        if team == "support":
            await seat.do("give_review", says="We ask for changes")
            await expect(seat.act("give_review").get_by_role("alert")).to_be_visible()  # why?
            await seat.do("give_review", why="Say that we introduce them to somebody.")
        else:
            await seat.do("give_review", says="We approve it")
        await expect(_row(ana, team)).to_contain_text("asks for changes" if team == "support" else "approved")
    await ana.see("Change the plan: support asks for it. Say that we introduce them to somebody.")
    await ana.do("write_referral", why="We know who serves companies of their size.", introduction_offered=True)
    await ana.see("We know who serves companies of their size.")
    await ana.do("submit_plan")
    await expect(_row(ana, "support")).to_contain_text("waits")
    await expect(ana.page.locator("[data-live='reviews'] tbody")).to_contain_text("approved", use_inner_text=True)
    await expect(ana.page.locator("[data-live='reviews'] .status.is-approved")).to_have_count(len(REVIEWERS) - 1)
    support = await house.called("r-support", "Review the transition for support")
    await support.do("give_review", says="We approve it")
    await expect(_row(ana, "support")).to_contain_text("approved")


def _row(seat: Seat, team: str) -> Locator:
    return seat.page.locator("[data-live='reviews'] tbody tr", has_text=team.capitalize())


async def approved(house: House) -> None:
    """An executive comes last; before that nobody may arrange to talk to the customer."""
    ana = await house.seat("ana")
    await expect(ana.act("arrange_talk")).to_have_count(0)
    xenia = await house.called("xenia", "Approve the transition, last of all")
    await xenia.do("approve_plan")
    await expect(ana.act("arrange_talk")).to_be_attached()


async def talked(house: House) -> None:
    """The talk is arranged for the next morning, its agenda read and mended, and the talk held, and recorded."""
    ana = await house.seat("ana")
    await expect(ana.act("announce")).to_have_count(0)
    await ana.do("arrange_talk", speakers=["Person mo"], contacts=["Carla Main", "Eddy Executive"])
    await ana.see("Would you like to talk it through?")
    await ana.do("prepare_talk", **{"points-final": "The decision is made.\nWe carry it out well for you."})
    mo = await house.seat("mo")
    await mo.go(house.path)
    await mo.see("We carry it out well for you.")
    await house.place.pass_time(4 * DAY)
    await ana.go(house.path)
    outcomes = {f"outcome-{topic}": OUTCOME for topic in TOPICS}
    await ana.do("record_talk", reaction="Calm, and a little sad.", **outcomes)
    await expect(ana.act("announce")).to_be_attached()


async def announced(house: House) -> None:
    """The ending is announced: the written notice goes by mail to whom the talk was held with, and is received."""
    ana = await house.seat("ana")
    await ana.do("announce")
    await expect(ana.act("record_notice")).to_be_attached()
    assert any("notice" in one["Subject"] for one in await house.place.mails("carla"))
    await ana.do("record_notice", how="Handed over in person, and signed for.")
    await expect(ana.act("record_notice")).to_have_count(0)


async def carried_out(house: House) -> None:
    """Each team reports its milestone; finance, which saw nothing before, sees what was announced and no more."""
    finance = await house.called("r-finance", "Close their account in the books")
    await finance.see("the relationship ends")
    await expect(finance.page.locator("main")).not_to_contain_text("Everything was tried, together.")
    for who in ("r-finance", "r-support", "r-operations", "r-security"):
        seat = await house.seat(who)
        await seat.go(house.path)
        await expect(seat.page.locator("details[id^='act-reach_milestone']")).to_have_count(1)
        await seat.do("reach_milestone", evidence="Protocol 7.")
        await expect(seat.page.locator("details[id^='act-reach_milestone']")).to_have_count(0)


async def learned(house: House) -> None:
    """The last day passes: it is over, and the CSM writes down what was learned."""
    ana = await house.seat("ana")
    await expect(ana.act("post_mortem")).to_have_count(0)
    await house.place.pass_time((LAST + 2) * DAY)
    await house.place.settled()
    await house.called("ana", "Record what was learned from the ending")
    await ana.do("post_mortem", **LEARNED)
    await ana.see("What was learned")
    case = await house.place.case()
    assert (case.state, case.is_open) == ("ended", False)
