"""What the customer does on its page: comments, asks for a code, signs, refuses; each in one transaction.

Every act is kept in the record as the contact's, with the link it came by; what is sent twice is done once.
"""

from collections.abc import Awaitable, Callable
from uuid import NAMESPACE_URL, uuid4, uuid5

from services.action_plans.domain import comment as comments
from services.action_plans.domain import plan as plans
from services.action_plans.domain.case import Case
from services.action_plans.domain.plan import Version
from services.action_plans.domain.sharing import is_answerable
from services.action_plans.handlers.desk import decided
from services.action_plans.handlers.planning import accepted
from services.action_plans.page import codes
from services.action_plans.page.asked import Asked
from services.action_plans.page.forms import LONGEST_COMMENT, LONGEST_REASON
from services.action_plans.store import links
from services.action_plans.store.links import Code
from shared import outbox
from shared.contracts.plans import facts
from shared.contracts.releases import MessageReleased, TemplateField
from shared.contracts.topics import RELEASES

COMMENTS_A_DAY = 20  # of a link

Said = str
"""A word for what was done, or for why it was not: `words.NOTICES` has the sentence."""


Act = Callable[[Asked], Awaitable[Said]]


async def comment(asked: Asked) -> Said:
    """Keep a comment."""
    return await _write(asked, proposes=False)


async def propose_change(asked: Asked) -> Said:
    """Keep a comment that asks for a change of the plan."""
    return await _write(asked, proposes=True)


async def _write(asked: Asked, *, proposes: bool) -> Said:
    text = asked.form.text("text", "The text", LONGEST_COMMENT)
    comment_id = str(uuid5(NAMESPACE_URL, f"amicable:comment:{asked.link_id}:{asked.form.entry}"))
    what = "change" if proposes else "comment"
    if comments.has(asked.case, comment_id):
        return what
    since = asked.now - codes.DAY
    written = [await links.visits_since(asked.tx, asked.link_id, word, since) for word in ("comment", "change")]
    if sum(written) >= COMMENTS_A_DAY:
        return "enough_comments"
    case = comments.comment(asked.case, comment_id, asked.contact_id, text, asked.now, proposes=proposes)
    await asked.keep(decided(case, facts.CommentMade, comment_id), text=text, proposes=proposes)
    await asked.note(what)
    return what


async def ask_code(asked: Asked) -> Said:
    """Have a code mailed that answers to the content seen, and to nothing else."""
    waiting = _waiting(asked.case, asked.form.content_hash)
    if waiting is None:
        return "other_version"
    if not asked.visit.contact.has_address:
        return "no_address"
    known = await links.open_code(asked.tx, asked.link_id)
    if known and known.content_hash == waiting.content_hash and asked.now < known.created_at + codes.PAUSE:
        return "code"  # sent twice, or in haste: it is on its way
    if await links.codes_since(asked.tx, asked.link_id, asked.now - codes.DAY) >= codes.A_DAY:
        return "enough_codes"
    said, code = codes.make(asked.visit.token, waiting.content_hash, asked.now)
    await links.add_code(asked.tx, asked.link_id, code)
    await outbox.add(asked.tx, RELEASES.name, _released(asked, waiting, said, code))
    await asked.note("code")
    return "code"


def _released(asked: Asked, waiting: Version, said: str, code: Code) -> MessageReleased:
    cause = str(uuid4())
    fields = {"code": said, "company": asked.company, "version": str(waiting.number)}
    return MessageReleased(
        source="unsent",
        customer_id=asked.case.customer_id,
        correlation_id=cause,
        causation_id=cause,
        occurred_at=asked.now,
        contact_id=asked.contact_id,
        template="signing_code",
        fields=tuple(TemplateField(name=name, text=text) for name, text in fields.items()),
        expires_at=code.expires_at,
    )


async def sign(asked: Asked) -> Said:
    """Accept the version for the customer, proved by the code that was mailed for this very content."""
    if _has_signed(asked):
        return "signed"
    waiting = _waiting(asked.case, asked.form.content_hash)
    if waiting is None:
        return "other_version"
    code, said = await _spend_code(asked, waiting, asked.form.code)
    if code is None:
        return said
    seen = waiting.content_hash
    signed = plans.accept(asked.case.plan, "customer", asked.contact_id, seen, asked.now, proof=code.code_id)
    what = accepted(asked.case, signed, "customer", asked.now)
    await asked.keep(what, version=waiting.number, content_hash=seen, code_id=code.code_id)
    await asked.note("sign")
    return "signed"


async def refuse(asked: Asked) -> Said:
    """Say no to the version, in the customer's own words; proved as a signature is, since it may be why all ends."""
    if _has_refused(asked):
        return "refused"
    waiting = _waiting(asked.case, asked.form.content_hash)
    if waiting is None:
        return "other_version"
    why = asked.form.text("why", "The reason", LONGEST_REASON)
    code, said = await _spend_code(asked, waiting, asked.form.code)
    if code is None:
        return said
    plan = plans.refuse(asked.case.plan, asked.contact_id, why, asked.now, proof=code.code_id)
    what = decided(asked.case.next(plan=plan), facts.PlanRefused, str(waiting.number))
    await asked.keep(what, version=waiting.number, content_hash=waiting.content_hash, why=why, code_id=code.code_id)
    await asked.note("refuse")
    return "refused"


async def _spend_code(asked: Asked, waiting: Version, typed: str) -> tuple[Code | None, Said]:
    """Return the code that was typed, which is good for nothing more; None, with why, where it proves nothing."""
    code = await links.open_code(asked.tx, asked.link_id)
    if code is None or code.content_hash != waiting.content_hash:
        return None, "no_code"
    if codes.fits(code, asked.visit.token, typed):
        await links.use_code(asked.tx, code.code_id)
        return code, ""
    await asked.note("wrong code")
    await links.count_attempt(asked.tx, code.code_id)
    if code.attempts + 1 < codes.ATTEMPTS:
        return None, "wrong_code"
    await links.use_code(asked.tx, code.code_id)
    return None, "code_spent"


def _waiting(case: Case, content_hash: str) -> Version | None:
    """Return the version that the customer can answer to, if it is the one that it has seen."""
    waiting = case.plan.proposed
    if waiting is None or not is_answerable(case) or waiting.content_hash != content_hash:
        return None
    return waiting


def _has_signed(asked: Asked) -> bool:
    """Tell whether this very person has accepted this very content already."""
    wanted = ("customer", asked.contact_id, asked.form.content_hash)
    versions = [one for one in (asked.case.plan.proposed, asked.case.plan.agreed) if one is not None]
    return any(
        (one.side, one.person_id, one.content_hash) == wanted for version in versions for one in version.acceptances
    )


def _has_refused(asked: Asked) -> bool:
    version = asked.case.plan.proposed
    if version is None or version.refusal is None:
        return False
    return (version.refusal.person_id, version.content_hash) == (asked.contact_id, asked.form.content_hash)
