"""The turns of the feeds (when one stopped, or began) as they are kept, to see what has changed since."""

from datetime import datetime, timedelta

from services.health_scoring.domain.course import DAYS_KEPT
from services.health_scoring.domain.feeds import Feeds

LOOK_BACK = timedelta(days=DAYS_KEPT + 1)


def feeds_as_kept(feeds_now: Feeds, now: datetime) -> list[list[str | None]]:
    """Return the turns of the feeds that a course can still see, to be compared with later."""
    oldest = now - LOOK_BACK
    gaps = [
        [gap.topic, gap.source, gap.start.isoformat(), gap.end.isoformat() if gap.end else None]
        for gap in feeds_now.gaps
        if gap.end is None or gap.end > oldest
    ]
    return [[topic, None, at.isoformat(), None] for topic, at in sorted(feeds_now.since.items()) if at > oldest] + gaps


def first_difference(before: list[list[str | None]], after: list[list[str | None]]) -> datetime | None:
    """Return the first moment of which two lists of turns say different things; None if of none that still counts."""
    was, is_now = {tuple(turn) for turn in before}, {tuple(turn) for turn in after}
    moments = [datetime.fromisoformat(at) for turn in is_now ^ was for at in turn[2:3] if at]
    return min(moments, default=None)
