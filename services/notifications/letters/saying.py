"""What letters need of a fact: for each type, what is found deeper inside than in its own plain fields."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

ENVELOPE = frozenset(
    {
        "type",
        "event_id",
        "source",
        "epoch",
        "seq",
        "occurred_at",
        "correlation_id",
        "causation_id",
        "customer_id",
    }
)
MOST = 50  # of a list
LONGEST = 2_000  # of a text

Body = Mapping[str, Any]
Said = dict[str, Any]


def says(fact: Body) -> Said:
    """Return what a letter needs of the fact (its JSON body), by name; what is absent is left out.

    Its own plain fields, and what the type's letters need besides. Texts and lists are bounded: it is kept in a row.
    """
    own = {name: value for name, value in fact.items() if name not in ENVELOPE and isinstance(value, str | int | bool)}
    deeper = _DEEPER.get(fact["type"], _nothing)(fact)
    return {name: _bounded(value) for name, value in {**own, **deeper}.items() if value not in (None, "", [])}


def _nothing(_: Body) -> Said:
    return {}


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, Mapping):
        return {name: _bounded(one) for name, one in value.items()}
    return [_bounded(one) for one in value[:MOST]] if isinstance(value, list) else value


def _at(body: Any, *way: str) -> Any:
    """Return what is there, None where the way ends before."""
    for name in way:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _of(every: Iterable[Body] | None, name: str, wanted: object) -> Body:
    """Return the one of them whose field is `wanted`, or nothing."""
    return next((one for one in every or () if one.get(name) == wanted), {})


def _texts(reasons: Iterable[Body] | None) -> list[str]:
    return [one["text"] for one in reasons or ()]


def _risk(fact: Body) -> Said:
    return {"reasons": _texts(fact.get("reasons"))}


def _override(fact: Body) -> Said:
    given = fact["override"]
    return {"band": given["band"], "by": given["by"], "expires_at": given["expires_at"]}


def _case(fact: Body) -> Said:
    case = fact["case"]
    return {"case_id": case["case_id"], "reasons": _texts(case.get("reasons"))}


def _conversation(fact: Body) -> Said:
    found = _of(_at(fact, "case", "conversations"), "conversation_id", fact.get("about"))
    return {**_case(fact), "planned_for": found.get("planned_for"), "missed_by": found.get("missed_by")}


def _exception(fact: Body) -> Said:
    given = _at(fact, "case", "exception") or {}
    tried = len(given.get("attempts", ())) or None
    return {**_case(fact), **{name: given.get(name) for name in ("asked_by", "allowed_by", "why")}, "tries": tried}


def _plan(fact: Body) -> Said:
    """Say the version that waits, else the one that was agreed."""
    plan = fact["case"].get("plan", {})
    version = plan.get("proposed") if fact["type"] != "PlanAgreed" else None
    version = version or plan.get("agreed") or {}
    terms = version.get("terms", {})
    return {
        **_case(fact),
        "number": version.get("number") or fact.get("about"),
        "starts_on": terms.get("starts_on"),
        "ends_on": terms.get("ends_on"),
        "first_review_on": terms.get("first_review_on"),
        "promised": len(terms.get("commitments", ())) or None,
        "why": _at(version, "refusal", "why"),
    }


def _offer(fact: Body) -> Said:
    return {**_case(fact), "offers": len(_at(fact, "case", "plan", "offers") or ()) or 1}


def _comment(fact: Body) -> Said:
    found = _of(_at(fact, "case", "comments"), "comment_id", fact.get("about"))
    return {
        **_case(fact),
        "comment": found.get("text"),
        "contact": found.get("contact_id"),
        "proposes": bool(found.get("proposes")),
    }


def _commitment(fact: Body) -> Said:
    plan = fact["case"].get("plan", {})
    every = [*(_at(plan, "agreed", "terms", "commitments") or ()), *plan.get("retired", ())]
    found = _of(every, "commitment_id", fact.get("about"))
    gone = _of(_at(fact, "case", "progress"), "commitment_id", fact.get("about"))
    return {
        **_case(fact),
        **{name: found.get(name) for name in ("what", "due_on", "done_when", "owner")},
        **({"owner": fact["owner"]} if "owner" in fact else {}),
        "cause": _at(gone, "undeliverable", "cause"),
    }


def _review(fact: Body) -> Said:
    found = _of(_at(fact, "case", "reviews"), "review_id", fact.get("about"))
    return {
        **_case(fact),
        "planned_for": fact.get("planned_for") or found.get("planned_for"),
        "missed_by": found.get("missed_by"),
        "revision": len(found.get("moves", ())),
    }


def _success(fact: Body) -> Said:
    return {**_case(fact), "helped": list(fact.get("helped", ()))}


def _failure(fact: Body) -> Said:
    return {**_case(fact), "why": _at(fact, "case", "failure", "why"), "ground": _at(fact, "case", "failure", "ground")}


def _transition(fact: Body) -> Said:
    whole = fact["transition"]
    milestones = _at(whole, "parts", "timeline", "milestones") or ()
    return {
        "revision": whole["revision"],
        "number": _at(whole, "submitted", "number"),
        "last_day": _at(whole, "announced", "last_day") or _at(whole, "parts", "timeline", "last_day"),
        "planned_for": _at(whole, "talk", "planned_for"),
        "channel": _at(whole, "talk", "channel"),
        "milestones": [{name: one[name] for name in ("due_on", "what", "team")} for one in milestones],
        "reasons": list(fact.get("reasons", ())),
    }


def _withdrawn(fact: Body) -> Said:
    """Say for when a talk was planned that will not be held now, and which contacts no mail tells so."""
    talk = _at(fact, "transition", "talk") or {}
    planned_for = talk.get("planned_for")
    is_ahead = planned_for and datetime.fromisoformat(planned_for) > datetime.fromisoformat(fact["occurred_at"])
    is_off = is_ahead and not talk.get("held_at")
    return {"planned_for": planned_for if is_off else None, "untold": list(fact.get("untold", ()))}


def _milestone(fact: Body) -> Said:
    every = _at(fact, "transition", "parts", "timeline", "milestones")
    return {"what": _of(every, "milestone_id", fact.get("about")).get("what")}


def _records(fact: Body) -> Said:
    return {"topics": list(fact.get("topics", ()))}


_DEEPER: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        **dict.fromkeys(("RiskDetected", "RiskUpdated"), _risk),
        "HealthOverridden": _override,
        "RecordsParked": _records,
        **dict.fromkeys(("CaseOpened", "CaseReassigned", "CaseLost", "CaseResumed", "ExecutiveMissing"), _case),
        **dict.fromkeys(("ConversationDue", "ConversationMissed"), _conversation),
        **dict.fromkeys(("ExceptionRequested", "ExceptionApproved"), _exception),
        **dict.fromkeys(("PlanProposed", "PlanSigned", "PlanAgreed", "PlanRefused"), _plan),
        "OfferUnanswered": _offer,
        "CommentMade": _comment,
        **dict.fromkeys(("CommitmentDue", "CommitmentLate", "CommitmentUndeliverable"), _commitment),
        **dict.fromkeys(("ReviewDue", "ReviewOverdue", "ReviewMissed"), _review),
        "PlanSucceeded": _success,
        "PlanFailed": _failure,
        **dict.fromkeys(
            (
                "TransitionRefused",
                "EligibilityLost",
                "ApprovalRefused",
                "ReviewRequested",
                "ApprovalRequested",
                "TransitionApproved",
                "TransitionAnnounced",
                "TransitionChanged",
                "TalkArranged",
                "TalkDue",
            ),
            _transition,
        ),
        "TransitionWithdrawn": _withdrawn,
        **dict.fromkeys(("MilestoneDue", "MilestoneLate"), _milestone),
    }
)
