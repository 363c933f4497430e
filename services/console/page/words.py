"""What the pages call things: bands, steps, what happened."""

import re

BAND = {"green": "Green", "yellow": "Yellow", "red": "Red", "unknown": "Unknown"}
STEP = {
    "none": "no case",
    "watched": "watched",
    "at_risk": "at risk",
    "conversation": "conversation",
    "plan": "plan",
    "reviewing": "reviewing",
    "failed": "failed",
    "saved": "saved",
    "dismissed": "dismissed",
    "lost": "lost",
    "ended": "ended",
    "ending": "ending",
}
TRANSITION = {
    "proposed": "proposed",
    "draft": "being written",
    "in_review": "in review",
    "approved": "approved",
    "announced": "announced",
    "ending": "ending",
    "ended": "ended",
    "refused": "not allowed",
    "withdrawn": "withdrawn",
    "lost": "lost",
}
ANNOUNCED = {"announced": "announced", "withdrawn": "withdrawn", "completed": "over, and all is done"}
OWED = {"us": "We pay", "customer": "The customer pays", "nobody": "Nobody owes anything"}
RULE = {  # by which an end is derived
    "cure": "Cure period",
    "cure_roll": "Business day",
    "receipt": "Receipt",
    "notice": "Notice period",
    "notice_roll": "Business day",
    "period": "End of the period",
    "minimum_term": "Minimum term",
    "period_after_minimum": "End of the period",
    "auto_renewal": "Automatic renewal",
    "own_end": "The contract's own end",
}
STANDING = {
    "waiting": "waits",
    "approved": "approved",
    "change_requested": "asks for changes",
    "objected": "objects",
    "overruled": "overruled",
}
CHANNEL = {"in_person": "in person", "phone": "by phone", "video": "by video", "mail": "by mail"}
CADENCE = {"weekly": "every week", "every_two_weeks": "every two weeks"}
ROLE = {
    "main": "main contact",
    "executive": "executive",
    "sponsor": "sponsor",
    "affected": "affected",
    "user": "user",
}
KIND = {"outcome": "outcome", "initiative": "initiative", "expectation": "expectation"}
SPHERE = {"health": "Health", "plan": "Case and plan", "transition": "Transition", "termination": "Announced"}
CONDITION = {  # of the last resort, as what somebody goes on without
    "candid_conversation": "a candid conversation and the expectations of both sides",
    "executive_involved": "an executive of the customer",
    "plan_ran_out": "a plan that has run its time",
    "reviews_held": "three reviews held or offered",
    "our_part_done": "our own part being done",
    "no_surprise": "the customer knowing that ending is possible",
    "health_known": "their health being known",
    "declared_failed": "the plan being declared failed",
}
_TYPE = {
    "HealthBandChanged": "Health band changed",
    "RiskDetected": "Risk detected",
    "RiskUpdated": "Risk changed",
    "RiskCleared": "Risk cleared",
    "HealthOverridden": "Health overridden",
    "OverrideEnded": "Override ended",
    "CaseOpened": "Case opened",
    "CaseUpdated": "Case brought up to date",
    "CommitmentUndeliverable": "We cannot keep a commitment",
    "ConversationDue": "A conversation is due",
    "ExecutiveMissing": "No executive has taken part",
    "OfferUnanswered": "Offer left unanswered",
    "EligibilityChanged": "Conditions of the last resort changed",
    "EligibilityConfirmed": "May be ended: confirmed",
    "EligibilityRefused": "May not be ended",
    "EligibilityAsked": "Asked whether it may be ended",
    "PlanSucceeded": "Customer saved",
    "PlanFailed": "Plan declared failed",
    "CommentMade": "The customer commented",
    "TeamReviewDue": "A team's review is due",
    "TeamReviewLate": "A team's review is late",
    "ApprovalRequested": "An executive is asked to approve",
    "TalkHeld": "The talk was held",
    "TransitionCompleted": "The relationship has ended",
    "MilestoneReached": "Milestone reached",
    "TerminationAnnounced": "Ending announced",
    "TerminationChanged": "Announced ending changed",
    "TerminationWithdrawn": "Announced ending withdrawn",
    "TerminationCompleted": "Ending completed",
}
_INITIALS = frozenset({"nps", "csat", "ces", "smb"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def happened(kind: str) -> str:
    """Return what a fact is called: the words of its type, or better ones."""
    return _TYPE.get(kind) or _HUMP.sub(" ", kind).capitalize()


def spoken(code: str) -> str:
    """Return a code as words: falling_usage, falling usage; initials as such: smb, SMB."""
    return code.upper() if code in _INITIALS else code.replace("_", " ").replace(".", " ")


def measure(code: str) -> str:
    """Return a measure's name as the beginning of a sentence."""
    return spoken(code) if code in _INITIALS else spoken(code).capitalize()
