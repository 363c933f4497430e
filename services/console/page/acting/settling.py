"""The form of a transition's refunds: what was paid, what we credit, what is still owed; net, with the tax apart."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.console.page.acting import rows
from services.console.page.acting.endings import ending_of, part, written
from services.console.page.acting.field import Field
from services.console.page.acting.form import About, Form, Given, Problems
from shared.contracts.endings import commands
from shared.contracts.endings.money import SettlementItems
from shared.contracts.endings.parts import Refunds

EMPTY_ROW = "Leave it empty where there is none."
Item = Any  # of any kind: each has an id, what it is, and an amount
KINDS = {  # each with the heading of its rows, and the days that belong to it
    "prepaid": ("Paid in advance", ("starts_on", "ends_on", "paid_on")),
    "service_credits": ("Service credit that we owe", ()),
    "goodwill": ("Goodwill", ()),
    "invoices": ("Open invoice", ("starts_on", "ends_on")),
}
DAYS = {"starts_on": "For the time from", "ends_on": "To", "paid_on": "Paid on"}


def _items(about: About, kind: str) -> Sequence[Item]:
    """Return what the form begins with: the part as it is written, else what was announced with the customer."""
    known = ending_of(about).parts.refunds
    if known is not None:
        found: Sequence[Item] = getattr(known.items, kind)
        return found
    return list(_announced(about, kind))


def _announced(about: About, kind: str) -> Iterator[Given]:
    contract = about.customer.contract if about.customer else None
    if contract is None:
        return
    if kind == "service_credits":
        for credit in contract.service_credits:
            yield {"what": credit.reason[:200], "currency": credit.currency, "net": credit.amount}
    for one in contract.invoices if kind in {"prepaid", "invoices"} else ():
        is_prepaid = one.paid_on is not None and one.period_to >= about.write.today()
        if (kind == "prepaid" and is_prepaid) or (kind == "invoices" and one.paid_on is None):
            yield {
                "what": f"Invoice {one.invoice_id}", "currency": one.currency, "net": one.amount,
                "starts_on": one.period_from, "ends_on": one.period_to, "paid_on": one.paid_on,
            }  # fmt: skip


def _of(one: Item, name: str) -> tuple[str, ...]:
    found = one.get(name) if isinstance(one, dict) else getattr(one, name, None)
    return () if found is None else (str(found),)


def _row(about: About, kind: str) -> Callable[[Item], Sequence[Field]]:
    currency = (about.customer.currency,) if about.customer else ()
    is_open = kind == "invoices"

    def fields(one: Item) -> Sequence[Field]:
        return (
            Field(f"{kind}-what", "What it is", value=_of(one, "what"), hint="" if one else EMPTY_ROW),
            Field(f"{kind}-net", "Net", "amount", value=_of(one, "net")),
            Field(f"{kind}-tax", "Tax on it", "amount", value=_of(one, "tax"), hint="0 where there is none."),
            Field(f"{kind}-currency", "Currency", "capitals", value=_of(one, "currency") if one else currency),
            *(
                Field(f"{kind}-{day}", DAYS[day], "day", value=_of(one, day), required=not is_open)
                for day in KINDS[kind][1]
            ),
        )

    return fields


def _rows(about: About, kind: str) -> list[Field]:
    return rows.laid(KINDS[kind][0], _items(about, kind), 1, _row(about, kind))


def _refunds(about: About, _: str) -> Sequence[Field]:
    return [field for kind in KINDS for field in _rows(about, kind)]


def _made(given: Given, about: About, _: str) -> Given:
    items, wrong = {}, dict[str, str]()
    for kind in KINDS:
        try:
            items[kind] = _typed(given, about, kind)
        except Problems as why:
            wrong |= why.by_field
    if wrong:
        raise Problems(wrong)
    return {"refunds": Refunds(items=SettlementItems.model_validate(items))}


def _typed(given: Given, about: About, kind: str) -> list[Given]:
    known = _items(about, kind)
    ids = [one.item_id for one in known if not isinstance(one, dict)]
    free = rows.free_ids(kind.replace("_", "-"), ids)
    return [
        {
            "item_id": ids[row.number] if row.number < len(ids) else next(free),
            **{
                name: value
                for name in ("what", "net", "tax", "currency", *KINDS[kind][1])
                if (value := row.given[f"{kind}-{name}"]) is not None
            },
        }
        for row in rows.typed(given, _rows(about, kind), f"{kind}-what")
    ]


FORMS = (
    Form(
        "write_refunds", commands.WriteRefunds, "Write what is owed", "Save the part", _refunds, written, make=_made,
        edits=True, apart=part("refunds"),
        note="Amounts are net, with their tax apart. What is owed for the time after the last day is computed from it,"
        " day by day; with nothing in it, nobody owes anything.",
    ),
)  # fmt: skip
