"""Who is told for whoever is away: whom they name, else their manager; for a team, somebody of that very team.

What is for a team is for nobody outside of it who was not named for it: it may tell of an ending that few know of.
"""

from dataclasses import dataclass
from typing import Literal

from services.notifications.domain.directory import LONGEST_CHAIN
from services.notifications.domain.surroundings import Surroundings

# Whoever is meant is not known; not there, or did it themselves; is away from a team. Or the reader answers for a team.
Instead = Literal["unknown", "nobody", "away", "named"]


@dataclass(frozen=True)
class Turn:
    """Somebody is meant, and somebody is told of it. instead: why, where no rule means the recipient."""

    meant: str
    recipient: str
    instead: Instead | None = None


def in_place(person_id: str, around: Surroundings, team: str | None = None) -> str | None:
    """Return who gets what is for a person, None where they are away and nobody is here for it.

    team: of which whoever stands in has to be.
    """
    at, seen = person_id, {person_id}
    for _ in range(LONGEST_CHAIN):
        person, absence = around.people.by_id[at], around.of(at).absence
        if absence is None or not around.is_away(at):
            return at
        following = [one for one in (absence.substitute, person.manager) if one is not None and one not in seen]
        here = [one for one in following if around.is_active(one) and _is_of(one, team, around)]
        if not here:
            return None
        at = here[0]
        seen.add(at)
    return None


def of_team(team: str, around: Surroundings, *, answered: bool) -> list[Turn]:
    """Return who is told of what is for a team: its reviewers, or others of it, or their managers, the first of these
    who are here; the reviewers all the same where nobody is. answered: somebody was named who answers for it.
    """
    people = around.people
    reviewers = people.meant("team", [team], None)
    found = [Turn(one, to) for one in reviewers if (to := in_place(one, around, team)) is not None]
    if found or answered or not reviewers:
        return found
    for others in (people.members([team]), people.meant("team_managers", [team], None)):
        if here := [one for one in others if around.is_here(one)]:
            return [Turn(reviewers[0], one, "away") for one in here]
    return [Turn(one, one) for one in reviewers]


def _is_of(person_id: str, team: str | None, around: Surroundings) -> bool:
    return team is None or team in around.people.by_id[person_id].teams
