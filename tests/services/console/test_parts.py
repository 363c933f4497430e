"""Forms with many fields: sent as they lie, they change nothing; what is typed becomes what the command says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.console.needs import needs_of_case
from services.console.page.acting import announced_terms, preferences
from services.console.page.acting.catalogue import OF_CASE, OF_CUSTOMER, OF_PERSON, OF_TRANSITION
from services.console.page.acting.form import About, Form, Problems, command_of
from services.console.page.acting.sheet import lay
from services.console.page.people import People
from services.console.page.writer import Writer, locale_of
from services.console.store.acts import Act, Draft
from services.console.store.customers import Customer
from services.console.store.projection import involved
from services.console.store.reading import Person
from services.notifications.domain.choices import CHANNELS, TIMINGS
from services.notifications.domain.urgency import URGENCIES
from services.transition_review import reckoning
from services.transition_review.domain.clauses.announced import AnnouncedContract
from shared.contracts.choices import NotificationsChosen
from shared.contracts.endings.parts import Parts
from shared.contracts.endings.transition import TalkRef, TransitionSnapshot
from shared.contracts.event import Command, Problem
from shared.contracts.notification_commands import PersonsCommand
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.upstream.snapshots import Contact, CustomerContract
from tests.contracts.examples import BY_TYPE
from tests.stories import customer as told_customer

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CASE = CaseSnapshot.model_validate(BY_TYPE["CaseUpdated"].content["case"])
WHOLE = TransitionSnapshot.model_validate(BY_TYPE["TransitionAnnounced"].content["transition"])
TALK = TalkRef.model_validate(BY_TYPE["TransitionAnnounced"].content["transition"]["talk"])
CHOSEN = NotificationsChosen.model_validate(BY_TYPE["NotificationsChosen"].content)
PLANNED = {"conversation_id": "talk", "channel": "phone", "state": "planned"}
CONTRACT = CustomerContract.model_validate(BY_TYPE["CustomerChanged"].content["contract"])
ANA = Person("amara-okafor", "Amara Okafor", "amara@example.com", frozenset({"csm"}), (), "Europe/Berlin")
OURS = {"amara-okafor": "Amara Okafor", "jo-lind": "Jo Lind", "ben": "Ben"}
BERLIN = Writer(locale_of("en-GB"), "Europe/Berlin", NOW)


def around(page: str = "transitions/tr-1", **more: Any) -> About:
    """Return what a form is about."""
    known = {"customer": of_customer(), "ending": WHOLE if page.startswith("transitions") else None, **more}
    return About(page, "northwind-foods", known.pop("customer"), ANA, BERLIN, People(OURS), OURS, **known)


def of_customer(contract: CustomerContract | None = CONTRACT) -> Customer:
    """Return a customer of Amara's."""
    told = told_customer("northwind-foods", "amara-okafor")
    started = CONTRACT.starts_on
    revenue = told["recurring_revenue"]
    return Customer(
        "northwind-foods", "Northwind Foods", "smb", "gold", "amara-okafor", None, revenue["amount"], "EUR", "month",
        revenue["amount"], started, None, None, "Europe/Berlin", (), contract,
    )  # fmt: skip


def sent(form: Form, about: About, item: str = "", **typed: str | list[str]) -> Command:
    """Send a form as it lies, but for what is typed."""
    lies = {one.name: list(one.value) for one in form.fields(about, item)}
    said = {name: [value] if isinstance(value, str) else value for name, value in typed.items()}
    return command_of(form, about, item, {**lies, **said}, str(uuid4()))


@pytest.mark.parametrize("form", [*OF_CASE.values(), *OF_TRANSITION.values()], ids=lambda one: one.name)
def test_nothing_that_is_typed_is_replaced_by_what_the_form_is_about(form: Form) -> None:
    page = "cases/case-31" if form.name in OF_CASE else "transitions/tr-1"
    about = around(page, seen_case=CASE)
    assert not {one.name for one in form.fields(about, "")} & {
        *about.ids,
        "person_id" * issubclass(form.command, PersonsCommand),
    }


def test_player_is_whom_somebody_chose_and_not_who_chooses() -> None:
    jo = {"person_id": "jo-lind", "role": "affected"}
    command: Any = sent(OF_CASE["add_stakeholder"], around("cases/case-31", seen_case=CASE), **jo)
    assert command.person_id == "jo-lind"


def test_conversation_is_recorded_or_called_off_however_far_ahead_it_was_planned() -> None:
    planned = {**PLANNED, "planned_for": (NOW + timedelta(days=9)).isoformat()}
    case = CaseSnapshot.model_validate(
        {**BY_TYPE["CaseUpdated"].content["case"], "state": "conversation", "conversations": [planned]}
    )
    about = around("cases/case-31", seen_case=case)
    for name in ("record_conversation", "miss_conversation", "move_conversation"):
        assert list(OF_CASE[name].items(about)) == ["talk"]


def test_contact_is_offered_with_what_they_are_there() -> None:
    boss = Contact.model_validate({"contact_id": "boss", "name": "Bo Ss", "role": "executive"})
    about = around("cases/case-31", seen_case=CASE, customer=replace(of_customer(), contacts=(boss,)))
    who = next(one for one in OF_CASE["add_stakeholder"].fields(about, "") if one.name == "person_id")
    assert who.options[0].label == "Bo Ss (customer, executive)"


@pytest.mark.parametrize("part", ["timeline", "contracts", "refunds", "support", "communication", "referral"])
def test_part_that_is_sent_as_it_lies_stays_as_it_is(part: str) -> None:
    command = sent(OF_TRANSITION[f"write_{part}"], around())
    assert getattr(command, part) == getattr(WHOLE.parts, part)


def test_agenda_that_is_sent_as_it_lies_stays_as_it_is() -> None:
    talk = BY_TYPE["TransitionAnnounced"].content["transition"]["talk"]
    agenda = [
        {"topic": one, "title": one, "points": ["a", "b"]}
        for one in ("ending", "reasons", "final", "plan", "open_talk")
    ]
    ending = WHOLE.model_copy(update={"talk": WHOLE.talk.model_validate({**talk, "agenda": agenda})})  # type: ignore[union-attr]
    command: Any = sent(OF_TRANSITION["prepare_talk"], around(ending=ending))
    assert [one.model_dump(exclude={"outcome"}) for one in command.agenda] == [
        {**one, "points": tuple(one["points"])} for one in agenda
    ]


def test_who_is_not_among_those_to_choose_from_is_not_dropped_where_they_are_named_already() -> None:
    """Of many people only some are offered; what is sent as it lies changes nobody."""
    far: dict[str, Any] = {"ours": {"amara-okafor": "Amara Okafor"}, "people": People({**OURS, "lee": "Lee Far"})}
    talk = TALK.model_copy(update={"speakers": ("amara-okafor", "lee"), "contacts": ("long-gone",)})
    about = replace(around(ending=WHOLE.model_copy(update={"talk": talk})), **far)
    command: Any = sent(OF_TRANSITION["arrange_talk"], about, planned_for="2026-03-09T10:00")
    assert (command.speakers, command.contacts) == (talk.speakers, talk.contacts)
    speakers = next(one for one in lay(OF_TRANSITION["arrange_talk"], about, "").fields if one.field.name == "speakers")
    assert [one.label for one in speakers.field.options] == ["Amara Okafor", "Lee Far"]

    terms = CASE.plan.agreed.terms  # type: ignore[union-attr]
    ours = next(one for one in terms.commitments if one.side == "us").model_copy(update={"owner": "lee"})
    draft = terms.model_copy(update={"commitments": (ours,)})
    case = CASE.model_copy(update={"state": "plan", "plan": CASE.plan.model_copy(update={"draft": draft})})
    about = replace(around("cases/case-31", seen_case=case), **far)
    command = sent(OF_CASE["edit_commitment"], about, ours.commitment_id)
    assert command.owner == "lee"


def test_sheet_that_is_sent_as_it_lies_stays_as_it_is_and_takes_what_is_typed() -> None:
    """Where no sheet was told there is no form: sent empty, it would empty what transition_review has."""
    sheet = OF_TRANSITION["prepare_sheet"]
    ahead = {"held_at": None}
    about = around(ending=WHOLE.model_copy(update={"state": "approved", "talk": TALK.model_copy(update=ahead)}))
    assert list(sheet.items(about)) == [""]
    command: Any = sent(sheet, about)
    assert command.agenda is None
    assert command.preparation.model_dump() == TALK.preparation.model_dump()  # type: ignore[union-attr]
    command = sent(sheet, about, **{"question-1": "Why?", "answer-1": "Because.", "words_to_avoid": "fault\n\nblame "})
    assert [one.answer for one in command.preparation.questions] == ["No. Promise nothing.", "Because."]
    assert command.preparation.words_to_avoid == ("fault", "blame")
    untold = TALK.model_copy(update={**ahead, "preparation": None})
    assert not sheet.items(around(ending=WHOLE.model_copy(update={"state": "approved", "talk": untold})))


def test_row_that_is_begun_has_to_be_filled_in() -> None:
    with pytest.raises(Problems) as wrong:
        sent(OF_TRANSITION["write_refunds"], around(), **{"prepaid-what-1": "Licences", "prepaid-net-1": "1,5"})
    assert dict(wrong.value.by_field).keys() == {"prepaid-net-1"}
    with pytest.raises(Problems) as wrong:
        sent(OF_TRANSITION["write_communication"], around(), **{"what-1": "That we end it"})
    assert {"audience-1", "to-1", "on-1", "channel-1"} == set(wrong.value.by_field)


def test_row_that_is_emptied_is_taken_out_and_a_new_one_gets_an_id_of_its_own() -> None:
    command: Any = sent(
        OF_TRANSITION["write_refunds"],
        around(),
        **{"goodwill-what-0": "", "goodwill-what-1": "A gift", "goodwill-net-1": "10.50", "goodwill-tax-1": "0"},
    )
    (gift,) = command.refunds.items.goodwill
    assert (gift.item_id, gift.what, str(gift.net), gift.currency) == ("goodwill-1", "A gift", "10.50", "EUR")


def test_contract_begins_as_it_was_announced() -> None:
    """As transition_review reads it, so that it tells no difference that nobody made."""
    told = announced_terms.begun_with(CONTRACT, "Europe/Berlin")
    assert told is not None
    written = reckoning.terms_of(told)
    announced = msgspec.convert(CONTRACT.model_dump(exclude_none=True), AnnouncedContract)
    assert reckoning.other_than_announced(written, announced, "Europe/Berlin") == ()
    bare = around(ending=WHOLE.model_copy(update={"parts": WHOLE.parts.model_copy(update={"contracts": None})}))
    command: Any = sent(OF_TRANSITION["write_contracts"], bare, received_on="2026-03-20")
    assert command.contracts.terms == told
    assert command.contracts.contract_id == CONTRACT.contract_id


def test_open_invoices_are_offered_and_their_tax_has_to_be_said() -> None:
    bare = around(ending=WHOLE.model_copy(update={"parts": WHOLE.parts.model_copy(update={"refunds": None})}))
    fields = {one.name: one for one in OF_TRANSITION["write_refunds"].fields(bare, "")}
    rows = [name for name, one in fields.items() if name.startswith(("invoices-what", "prepaid-what")) and one.value]
    assert rows
    with pytest.raises(Problems) as wrong:
        sent(OF_TRANSITION["write_refunds"], bare)
    assert {name.replace("-what-", "-tax-") for name in rows} <= set(wrong.value.by_field)


def test_timeline_begins_with_the_milestones_that_every_plan_needs_and_support_with_their_days() -> None:
    parts = WHOLE.parts.model_copy(update={"timeline": None, "support": None})
    bare = around(ending=WHOLE.model_copy(update={"parts": parts}), teams=("support",))
    days = {
        f"{name}-{number}": said for number in range(3) for name, said in (("team", "support"), ("due", "2026-05-31"))
    }
    command: Any = sent(OF_TRANSITION["write_timeline"], bare, last_day="2026-06-30", time_needed_days="60", **days)
    assert [one.kind for one in command.timeline.milestones] == ["data_returned", "access_closed", "data_deleted"]
    told = bare.ending.model_copy(update={"parts": parts.model_copy(update={"timeline": command.timeline})})  # type: ignore[union-attr]
    lies = {one.name: one.value for one in OF_TRANSITION["write_support"].fields(around(ending=told), "")}
    assert (lies["until"], lies["export_on"], lies["deleted_on"]) == (("2026-06-30",), ("2026-05-31",), ("2026-05-31",))


def test_what_people_write_of_a_contract_becomes_what_programs_take() -> None:
    clause = {"title-0": "Ordinary", "clause_id-0": "§ 12 (b)", "who-0": "us", "count-0": "2"}
    bare = around(customer=of_customer(None), ending=WHOLE.model_copy(update={"parts": Parts()}))
    said = {"contract_id": "2024/17", "starts_on": "2024-01-01", "received_on": "2026-03-20", "country": "de"}
    command: Any = sent(OF_TRANSITION["write_contracts"], bare, **said, **clause)
    (written,) = command.contracts.terms.clauses
    assert (written.clause_id, written.ground, command.contracts.terms.place.country) == ("12-b", "ordinary", "DE")


@pytest.mark.parametrize(("state", "offered"), [("ended", ("",)), ("lost", ("",)), ("withdrawn", ())])
def test_what_was_learned_is_asked_for_where_it_is_taken(state: str, offered: tuple[str, ...]) -> None:
    over = WHOLE.model_copy(update={"state": state, "post_mortem": None})
    assert tuple(OF_TRANSITION["post_mortem"].items(around(ending=over))) == offered


def test_choices_that_are_sent_as_they_lie_stay_as_they_are() -> None:
    command: Any = sent(OF_PERSON["choose"], around("me/preferences", chosen=CHOSEN))
    assert command.person_id == "amara-okafor"
    said = command.model_dump()
    for name in ("addresses", "quiet", "country", "digest_at", "digest_day", "working_days"):
        assert said[name] == CHOSEN.model_dump()[name], name
    channels = {one.urgency: one.channels for one in command.channels}
    assert (channels["high"], channels["normal"]) == (("mail", "slack"), ("mail",))
    assert {one.urgency: one.timing for one in command.timings} == {
        "low": "weekly",
        "normal": "daily",
        "high": "at_once",
    }


def test_what_is_shown_to_who_chose_nothing_is_what_happens_to_them() -> None:
    about = around("me/preferences")
    assert {one: preferences.channels_of(about, one) for one in URGENCIES} == CHANNELS
    assert {one: preferences.timing_of(about, one) for one in URGENCIES} == TIMINGS
    command: Any = sent(OF_PERSON["choose"], about)
    assert (command.quiet, command.country, command.addresses) == (None, None, ())


def test_half_of_quiet_hours_is_said_to_be_wrong() -> None:
    with pytest.raises(Problems):
        sent(OF_PERSON["choose"], around("me/preferences"), quiet_begins="19:00")


@pytest.mark.parametrize(("days", "until"), [(14, "2026-03-16T22:59:00+00:00"), (30, "2026-04-01T09:00:00+00:00")])
def test_word_on_health_lasts_to_the_end_of_its_day_and_thirty_days_at_most(days: int, until: str) -> None:
    day = (NOW.date() + timedelta(days=days)).isoformat()
    about = around("customers/northwind-foods")
    command: Any = sent(OF_CUSTOMER["override_health"], about, band="green", reason="They told me", until=day)
    assert command.expires_at.isoformat() == until


def test_customer_is_muted_for_the_one_who_asks() -> None:
    command: Any = sent(OF_CUSTOMER["mute"], around("customers/northwind-foods"))
    assert (command.person_id, command.customer) == ("amara-okafor", "northwind-foods")
    muted = replace(around("customers/northwind-foods"), chosen=CHOSEN)
    assert not OF_CUSTOMER["mute"].items(muted)
    assert OF_CUSTOMER["unmute"].items(muted)


def test_review_is_of_the_version_that_was_before_them_and_stands_in_nobody_elses_way() -> None:
    command: Any = sent(OF_TRANSITION["give_review"], around(), "legal", says="approve", content_hash="a" * 64)
    assert command.content_hash == "a" * 64, "not of what was put to the teams while they typed"
    assert command.expected_revision is None, "the word of another team in the meantime changes nothing in it"


def test_stand_in_is_none_of_those_whose_plan_it_is() -> None:
    ending = WHOLE.model_copy(update={"proposed_by": "pia", "csm": "cleo", "authors": ("otto",)})
    ours = {one: one.title() for one in ("pia", "cleo", "otto", "stan", around().person.person_id)}
    person = OF_TRANSITION["name_stand_in"].fields(replace(around(), ending=ending, ours=ours), "legal")[0]
    assert [one.value for one in person.options] == ["stan"]


def test_after_a_refusal_the_form_is_of_the_version_that_is_there_now() -> None:
    refused = Problem(code="other_version", title="Another waits.", unmet=(f"content_hash is {'b' * 64}",))
    typed = Draft({"says": ["approve"], "content_hash": ["a" * 64]}, "c-1", NOW)
    form, about = OF_TRANSITION["give_review"], around()
    begun = lay(form, about, "legal", typed)
    again = lay(form, about, "legal", typed, Act("c-1", "refused", NOW, datetime.now(UTC), refused, None))
    versions = [next(one.values for one in sheet.fields if one.field.kind == "seen") for sheet in (begun, again)]
    assert WHOLE.submitted is not None
    assert versions == [("a" * 64,), (WHOLE.submitted.content_hash,)]
    assert again.reasons == (), "nobody can do anything with a hash"


def test_what_an_agreed_plan_asks_for_comes_by_its_day() -> None:
    later = {
        "review_id": "r-9",
        "planned_for": "2026-05-28T09:00:00Z",
        "state": "planned",
        "moves": [],
        "attendees": [],
    }
    told = {**BY_TYPE["CaseUpdated"].content["case"], "progress": [], "exception": None, "reviews": [later]}
    told["plan"] = {**told["plan"], "draft": None, "proposed": None}
    asked = [one for one in needs_of_case(CaseSnapshot.model_validate(told), NOW) if one.due_at]
    of_plan = [one.form for one in asked if one.form in {"complete_commitment", "hold_review", "declare_saved"}]
    assert of_plan == ["complete_commitment", "hold_review", "declare_saved"]


def test_conversation_is_moved_from_when_it_is_planned() -> None:
    planned = {**PLANNED, "planned_for": (NOW + timedelta(days=9)).isoformat()}
    case = CaseSnapshot.model_validate(
        {**BY_TYPE["CaseUpdated"].content["case"], "state": "conversation", "conversations": [planned]}
    )
    fields = OF_CASE["move_conversation"].fields(around("cases/case-31", seen_case=case), "talk")
    assert fields[0].value == ("2026-03-11T10:00",)


def test_who_has_a_part_in_an_ending_is_whom_its_service_names() -> None:
    """Also whoever spoke for a team that it does not need any more, which nothing else in the snapshot says."""
    assert involved(WHOLE.model_copy(update={"involved": ("zoe",)})) == {"zoe"}
    assert WHOLE.csm in involved(WHOLE.model_copy(update={"involved": None})), (
        "as of what was told before it named them"
    )
