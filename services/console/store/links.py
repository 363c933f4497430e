"""Links that contacts of a customer hold, as they were told last; none can be opened by what is kept here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.endings.facts import EndingLinkRevoked, EndingShared
from shared.contracts.plans.facts import ShareLinkCreated, ShareLinkRevoked
from shared.database import Transaction

MOST = 200  # as many as a transition may have

Made = ShareLinkCreated | EndingShared
Revoked = ShareLinkRevoked | EndingLinkRevoked


@dataclass(frozen=True)
class GivenLink:
    """A link, to whom it was given, and how long it is good."""

    link_id: str
    contact_id: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Tell whether it opens something."""
        return self.revoked_at is None and self.expires_at > now


async def of_subject(tx: Transaction, subject_id: str) -> tuple[GivenLink, ...]:
    """Return the links to a case's plan or to a transition's, the latest first."""
    rows = await tx.fetch(
        """
        SELECT link_id, contact_id, made_at, expires_at, revoked_at FROM links
        WHERE subject_id = $1 AND contact_id IS NOT NULL ORDER BY made_at DESC, link_id LIMIT $2
        """,
        subject_id,
        MOST,
    )
    return tuple(GivenLink(**dict(row)) for row in rows)


async def keep(tx: Transaction, made: Sequence[Made], revoked: Sequence[Revoked]) -> None:
    """Keep what was told of links, in whatever order it comes."""
    await tx.execute_many(
        """
        INSERT INTO links (link_id, customer_id, subject_id, transition_id, contact_id, made_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (link_id) DO UPDATE
        SET contact_id = excluded.contact_id, made_at = excluded.made_at, expires_at = excluded.expires_at
        """,
        [(*_of(one), one.contact_id, one.occurred_at, one.expires_at) for one in made if one.about is not None],
    )
    await tx.execute_many(
        """
        INSERT INTO links AS known (link_id, customer_id, subject_id, transition_id, revoked_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (link_id) DO UPDATE SET revoked_at = least(known.revoked_at, excluded.revoked_at)
        """,
        [(*_of(one), one.occurred_at) for one in revoked if one.about is not None],
    )


def _of(one: Made | Revoked) -> tuple[str | None, ...]:
    if isinstance(one, ShareLinkCreated | ShareLinkRevoked):
        return one.about, one.customer_id, one.case.case_id, None
    return one.about, one.customer_id, one.transition_id, one.transition_id
