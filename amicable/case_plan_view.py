"""The joint plan of a case in a hundred columns: its versions, what both sides promised side by side, the ledger."""

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.ledger import SideLedger
from services.action_plans.domain.plan import Version
from services.action_plans.domain.progress import Progress, status
from services.action_plans.domain.terms import Commitment, Terms
from services.action_plans.explanation import Explanation

STATUS = {"open": "cyan", "done": "green", "late": "bold yellow", "missed": "bold red", "waived": "dim"}
COUNTS = (
    ("commitments", "promised"),
    ("met", "done in time"),
    ("late", "late"),
    ("missed", "missed"),
    ("waived", "waived by both"),
    ("open", "still open"),
    ("days_late", "days late"),
    ("undeliverable", "undeliverable"),
    ("meetings_missed", "meetings missed"),
    ("meetings_moved", "meetings moved"),
)
WHO: dict[Side, str] = {"us": "we", "customer": "they"}
BAD = frozenset({"late", "missed", "days_late", "undeliverable", "meetings_missed", "meetings_moved"})


def plan_of(told: Explanation) -> RenderableType:
    """Return the plan: frame, versions and who has signed them, commitments side by side."""
    plan = told.case.plan
    current = plan.proposed or plan.agreed
    terms = plan.draft if current is None else current.terms
    parts: list[RenderableType] = [_heading(told, terms)]
    if terms is not None:
        parts.append(Text(terms.purpose))
    if told.versions:
        parts += ["", _versions(told)]
    if plan.proposed is not None and plan.proposed.refusal is None:
        parts.append(Text(f"to sign: content_hash {plan.proposed.content_hash}", "dim"))
    if plan.draft is not None and current is not None:
        parts.append(Text("A draft of ours differs from it; nobody else has seen it.", "yellow"))
    shown = plan.agreed.terms if plan.agreed else terms
    if shown is not None and shown.commitments:
        parts += ["", _side_by_side(told, shown)]
    return Group(*parts)


def _heading(told: Explanation, terms: Terms | None) -> Text:
    text = Text("Joint plan", "bold underline")
    if terms is None:
        return text
    slipped = told.ledger.frame_slipped_days
    end = f" ({slipped:+} days against the baseline)" if slipped else ""
    cadence = terms.cadence.replace("_", " ")
    frame = f"  {terms.starts_on:%-d %b %Y} to {terms.ends_on:%-d %b %Y}{end} · reviews {cadence}"
    return text.append(frame, "not bold not underline dim")


def _versions(told: Explanation) -> RenderableType:
    plan = told.case.plan
    live = {one.number: one for one in (plan.agreed, plan.proposed) if one}
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for number, author, at, hash_ in told.versions:
        table.add_row(
            f"version {number}",
            Text(f"{at:%-d %b %Y} by {told.name(author)}", "dim"),
            _signatures(told, live.get(number)),
            Text("baseline" if plan.baseline and plan.baseline.number == number else "", "cyan"),
            Text(f"{hash_[:12]}…", "dim"),
        )
    return table


def _signatures(told: Explanation, version: Version | None) -> Text:
    if version is None:
        return Text("superseded", "dim")
    if version.refusal is not None:
        return Text(f"refused by {told.name(version.refusal.person_id)}: {version.refusal.why}", "red")
    signed = {one.side: f"{told.name(one.person_id)} {one.at:%-d %b}" for one in version.acceptances}
    text = Text()
    for side, whose in WHO.items():
        there = signed.get(side)
        text.append("\n" if text else "").append(
            f"✓ {there}" if there else f"○ {whose} have not signed", "green" if there else "yellow"
        )
    return text


def _side_by_side(told: Explanation, terms: Terms) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, expand=True, pad_edge=False, padding=(0, 2, 0, 0))
    sides: dict[Side, list[Text]] = {"us": [], "customer": []}
    for one in sorted(terms.commitments, key=lambda one: one.due_on):
        sides[one.side].append(_commitment(told, one))
    for title in ("We do", "The customer does"):
        table.add_column(title, ratio=1, overflow="fold")
    for row in range(max(len(each) for each in sides.values())):
        table.add_row(*(each[row] if row < len(each) else "" for each in sides.values()))
    return table


def _commitment(told: Explanation, one: Commitment) -> Text:
    case = told.case
    progress = case.progress_by_id.get(one.commitment_id, Progress(one.commitment_id))
    text = Text()
    if case.plan.agreed is None:
        text.append("draft ", "dim")
    else:
        says = status(one, progress, case.today(told.at))
        text.append(f"{says} ", STATUS[says])
    text.append(one.what)
    slipped = next((each.days for each in told.ledger.slippage if each.commitment_id == one.commitment_id), 0)
    put_off = f", {'put off' if slipped > 0 else 'brought forward'} {abs(slipped)} days" if slipped else ""
    text.append(f"\n{told.name(one.owner)}, by {one.due_on:%-d %b}{put_off} · {one.commitment_id}", "dim")
    for why in (progress.evidence, progress.cause):
        if why:
            text.append(f"\n{why}", "dim italic")
    if progress.undeliverable is not None:
        settled = "told to the customer" if progress.undeliverable.is_settled else "not settled"
        text.append(f"\nundeliverable ({settled}): {progress.undeliverable.cause}", "red")
    return text


def is_counted(told: Explanation) -> bool:
    """Tell whether there is anything to count yet."""
    return any(getattr(side, field) for side in (told.ledger.us, told.ledger.customer) for field, _ in COUNTS)


def ledger_of(told: Explanation) -> RenderableType:
    """Return what each side promised and did, the same counts for both."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Both sides alike")
    table.add_column("We", justify="right")
    table.add_column("The customer", justify="right")
    for field, says in COUNTS:
        table.add_row(says, *(_count(side, field) for side in (told.ledger.us, told.ledger.customer)))
    return Group(Text("Fairness ledger", "bold underline"), table)


def _count(side: SideLedger, field: str) -> Text:
    number: int = getattr(side, field)
    return Text(str(number), "dim" if not number else "yellow" if field in BAD else "")
