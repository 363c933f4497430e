"""What anybody may ask about an ending: mostly sound, and by whom it is for; sometimes of another version."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.services.transition_review import steps
from tests.services.transition_review.workshop import CONDITIONS, TEAMS, Bench

WRITES = ("WriteTimeline", "WriteContracts", "WriteRefunds", "WriteSupport", "WriteCommunication", "WriteReferral")
KINDS = (
    *WRITES,
    *["SubmitPlan"] * 3,
    *["GiveReview"] * 6,
    *["ApprovePlan"] * 3,
    "OverruleObjection",
    "NameStandIn",
    "OverrideCondition",
    "ArrangeTalk",
    *["RecordTalk"] * 2,
    *["AnnounceEnding"] * 4,
    "ShareEnding",
    *["RecordNotice"] * 2,
    *["ReachMilestone"] * 3,
    *["WithdrawTransition"] * 2,
    "ProposeTransition",
    "RecordReferral",
)


PEOPLE = ("ana", "mo", "xenia", "yves", "eve", "gone", "sam", *(f"r-{team}" for team in TEAMS))
MILESTONES = {"m-refund": "finance", "m-data": "support", "m-access": "operations", "m-deleted": "security"}


async def asked(bench: Bench, kind: str, data: st.DataObject) -> tuple[str, dict[str, Any]]:
    """Return who asks, and what the command says."""
    fields = await _fields(bench, kind, data)
    if data.draw(st.sampled_from([False] * 7 + [True])):
        return data.draw(st.sampled_from(PEOPLE)), fields
    match kind:
        case "GiveReview" | "NameStandIn":
            of_team = f"r-{fields['team']}"
            return data.draw(st.sampled_from([of_team, "sam"])) if fields["team"] == "support" else of_team, fields
        case "ReachMilestone":
            return f"r-{MILESTONES[fields['milestone_id']]}", fields
        case "ApprovePlan" | "OverruleObjection" | "OverrideCondition":
            return data.draw(st.sampled_from(["xenia", "yves"])), fields
        case _:
            return data.draw(st.sampled_from(["ana", "ana", "xenia", "sam"])), fields


async def _fields(bench: Bench, kind: str, data: st.DataObject) -> dict[str, Any]:
    team = data.draw(st.sampled_from(TEAMS))
    if kind in WRITES:
        return _part(bench, kind, data)
    said: dict[str, dict[str, Any]] = {
        "SubmitPlan": {},
        "GiveReview": {
            "team": team,
            "says": data.draw(st.sampled_from(["approve", "approve", "change", "object"])),
            "content_hash": await _hash(bench, data),
            "why": "So it is.",
        },
        "ApprovePlan": {"content_hash": await _hash(bench, data)},
        "OverruleObjection": {"team": team, "why": "We know."},
        "NameStandIn": {
            "team": team,
            "person": data.draw(st.sampled_from(["eve", "ana"])),
            "until": bench.now + timedelta(days=9),
            "why": "Leave.",
        },
        "OverrideCondition": {"condition": data.draw(st.sampled_from(CONDITIONS)), "reason": "Abuse."},
        "ArrangeTalk": steps.talk(bench),
        "RecordTalk": steps.held(bench, agreed_changes=data.draw(st.sampled_from([[], [], ["support"]]))),
        "ShareEnding": {"contacts": ["carla"], "days": 30},
        "AnnounceEnding": {"contacts": [data.draw(st.sampled_from(["carla", "eddy", "paul"]))]},
        "RecordNotice": {"received_on": bench.now.date(), "how": "By hand."},
        "ReachMilestone": {
            "milestone_id": data.draw(st.sampled_from(sorted(MILESTONES))),
            "on": bench.now.date(),
            "evidence": "Protocol 7.",
        },
        "WithdrawTransition": {"why": "They have turned around."},
        "ProposeTransition": {
            "case_id": "k",
            "why": "Again.",
            "transition_id": data.draw(st.sampled_from(["t-2", "t-3"])),
        },
        "RecordReferral": {"consent": "given"},
    }
    return {**_about(data), **said[kind]}


def _about(data: st.DataObject) -> dict[str, str]:
    return {"transition_id": data.draw(st.sampled_from(["t-1", "t-1", "t-1", "t-2"]))}


async def _hash(bench: Bench, data: st.DataObject) -> str:
    return data.draw(st.sampled_from([await bench.hash()] * 9 + ["0" * 64]))


def _part(bench: Bench, kind: str, data: st.DataObject) -> dict[str, Any]:
    """Return a part as it is in a sound plan, or with one thing changed."""
    fields = steps.parts(bench)[kind]
    if kind == "WriteTimeline" and data.draw(st.booleans()):
        fields["timeline"]["time_needed_days"] = data.draw(st.integers(0, 9))
    if kind == "WriteRefunds" and data.draw(st.booleans()):
        fields["refunds"]["items"]["prepaid"][0]["net"] = data.draw(st.sampled_from(["3640.00", "3660.00"]))
    if kind == "WriteSupport" and data.draw(st.booleans()):
        fields["support"]["hours"] = data.draw(st.sampled_from(["8 to 18", "all day"]))
    return {**_about(data), **fields}
