"""Forms of what follows an announcement and an end: the referral, and the open door."""

from collections.abc import Sequence

from services.console.page.acting.endings import ending_of, in_states
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands

CONSENT = (Option("given", "They agree to it"), Option("declined", "They do not want it"))
HOW = (Option("returned", "They are back"), Option("referred", "They have sent somebody"))


def _referral(about: About, _: str) -> Sequence[Field]:
    one = ending_of(about)
    known, planned = one.referral, one.parts.referral
    names = planned.alternatives if planned else ()
    return (
        Field("consent", "What they say to it", "choice", options=CONSENT, value=(known.consent,) if known else ()),
        Field(
            "alternative", "Whom they go to", "choice", required=False,
            options=tuple(option for option in about.to_go_to(names) if option.value in names),
            value=(known.alternative,) if known and known.alternative else (),
        ),
        Field(
            "introduced_on", "Introduced on", "day", required=False,
            value=(known.introduced_on.isoformat(),) if known and known.introduced_on else (),
        ),
        Field("outcome", "What became of it", "text", required=False, value=(known.outcome,) if known else ()),
    )  # fmt: skip


def _referred(given: Given, _: About, __: str) -> Given:
    return {**given, "outcome": given["outcome"] or ""}


FORMS = (
    Form(
        "record_referral", commands.RecordReferral, "Record what became of the referral", "Record it", _referral,
        in_states("announced", "ending", "ended"), make=_referred,
        note="Nothing of them is shared with anybody before they agree.",
    ),
    Form(
        "record_return", commands.RecordReturn, "They are back, or have sent somebody", "Record it",
        lambda _, __: (
            Field("how", "What happened", "choice", options=HOW),
            Field("about", "The new customer's id", hint="As the system of customers calls it."),
        ), in_states("ended", "lost"), note="The new customer is linked to this history.",
    ),
)  # fmt: skip
