"""Compares what came out with what was expected: one sentence per difference."""

from collections.abc import Iterator

from amicable.demo.customers import CUSTOMER
from amicable.demo.dates import before_renewal
from amicable.demo.expectation import SUBJECT, Expectation, ExpectedCase, ExpectedFound
from amicable.demo.found import Found
from amicable.demo.outcome import CASE_OPENED, Case, CaughtMail, Outcome, Scored


def compare(outcome: Outcome, expected: Expectation) -> list[str]:
    """Return the differences, none if everything is as expected and nothing else is there."""
    return [
        *_bands(outcome, expected),
        *_found(outcome, expected),
        *_cases(outcome, expected),
        *_mails(outcome, expected),
    ]


def _bands(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    scored = {found.customer_id: found for found in outcome.customers if found.band}
    for customer_id, customer in CUSTOMER.items():
        name, wanted, found = customer.name, expected.band(customer_id), scored.pop(customer_id, None)
        if found is None:
            yield f"{name}: has no score; {wanted} was expected."
        elif found.band != wanted:
            yield f"{name}: is {_standing(found)}; {wanted} was expected."
    for found in scored.values():
        yield f"{found.customer}: is {_standing(found)}; there should be no such customer."


def _standing(found: Scored) -> str:
    return f"{found.band} ({found.score})" if found.score else str(found.band)


def _found(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    found = {one.customer_id: one for one in outcome.found}
    for customer_id, wanted in expected.found.items():
        one = found.pop(customer_id, None)
        if one is None:
            yield f"{CUSTOMER[customer_id].name}: was not found to be at risk; it should have been before its renewal."
        else:
            yield from _how(one, wanted)
    for one in found.values():
        yield f"{one.customer}: was found to be at risk ({one.reason}); that was not expected."


def _how(one: Found, wanted: ExpectedFound) -> Iterator[str]:
    earliest, latest = max(wanted.before_renewal), min(wanted.before_renewal)
    if one.renews_in is None or not latest <= one.renews_in <= earliest:
        when = "with its renewal not known" if one.renews_in is None else before_renewal(one.renews_in)
        yield f"{one.customer}: was found {when}; {latest} to {earliest} days before were expected."
    if not one.reasons:
        yield f"{one.customer}: was found without a reason."
    elif wanted.reason and one.reasons[0].code != wanted.reason:
        yield f"{one.customer}: was found by {one.reasons[0].code} first ({one.reason}); {wanted.reason} was expected."
    if wanted.by == "clock" and not one.by_clock:
        yield f"{one.customer}: was found by an event; the clock alone should have found it."


def _cases(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    for customer_id, wanted in expected.cases.items():
        cases = [case for case in outcome.cases if case.customer_id == customer_id]
        if len(cases) != 1:
            opened = f"{len(cases)} cases were opened" if cases else "no case was opened"
            yield f"{CUSTOMER[customer_id].name}: {opened}; one was expected."
        for case in cases:
            yield from _case(case, wanted, outcome)
    for case in outcome.cases:
        if case.customer_id not in expected.cases:
            yield f"{case.customer}: a case was opened ({case.reason}); none was expected."


def _case(case: Case, wanted: ExpectedCase, outcome: Outcome) -> Iterator[str]:
    if not wanted.reasons <= case.reasons:
        lacking = wanted.reasons - case.reasons
        given = _all(case.reasons)
        yield f"{case.customer}: the reasons of its case are {given}; {_all(lacking)} should be among them."
    if case.csm != wanted.csm:
        owner, wanted_owner = _person(outcome, case.csm), _person(outcome, wanted.csm)
        yield f"{case.customer}: its case belongs to {owner}; {wanted_owner} was expected."
    if case.severity is None:
        yield f"{case.customer}: its case does not follow from a risk that was announced."
    elif case.severity != "risk":
        yield f"{case.customer}: its case was opened at severity {case.severity}; only a risk should open one."


def _mails(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    left = list(outcome.mails)
    for customer_id, wanted in expected.cases.items():
        name, person = CUSTOMER[customer_id].name, _person(outcome, wanted.csm)
        subject, address = SUBJECT.format(name=name), outcome.addresses.get(wanted.csm)
        mails = [mail for mail in left if mail.subject == subject and mail.to == address and _may_be_of_case(mail)]
        left = [mail for mail in left if mail not in mails]
        if not mails:
            yield f"{name}: no mail reached {person} about its case; one was expected."
        elif len(mails) > 1:
            yield f"{name}: {len(mails)} mails reached {person} about its case; one was expected."
        opened = {case.event_id for case in outcome.cases if case.customer_id == customer_id}
        if any(mail.case_event_id not in opened for mail in mails):
            yield f"{name}: a mail reached {person}, but no notice says that it is about its case."
    ours = set(outcome.addresses.values())
    for mail in left:
        if mail.told and mail.to in ours:  # reminders, news and escalations, as the rules of notifications say
            continue
        yield f"A mail to {mail.to} with the subject “{mail.subject}” was caught; it was not expected."


def _person(outcome: Outcome, person_id: str | None) -> str:
    return outcome.names.get(person_id, person_id) if person_id else "nobody"


def _all(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes)) or "none"


def _may_be_of_case(mail: CaughtMail) -> bool:
    """Tell whether a mail tells of an opened case, or nobody says what it tells of."""
    return not mail.told or CASE_OPENED in mail.told
