"""An episode of risk: announced once, updated when its reasons change, cleared when the customer is well again.

It opens at yellow (severity watch), or at red or by a risk rule (severity risk); new reasons update it and may raise
it; it clears when the band is green and no rule holds. Unknown neither opens nor clears it.
"""

from dataclasses import dataclass, replace
from typing import Literal

from services.health_scoring.domain.score import Health, Reason

Severity = Literal["watch", "risk"]


@dataclass(frozen=True)
class Episode:
    """An open episode: its reasons are those last announced."""

    episode_id: str
    severity: Severity
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Step:
    """What an assessment does to the episode: the open one after it, and which fact tells of it, if any."""

    episode: Episode | None
    fact: Literal["detected", "updated", "cleared"] | None = None


def severity_of(health: Health) -> Severity | None:
    """Return how bad it is; None where there is nothing to say (green), or nothing is known."""
    if health.rule or health.band == "red":
        return "risk"
    return "watch" if health.band == "yellow" else None


def follow(episode: Episode | None, health: Health, *, new_id: str) -> Step:
    """Return the step from `episode` that `health` asks for; `new_id` names the episode if one opens."""
    severity = severity_of(health)
    if severity is None:
        if episode is not None and health.band == "green":
            return Step(None, "cleared")
        return Step(episode)
    if episode is None:
        return Step(Episode(new_id, severity, health.reasons), "detected")
    raised: Severity = "risk" if "risk" in {severity, episode.severity} else "watch"
    known = {reason.code for reason in episode.reasons}
    added = any(reason.code not in known for reason in health.reasons)
    if raised == episode.severity and not added:
        return Step(episode)
    return Step(replace(episode, severity=raised, reasons=health.reasons), "updated")
