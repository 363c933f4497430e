"""An episode of risk, as it was announced: told once, told again when its reasons grow or it gets graver, then over."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

from services.health_scoring.domain.band import Standing
from services.health_scoring.domain.reasons import Reason
from services.health_scoring.domain.scorecard import Severity


@dataclass(frozen=True)
class Episode:
    """An open episode: its reasons are those last announced."""

    episode_id: str
    severity: Severity
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Step:
    """What a judgement does to the episode: the open one after it, and which fact tells of it, if any."""

    episode: Episode | None
    fact: Literal["detected", "updated", "cleared"] | None = None


def follow(
    episode: Episode | None,
    standing: Standing,
    codes: Collection[str],
    reasons: Callable[[], tuple[Reason, ...]],
    *,
    new_id: str,
) -> Step:
    """Return the step from `episode` to where the customer stands; `new_id` names the episode if one opens.

    codes: of the reasons that there are now; reasons: tells them, and is asked only if there is something to tell.
    While the band is unknown nothing is taken back, and only a rule that is a risk by itself opens one.
    """
    if standing.open_since is None:
        return Step(None, "cleared") if episode is not None and standing.band == "green" else Step(episode)
    if standing.severity is None or (standing.band == "unknown" and not standing.grave):
        return Step(episode)
    if episode is None:
        return Step(Episode(new_id, standing.severity, reasons()), "detected")
    raised: Severity = "risk" if "risk" in {standing.severity, episode.severity} else "watch"
    known = {reason.code for reason in episode.reasons}
    if raised == episode.severity and known.issuperset(codes):
        return Step(episode)
    return Step(replace(episode, severity=raised, reasons=reasons() or episode.reasons), "updated")
