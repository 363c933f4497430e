"""Links by which contacts of the customer open its transition plan, mailed to them; and how they are taken back."""

from datetime import timedelta
from uuid import uuid4

from services.transition_review.domain import announcing
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers.desk import Desk, decided, rule
from services.transition_review.keeping import Decided, Release, Told
from services.transition_review.store import links, transitions
from services.transition_review.store.links import Link
from shared.contracts.endings import commands, facts
from shared.page.links import hash_of, new_token

MOST_LINKS = 200  # of a transition


@rule(commands.ShareEnding)
async def share(transition: Transition, asked: commands.ShareEnding, desk: Desk) -> Decided:
    """Mail each contact a link of their own to the plan. The token goes into the mail alone; here is its hash."""
    contacts = tuple(dict.fromkeys(asked.contacts))
    shared = announcing.share(transition, contacts)
    latest = await transitions.latest_of(desk.tx, transition.customer_id)
    if latest is not None and latest.transition_id != transition.transition_id:
        raise NotPossible("another", "The customer has another transition since.", "it is the customer's latest one")
    for contact in contacts:
        desk.require_contact(contact, with_address=True)
    if await links.count_of(desk.tx, transition.transition_id) + len(contacts) > MOST_LINKS:
        raise NotPossible("too_many", f"A transition has at most {MOST_LINKS} links.", "fewer links were made")
    expires_at = desk.tx.now + timedelta(days=asked.days)
    told, mails = [], []
    for contact in contacts:
        token, link_id = new_token(), str(uuid4())
        link = Link(
            link_id, transition.customer_id, transition.transition_id, contact, desk.by, desk.tx.now, expires_at
        )
        await links.add(desk.tx, link, hash_of(token))
        told.append(Told(facts.EndingShared, link_id, {"contact_id": contact, "expires_at": expires_at}))
        mails.append(Release(contact, "ending_plan_link", _fields(token, asked.days, desk)))
    return Decided(shared, tuple(told), releases=tuple(mails))


def _fields(token: str, days: int, desk: Desk) -> dict[str, str]:
    return {
        "company": desk.company,
        "customer": desk.customer.name if desk.customer else "",
        "link": f"{desk.page_origin.rstrip('/')}/p/{token}",
        "days": str(days),
    }


@rule(commands.RevokeEndingLink)
async def revoke(transition: Transition, asked: commands.RevokeEndingLink, desk: Desk) -> Decided:
    """The link opens nothing any more."""
    known = await links.find(desk.tx, asked.link_id)
    if known is None or known.transition_id != transition.transition_id:
        raise NotPossible("unknown", f"There is no link {asked.link_id} to this ending.", "the link was made for it")
    if known.revoked_at is not None:
        raise NotPossible("no_change", "The link was revoked already.", "the link is good")
    await links.revoke(desk.tx, asked.link_id)
    return decided(transition.next(), facts.EndingLinkRevoked, asked.link_id)
