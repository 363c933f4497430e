"""The page's own words: what a status is called, and one sentence for each outcome."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Literal

from services.action_plans.page import acts, codes
from shared.page.words import day

CADENCE = {"weekly": "every week", "every_two_weeks": "every two weeks"}
KIND = {"outcome": "Outcome", "initiative": "Initiative", "expectation": "Expectation"}
STATUS = {"open": "open", "done": "done", "late": "late", "missed": "missed", "waived": "no longer wanted"}
FIELD = {
    "purpose": "purpose",
    "starts_on": "first day",
    "ends_on": "last day",
    "cadence": "reviews",
    "first_review_on": "first review",
    "review_hour": "hour of the reviews",
    "kind": "kind",
    "text": "text",
    "norm": "what is usual",
    "target": "target",
    "by_day": "by",
    "what": "what is done",
    "owner": "who does it",
    "due_on": "due",
    "done_when": "done when",
}


@dataclass(frozen=True)
class Notice:
    """What the page says after something was asked of it. where: the part of the page that it is said in."""

    good: bool
    says: str
    status: HTTPStatus = HTTPStatus.OK
    where: Literal["top", "comments", "answer"] = "top"


_LIFE = int(codes.LIFE.total_seconds() // 60)
NOTICES = {
    "comment": Notice(True, "Thank you. Your comment is here now, and we were told of it.", where="comments"),
    "change": Notice(True, "Thank you. Your proposal is here now, and we were told of it.", where="comments"),
    "code": Notice(
        True,
        f"A code of six digits is on its way to your mail address. It is good for {_LIFE} minutes, for this version.",
        where="answer",
    ),
    "signed": Notice(True, "Thank you. You have signed this version."),
    "refused": Notice(True, "Your answer was recorded. We will get in touch with you."),
    "other_version": Notice(
        False,
        "The version that you had before you no longer waits for an answer. Below is the plan as it is now:"
        " please read it before you go on.",
        HTTPStatus.CONFLICT,
    ),
    "no_address": Notice(
        False,
        "We have no mail address of yours to send a code to. Please tell us your address.",
        HTTPStatus.CONFLICT,
        where="answer",
    ),
    "no_code": Notice(
        False,
        "No code is good any more: codes hold for one version, once. Please ask for another one.",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        where="answer",
    ),
    "wrong_code": Notice(
        False,
        "That is not the code in the mail. Please type the newest one again.",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        where="answer",
    ),
    "code_spent": Notice(
        False,
        f"The code was typed wrongly {codes.ATTEMPTS} times and is good for nothing now. Please ask for another one.",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        where="answer",
    ),
    "enough_codes": Notice(
        False,
        f"{codes.A_DAY} codes were mailed within a day, and that is all there are. Please try again tomorrow.",
        HTTPStatus.TOO_MANY_REQUESTS,
        where="answer",
    ),
    "enough_comments": Notice(
        False,
        f"{acts.COMMENTS_A_DAY} comments were sent within a day, and that is all that we take. Please try again"
        " tomorrow, or talk to us.",
        HTTPStatus.TOO_MANY_REQUESTS,
        where="comments",
    ),
    "over": Notice(
        False,
        "The time of this version is over, so that it can no longer be signed. Please ask for another one.",
        HTTPStatus.CONFLICT,
        where="answer",
    ),
    "no_room": Notice(
        False,
        "There is no room for more on this plan. Please talk to us.",
        HTTPStatus.CONFLICT,
        where="comments",
    ),
}


def changed(value: Any, field: str | None) -> str:
    """Return the value of a field that changed, as it is read."""
    if value is None:
        return "nothing"
    if isinstance(value, date):
        return day(value)
    if field == "review_hour":
        return f"{value}:00"
    return {"cadence": CADENCE, "kind": KIND}.get(field or "", {}).get(value, str(value))
