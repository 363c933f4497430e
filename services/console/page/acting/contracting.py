"""The form of a transition's contract: what it says of its end, and the notice as it is planned."""

import re
from collections.abc import Sequence
from typing import Any

from services.console.page.acting import rows
from services.console.page.acting.announced_terms import begun_with
from services.console.page.acting.endings import ending_of, part, written
from services.console.page.acting.field import Field, Option
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands
from shared.contracts.endings.clauses import Clause, ContractTerms, TerminationNotice
from shared.contracts.endings.parts import Contracts

WHO = (Option("us", "We"), Option("customer", "The customer"), Option("either", "Either side"))
GROUNDS = (
    Option("ordinary", "Without a reason (ordinary)"),
    Option("good_cause", "For good cause"),
    Option("non_payment", "Because it is not paid"),
)
UNITS = (
    Option("days", "days"),
    Option("business_days", "business days"),
    Option("weeks", "weeks"),
    Option("months", "months"),
    Option("years", "years"),
)
TO_END_OF = (
    Option("day", "the day"),
    Option("month", "the month"),
    Option("billing_month", "the billing month"),
    Option("quarter", "the quarter"),
    Option("half_year", "the half-year"),
    Option("calendar_year", "the calendar year"),
    Option("term", "the term"),
)
_NO_ID = re.compile(r"[^A-Za-z0-9._:@-]+")
HOW = (Option("written", "In writing"), Option("text", "As text (mail)"), Option("any", "In any form"))


def _begun(about: About) -> tuple[str, ContractTerms | None, TerminationNotice | None]:
    """Return what the form begins with: the part as it is written, else the contract as it was announced."""
    known = ending_of(about).parts.contracts
    if known is not None:
        return known.contract_id, known.terms, known.notice
    announced = about.customer.contract if about.customer else None
    if about.customer is None or announced is None:
        return "", None, None
    return announced.contract_id, begun_with(announced, about.customer.time_zone), None


def _held(value: object) -> tuple[str, ...]:
    return () if value is None or value == "" else (str(value),)


def _contracts(about: About, _: str) -> Sequence[Field]:
    contract_id, terms, notice = _begun(about)
    known = terms.clauses if terms else ()
    return [
        Field("contract_id", "Which contract", value=_held(contract_id), heading="The contract"),
        *_basis(about, terms),
        *_term(terms),
        *rows.laid("Clause", known, 1, _clause),
        *_notice(notice),
    ]


def _basis(about: About, terms: ContractTerms | None) -> Sequence[Field]:
    place = terms.place if terms else None
    zone = place.time_zone if place else about.customer.time_zone if about.customer else about.write.time_zone
    return (
        Field("starts_on", "From", "day", value=_held(terms and terms.starts_on)),
        Field("time_zone", "Time zone of the place", value=_held(zone)),
        Field(
            "country", "Country", "capitals", required=False, value=_held(place and place.country),
            hint="Whose holidays count, such as DE; empty: only Saturdays and Sundays.",
        ),
        Field(
            "subdivision", "Region", "capitals", required=False, value=_held(place and place.subdivision),
            hint="Such as BE.",
        ),
        Field(
            "billing_day", "Billing day", "whole", required=False, whole=(1, 31),
            value=_held(terms and terms.billing_day), hint="Its billing months begin on it; empty: as its first day.",
        ),
    )  # fmt: skip


def _term(terms: ContractTerms | None) -> Sequence[Field]:
    term = terms.term if terms else None
    renewal, minimum = term.renewal if term else None, terms.minimum_term if terms else None
    return (
        Field(
            "months", "Months", "whole", required=False, whole=(1, 120), value=_held(term and term.months),
            hint="Empty where it runs until somebody ends it.", heading="Its term",
        ),
        Field("renewal_months", "Renewed by (months)", "whole", required=False, whole=(1, 120),
              value=_held(renewal and renewal.months), hint="Empty where it ends by itself."),
        Field("opt_out_count", "Unless told before", "whole", required=False, whole=(0, 3650),
              value=_held(renewal and renewal.opt_out.count)),
        Field("opt_out_unit", "Counted in", "choice", options=UNITS,
              value=_held(renewal.opt_out.unit if renewal else "days")),
        Field("renewal_who", "Who may stop that", "choice", options=WHO,
              value=_held(renewal.who if renewal else "either")),
        Field("minimum_count", "Not before", "whole", required=False, whole=(0, 3650),
              value=_held(minimum and minimum.count), hint="So long from its first day."),
        Field("minimum_unit", "Counted in", "choice", options=UNITS,
              value=_held(minimum.unit if minimum else "months")),
    )  # fmt: skip


def _clause(one: Clause | None) -> Sequence[Field]:
    cure = one.cure if one else None
    return (
        Field("title", "What it says", value=_held(one and one.title),
              hint="" if one else "Leave it empty where there is none."),
        Field("clause_id", "Its number", value=_held(one and one.clause_id), hint="As in the contract: § 12.1"),
        Field("who", "Who may end it", "choice", options=WHO, value=_held(one and one.who)),
        Field("ground", "Why", "choice", options=GROUNDS, value=_held(one.ground if one else "ordinary")),
        Field("count", "Notice before", "whole", whole=(0, 3650), value=_held(one and one.notice.count)),
        Field("unit", "Counted in", "choice", options=UNITS, value=_held(one.notice.unit if one else "months")),
        Field("counted_to", "To the end of", "choice", options=TO_END_OF,
              value=_held(one.counted_to if one else "day")),
        Field("form", "Form of the notice", "choice", options=HOW, value=_held(one.form if one else "written")),
        Field("cure_count", "To cure it (days)", "whole", required=False, whole=(0, 3650),
              value=_held(cure and cure.count)),
        Field("not_before", "Not before", "day", required=False, value=_held(one and one.not_before)),
        Field("despite", "Also within the minimum term", "yes",
              value=("yes",) if one and one.despite_minimum_term else ()),
    )  # fmt: skip


def _notice(notice: TerminationNotice | None) -> Sequence[Field]:
    cause = notice.causes[0] if notice and notice.causes else None
    return (
        Field("received_on", "They receive it on", "day", value=_held(notice and notice.received_on),
              heading="Our notice, as it is planned"),
        Field("notice_form", "Its form", "choice", options=HOW, value=_held(notice.form if notice else "written")),
        Field("cause", "Cause that we give", "choice", options=GROUNDS[1:], required=False,
              value=_held(cause and cause.ground)),
        Field("notified_on", "Breach told on", "day", required=False,
              value=_held(cause and cause.notified_on)),
    )  # fmt: skip


def _made(given: Given, about: About, _: str) -> Given:
    terms, notice = _begun(about)[1:]
    fields = rows.laid("Clause", terms.clauses if terms else (), 1, _clause)
    kept = terms.model_dump(include={"first_day", "notice_rolls", "cure_rolls"}) if terms else {}
    before = {one.clause_id: one for one in terms.clauses} if terms else {}
    clauses = [_said(row.given, before) for row in rows.typed(given, fields, "title")]
    said = {
        **kept,
        "starts_on": given["starts_on"],
        "place": {name: given[name] for name in ("time_zone", "country", "subdivision")},
        "billing_day": given["billing_day"],
        "term": _said_term(given),
        "minimum_term": _span(given["minimum_count"], given["minimum_unit"]),
        "clauses": clauses,
    }
    cause = {"ground": given["cause"], "notified_on": given["notified_on"]} if given["cause"] else None
    others = [one.model_dump() for one in notice.causes[1:]] if notice else []
    planned = {
        "received_on": given["received_on"],
        "form": given["notice_form"],
        "causes": [*([cause] if cause else []), *others],
    }
    return {
        "contracts": Contracts.model_validate({"contract_id": given["contract_id"], "terms": said, "notice": planned})
    }


def _span(count: int | None, unit: str) -> dict[str, object] | None:
    return {"count": count, "unit": unit} if count else None


def _said_term(given: Given) -> dict[str, object] | None:
    if given["months"] is None:
        return None
    if given["renewal_months"] is None:
        return {"months": given["months"]}
    renewal = {
        "months": given["renewal_months"],
        "opt_out": {"count": given["opt_out_count"] or 0, "unit": given["opt_out_unit"]},
        "who": given["renewal_who"],
    }
    return {"months": given["months"], "renewal": renewal}


def _said(row: Given, before: dict[str, Clause]) -> dict[str, Any]:
    id_ = _NO_ID.sub("-", row["clause_id"]).strip("-")  # § 12 (b): 12-b
    known = before.get(id_)
    cure = known.cure if known else None
    return {
        "clause_id": id_,
        **{name: row[name] for name in ("title", "who", "ground", "counted_to", "form", "not_before")},
        "notice": {"count": row["count"], "unit": row["unit"]},
        "cure": _span(row["cure_count"], cure.unit if cure else "days"),
        "despite_minimum_term": bool(row["despite"]),
    }


FORMS = (
    Form(
        "write_contracts", commands.WriteContracts, "Write the contract and the notice", "Save the part", _contracts,
        written, make=_made, edits=True, apart=part("contracts"),
        note="The earliest lawful last day follows from it; a timeline that ends before is refused when it is put to"
        " the teams.",
    ),
)  # fmt: skip
