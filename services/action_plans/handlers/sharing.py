"""Links by which a contact of the customer opens the shared plan."""

from datetime import timedelta

from services.action_plans.domain.case import Case, require_working
from services.action_plans.domain.refusal import NotPossible, unknown
from services.action_plans.handlers.desk import Desk, decided, rule
from services.action_plans.keeping import Decided
from services.action_plans.store import links
from services.action_plans.store.links import Link
from shared.contracts.plans import commands, facts


@rule(commands.CreateShareLink)
async def create_link(case: Case, asked: commands.CreateShareLink, desk: Desk) -> Decided:
    """Let a contact open the shared plan. The token stays with whoever made it; here is its hash alone."""
    require_working(case)
    desk.require_contact(asked.contact_id)
    if not case.plan.versions:
        raise NotPossible("nothing_proposed", "There is no plan yet that could be shared.", "a plan was proposed")
    if await links.is_taken(desk.tx, asked.link_id, asked.token_hash):
        raise NotPossible("id_taken", "There is such a link already.", "link_id and token_hash are new ones")
    expires_at = desk.tx.now + timedelta(days=asked.days)
    link = Link(asked.link_id, case.customer_id, case.case_id, asked.contact_id, desk.by, desk.tx.now, expires_at, None)
    await links.add(desk.tx, link, asked.token_hash)
    return decided(
        case.next(), facts.ShareLinkCreated, asked.link_id, contact_id=asked.contact_id, expires_at=expires_at
    )


@rule(commands.RevokeShareLink)
async def revoke_link(case: Case, asked: commands.RevokeShareLink, desk: Desk) -> Decided:
    """The link opens nothing any more."""
    known = await links.find(desk.tx, asked.link_id)
    if known is None or known.case_id != case.case_id:
        raise unknown("link", asked.link_id)
    if known.revoked_at is not None:
        raise NotPossible("no_change", "The link was revoked already.", "the link is good")
    await links.revoke(desk.tx, asked.link_id)
    return decided(case.next(), facts.ShareLinkRevoked, asked.link_id)
