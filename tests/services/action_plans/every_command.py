"""Every command of a case: a state in which it is accepted, and each reason for which it is refused there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.services.action_plans import steps
from tests.services.action_plans.workshop import Bench
from tests.stories import person

DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
State = Callable[[Bench], Awaitable[None]]
Fields = Mapping[str, Any]  # a value may be a function of the bench
PLAIN = "0" * 64


@dataclass(frozen=True)
class Try:
    """What is asked for in a state. refused: (code, the fields that are other) of each reason; who: who may."""

    kind: str
    state: State
    fields: Fields
    refused: tuple[tuple[str, Fields], ...]
    who: str = "ana"

    def given(self, bench: Bench, **other: Any) -> dict[str, Any]:
        """Return the fields as they are on the bench."""
        every = {**self.fields, **other}
        return {name: value(bench) if callable(value) else value for name, value in every.items()}


def at(span: timedelta) -> Callable[[Bench], Any]:
    """Return the moment that far from the bench's time."""
    return lambda bench: bench.now + span


def on(days: int = 0) -> Callable[[Bench], Any]:
    """Return the day that far from the bench's."""
    return lambda bench: bench.now.date() + timedelta(days=days)


async def players(bench: Bench) -> None:
    """Players and expectations are known."""
    await steps.opened(bench)
    await steps.with_players(bench)


async def planned(bench: Bench) -> None:
    """A talk is planned, and another one was held."""
    await players(bench)
    await steps.talked(bench)
    await bench.done(
        "ScheduleConversation", conversation_id="talk-2", planned_for=bench.now + DAY, channel="phone", invited=[]
    )
    await bench.pass_time(2 * DAY)


async def with_quiet_expectation(bench: Bench) -> None:
    """Beside what is known an expectation that the other side has not heard yet."""
    await planned(bench)
    await bench.done(
        "AddExpectation", expectation_id="e-quiet", side="us", kind="expectation", text="More.", author="ana"
    )


async def asked(bench: Bench) -> None:
    """The exception was asked for."""
    await players(bench)
    attempts = [{"on": bench.now.date(), "how": "By telephone"}]
    await bench.done("RequestException", attempts=attempts, why="Nobody answers.")


async def drafted(bench: Bench) -> None:
    """A plan is drafted."""
    await planned(bench)
    await steps.drafted(bench)


async def proposed(bench: Bench) -> None:
    """A version waits, and what waits was offered once."""
    await planned(bench)
    await steps.proposed(bench)
    await bench.done("RecordUnansweredOffer", on=bench.now.date(), how="By mail")
    await bench.pass_time(DAY)


async def running(bench: Bench) -> None:
    """A plan runs, and nothing is due yet."""
    await steps.agreed(bench)


async def late(bench: Bench) -> None:
    """Everything of both sides is late, two reviews are over, a decision is made, a link was given."""
    await steps.agreed(bench)
    await bench.pass_time(15 * DAY)
    await bench.done("RecordDecision", decision_id="d-1", text="We go on.")
    await bench.done("CreateShareLink", link_id="l-1", contact_id="carla", token_hash="1" * 64)


async def given_up(bench: Bench) -> None:
    """We cannot deliver what we promised: the CSM has said so."""
    await late(bench)
    await bench.done("RecordUndeliverable", commitment_id="c-us", cause="It was never built.")
    await bench.pass_time(DAY)


async def over(bench: Bench) -> None:
    """The time frame is over, and nothing of ours is owed."""
    await late(bench)
    await bench.done("CompleteCommitment", commitment_id="c-us", on=bench.now.date(), evidence="Minutes.")
    await bench.pass_time(45 * DAY)


def first_review(bench: Bench) -> str:
    """Return the id of the first review on cadence."""
    return f"{bench.last_case}-v1-2026-03-10"


def last_review(bench: Bench) -> str:
    """Return the id of the last one."""
    return f"{bench.last_case}-v1-2026-04-28"


UNKNOWN = {"commitment_id": "c-other"}
TALK = {"conversation_id": "talk-9", "planned_for": at(DAY), "channel": "video", "invited": ["s-main"]}
HELD = {
    "conversation_id": "talk-2",
    "held_at": at(-HOUR),
    "channel": "phone",
    "attendees": ["s-main", "s-us"],
    "told_ending_possible": True,
}
EXPECTS = {"expectation_id": "e-9", "side": "customer", "kind": "outcome", "text": "More.", "author": "s-main"}
FRAME = {
    "purpose": "More use.",
    "starts_on": on(1),
    "ends_on": on(60),
    "cadence": "weekly",
    "first_review_on": on(7),
}
PROMISED = {
    "commitment_id": "c-9",
    "side": "us",
    "what": "A workshop.",
    "owner": "ana",
    "due_on": on(9),
    "done_when": "It was held.",
}
REVIEWED = {
    "review_id": first_review,
    "held_at": at(-HOUR),
    "attendees": ["s-main", "s-us"],
    "results": [{"commitment_id": "c-us", "status": "late"}, {"commitment_id": "c-them", "status": "late"}],
}
OUTCOME = {"why": "Use is back.", "cause": "low_adoption", "helped": ["joint_plan"]}

TRIES = (
    Try("DismissCase", players, {"reason": "A false alarm."}, ()),
    Try(
        "ReassignCase",
        players,
        {"csm": "eve", "reason": "She knows them."},
        (
            ("unknown_person", {"csm": "nobody"}),
            ("unknown_person", {"csm": "gone"}),
            ("unknown_person", {"csm": "carla"}),
            ("no_change", {"csm": "ana"}),
        ),
        who="mo",
    ),
    Try(
        "ScheduleConversation",
        planned,
        TALK,
        (
            ("in_the_past", {"planned_for": at(timedelta())}),
            ("too_far", {"planned_for": at(400 * DAY + MOMENT)}),
            ("unknown", {"invited": ["s-nobody"]}),
            ("id_taken", {"conversation_id": "talk-1"}),
        ),
    ),
    Try(
        "MoveConversation",
        planned,
        {"conversation_id": "talk-2", "to": at(3 * DAY), "by": "customer"},
        (
            ("unknown", {"conversation_id": "talk-9"}),
            ("not_planned", {"conversation_id": "talk-1"}),
            ("in_the_past", {"to": at(-DAY)}),
            ("too_far", {"to": at(401 * DAY)}),
        ),
    ),
    Try(
        "RecordConversation",
        planned,
        HELD,
        (
            ("unknown", {"conversation_id": "talk-9"}),
            ("not_planned", {"conversation_id": "talk-1"}),
            ("in_the_future", {"held_at": at(MOMENT)}),
            ("before_the_case", {"held_at": at(-30 * DAY)}),
            ("unknown", {"attendees": ["s-main", "s-nobody"]}),
            ("nobody_of_theirs", {"attendees": []}),
            ("nobody_of_theirs", {"attendees": ["s-us"]}),
        ),
    ),
    Try(
        "RecordMissedConversation",
        planned,
        {"conversation_id": "talk-2", "by": "customer"},
        (("unknown", {"conversation_id": "talk-9"}), ("not_planned", {"conversation_id": "talk-1"})),
    ),
    Try(
        "AddExpectation",
        planned,
        EXPECTS,
        (
            ("id_taken", {"expectation_id": "e-us"}),
            ("unknown", {"conversation_id": "talk-9"}),
            ("unknown_contact", {"author": "nobody"}),
            ("unknown_contact", {"author": "ana"}),  # what the customer expects is the customer's to say
            ("unknown_contact", {"author": "s-us"}),
            ("unknown_person", {"side": "us", "author": "s-main"}),
            ("unknown_person", {"side": "us", "author": "gone"}),
        ),
    ),
    Try(
        "MarkExpectationHeard",
        with_quiet_expectation,
        {"expectation_id": "e-quiet"},
        (("unknown", {"expectation_id": "e-9"}),),
    ),
    Try(
        "RetractExpectation",
        planned,
        {"expectation_id": "e-us", "reason": "A misunderstanding."},
        (("unknown", {"expectation_id": "e-9"}),),
    ),
    Try(
        "AddStakeholder",
        players,
        {"stakeholder_id": "s-user", "side": "customer", "role": "affected", "person_id": "ursula"},
        (
            ("id_taken", {"stakeholder_id": "s-main"}),
            ("no_change", {"person_id": "carla"}),
            ("unknown_contact", {"person_id": "nobody"}),
            ("unknown_contact", {"person_id": "ana"}),
            ("unknown_person", {"side": "us", "person_id": "ursula"}),
            ("unknown_person", {"side": "us", "person_id": "gone"}),
            ("not_executive", {"role": "executive"}),
            ("not_executive", {"role": "sponsor"}),
        ),
    ),
    Try(
        "RecordView",
        players,
        {"stakeholder_id": "s-main", "fit": 2, "sentiment": 3, "wants": "Fewer tools.", "on": on()},
        (("unknown", {"stakeholder_id": "s-nobody"}), ("in_the_future", {"on": on(1)})),
    ),
    Try(
        "RequestException",
        players,
        {"attempts": [{"on": "2026-03-02", "how": "By mail"}], "why": "Nobody answers."},
        (("not_tried", {"attempts": []}), ("in_the_future", {"attempts": [{"on": "2026-03-03", "how": "By mail"}]})),
    ),
    Try("ApproveException", asked, {"statement": "Go on."}, (), who="mo"),
    Try(
        "ApplyPlaybook",
        planned,
        {"playbook": "low_adoption", "starts_on": on(1)},
        (
            ("unknown", {"playbook": "magic"}),
            ("in_the_past", {"starts_on": on(-1)}),
            ("half_compared", {"usual": "9 of 10"}),
            ("half_compared", {"yours": "2 of 10"}),
        ),
    ),
    Try("DraftPlan", players, FRAME, ()),
    Try(
        "AddCommitment",
        drafted,
        PROMISED,
        (
            ("id_taken", {"commitment_id": "c-us"}),
            ("unknown_person", {"owner": "carla"}),
            ("unknown_person", {"owner": "gone"}),
            ("unknown_contact", {"side": "customer", "owner": "ana"}),
        ),
    ),
    Try(
        "EditCommitment",
        drafted,
        {"commitment_id": "c-us", "what": "Two workshops."},
        (
            ("unknown", UNKNOWN),
            ("no_change", {"what": "What us does."}),
            ("unknown_person", {"owner": "carla"}),
            ("unknown_contact", {"commitment_id": "c-them", "owner": "ana"}),
        ),
    ),
    Try("RemoveCommitment", drafted, {"commitment_id": "c-us"}, (("unknown", UNKNOWN),)),
    Try("ProposePlan", drafted, {}, ()),
    Try("SignPlan", proposed, {"content_hash": steps.waiting}, (("other_content", {"content_hash": PLAIN}),)),
    Try(
        "ExtendPlan",
        running,
        {"ends_on": on(70), "reason": "Summer."},
        (("not_later", {"ends_on": on(56)}), ("not_complete", {"ends_on": on(400)})),
    ),
    Try(
        "RecordUnansweredOffer",
        proposed,
        {"on": on(), "how": "By telephone"},
        (("in_the_future", {"on": on(1)}), ("before_proposed", {"on": on(-2)}), ("no_change", {"on": on(-1)})),
    ),
    Try(
        "CompleteCommitment",
        late,
        {"commitment_id": "c-us", "on": on(), "evidence": "Minutes."},
        (("unknown", UNKNOWN), ("in_the_future", {"on": on(1)})),
    ),
    Try(
        "WaiveCommitment",
        late,
        {"commitment_id": "c-them", "reason": "No need.", "agreed_with": "s-main"},
        (("unknown", UNKNOWN), ("unknown", {"agreed_with": "s-nobody"}), ("one_sided", {"agreed_with": "s-us"})),
    ),
    Try(
        "RecordMissedCommitment",
        late,
        {"commitment_id": "c-them", "cause": "They were busy.", "evidence": "Nobody was named."},
        (("unknown", UNKNOWN),),
    ),
    Try(
        "RecordUndeliverable",
        late,
        {"commitment_id": "c-us", "cause": "It was never built."},
        (("unknown", UNKNOWN), ("not_ours", {"commitment_id": "c-them"})),
    ),
    Try(
        "AcknowledgeUndeliverable",
        given_up,
        {"commitment_id": "c-us"},
        (("unknown", UNKNOWN), ("not_recorded", {"commitment_id": "c-them"})),
        who="mo",
    ),
    Try(
        "RecordUndeliverableTold",
        given_up,
        {"commitment_id": "c-us", "told_at": at(-HOUR)},
        (
            ("unknown", UNKNOWN),
            ("not_recorded", {"commitment_id": "c-them"}),
            ("not_then", {"told_at": at(-2 * DAY)}),
            ("not_then", {"told_at": at(MOMENT)}),
        ),
    ),
    Try(
        "ScheduleReview",
        late,
        {"review_id": "r-9", "planned_for": at(DAY)},
        (
            ("id_taken", {"review_id": first_review}),
            ("in_the_past", {"planned_for": at(timedelta())}),
            ("too_far", {"planned_for": at(401 * DAY)}),
        ),
    ),
    Try(
        "HoldReview",
        late,
        REVIEWED,
        (
            ("unknown", {"review_id": "r-9"}),
            ("unknown", {"attendees": ["s-nobody"]}),
            ("nobody_of_theirs", {"attendees": ["s-us"]}),
            ("in_the_future", {"held_at": at(MOMENT)}),
            ("before_the_case", {"held_at": at(-60 * DAY)}),
            ("results_missing", {"results": []}),
            ("unknown", {"results": [{"commitment_id": "c-other", "status": "done"}]}),
        ),
    ),
    Try(
        "MoveReview",
        late,
        {"review_id": last_review, "to": at(3 * DAY), "by": "us"},
        (("unknown", {"review_id": "r-9"}), ("in_the_past", {"to": at(-DAY)}), ("too_far", {"to": at(401 * DAY)})),
    ),
    Try(
        "RecordMissedReview",
        late,
        {"review_id": first_review, "by": "customer"},
        (("unknown", {"review_id": "r-9"}), ("not_yet", {"review_id": last_review})),
    ),
    Try(
        "RecordDecision",
        late,
        {"decision_id": "d-9", "text": "We meet weekly.", "review_id": first_review},
        (("id_taken", {"decision_id": "d-1"}), ("unknown", {"review_id": "r-9"})),
    ),
    Try("RecordSentiment", players, {"value": 2, "why": "They sounded tired."}, ()),
    Try("ExplainMissingData", players, {"why": "Their proxy blocks it."}, (), who="mo"),
    Try(
        "CreateShareLink",
        late,
        {"link_id": "l-9", "contact_id": "carla", "token_hash": "9" * 64},
        (
            ("unknown_contact", {"contact_id": "ana"}),
            ("id_taken", {"link_id": "l-1"}),
            ("id_taken", {"token_hash": "1" * 64}),
        ),
    ),
    Try("RevokeShareLink", late, {"link_id": "l-1"}, (("unknown", {"link_id": "l-9"}),)),
    Try("DeclareSaved", late, OUTCOME, (("unknown_cause", {"cause": "bad_luck"}),)),
    Try(
        "DeclareFailed",
        over,
        {"why": "Nothing has changed.", "cause": "low_adoption"},
        (("unknown_cause", {"cause": "bad_luck"}),),
    ),
)


async def everybody(bench: Bench) -> None:
    """Beside those of the workshop: Lina leads Ana, without a role; Mo has that of a manager, and leads nobody."""
    await steps.opened(bench)
    bench.now += DAY
    for one in (person("lina"), person("ana", manager="lina"), person("mo", roles=["manager"])):
        await bench.tell_person(**one)
