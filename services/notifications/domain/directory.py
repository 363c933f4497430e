"""Our people, and who of them is meant by an audience: the customer's CSM, their manager, a team, who is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.notifications.domain.rule import Role, Who

LONGEST_CHAIN = 10  # managers of managers, or substitutes of substitutes


@dataclass(frozen=True)
class Person:
    """One of our people."""

    person_id: str
    name: str
    email: str
    time_zone: str
    manager: str | None
    roles: frozenset[str]
    teams: frozenset[str]
    active: bool


@dataclass(frozen=True)
class Customer:
    """Who of ours looks after a customer."""

    customer_id: str
    name: str
    csm: str
    executive_sponsor: str | None


@dataclass(frozen=True)
class Needed:
    """Who may be meant: people by id, by role, by team. Whoever leads or stands in for them is needed as well."""

    people: frozenset[str]
    roles: frozenset[str]
    teams: frozenset[str]


class Unknown(Exception):
    """Whoever is meant is not known yet: the copy of a customer or person is still on its way. The text says who."""


class NotRead(Exception):
    """Somebody has to come instead, and those who would are not in this directory."""


class Directory:
    """People of ours, by id."""

    def __init__(self, people: Iterable[Person], roles: frozenset[str] | None = None) -> None:
        """people: all who may be meant, also those who have left, and whoever follows each. roles: of which all are
        there; None: of any.
        """
        self._roles = roles
        self.by_id: Mapping[str, Person] = {one.person_id: one for one in people}

    def meant(self, who: Who, names: Sequence[str], customer: Customer | None) -> list[str]:
        """Return the ids of the active people who are meant, none where there is nobody. Raises Unknown."""
        match who:
            case "csm" | "csm_manager" | "executive_sponsor":
                return self._of_customer(who, customer)
            case "managers" | "executives" | "admins":
                return self.with_role(who)
            case "team":
                return self._reviewers(names)
            case "team_managers":
                return self._managers_of(names)
            case "person":
                return self._named(names)

    def _named(self, names: Sequence[str]) -> list[str]:
        """Return who is named, or follows whoever has left; Unknown only where nothing is known of any of them."""
        found, unknown = [], None
        for name in names:
            try:
                found.append(self._here(name))
            except Unknown as why:
                unknown = why
        if unknown is not None and not any(found):
            raise unknown
        return _distinct(found)

    def with_role(self, those: Role) -> list[str]:
        """Return who has a role and is here."""
        return sorted(one.person_id for one in self.by_id.values() if one.active and role_of(those) in one.roles)

    def last_resort(self, fallback: Sequence[Role]) -> list[str]:
        """Return the first of them that anybody is of. Raises Unknown; NotRead."""
        if self._roles is not None and not self._roles.issuperset(map(role_of, fallback)):
            raise NotRead
        for role in fallback:
            if found := self.with_role(role):
                return found
        raise Unknown(f"nobody is there, and none of the {', '.join(fallback)} either")

    def _of_customer(self, who: Who, customer: Customer | None) -> list[str]:
        if customer is None:
            raise Unknown("the customer is not known yet")
        if who == "executive_sponsor":
            return _distinct([self._here(customer.executive_sponsor)] if customer.executive_sponsor else [])
        if who == "csm":
            return _distinct([self._here(customer.csm)])
        csm = self._known(customer.csm)
        return _distinct([self._here(csm.manager)] if csm.manager else [])

    def _known(self, person_id: str) -> Person:
        if person_id not in self.by_id:
            raise Unknown(f"{person_id} is not known yet")
        return self.by_id[person_id]

    def _here(self, person_id: str) -> str | None:
        """Return the person, or who leads whoever has left; None where nobody does. Raises Unknown."""
        for _ in range(LONGEST_CHAIN):
            person = self._known(person_id)
            if person.active:
                return person_id
            if person.manager is None:
                return None
            person_id = person.manager
        return None

    def members(self, teams: Sequence[str]) -> list[str]:
        """Return who is of any of the teams, and here."""
        return sorted(one.person_id for one in self._members(teams))

    def _members(self, teams: Sequence[str]) -> list[Person]:
        return [one for one in self.by_id.values() if one.active and one.teams & set(teams)]

    def _reviewers(self, teams: Sequence[str]) -> list[str]:
        """Return the reviewers of the teams; of a team without any, all its members."""
        found: set[str] = set()
        for team in teams:
            members = self._members([team])
            reviewers = [one for one in members if "reviewer" in one.roles] or members
            found |= {one.person_id for one in reviewers}
        return sorted(found)

    def _managers_of(self, teams: Sequence[str]) -> list[str]:
        managers = {one.manager for one in self._members(teams) if one.manager}
        return sorted(one for one in managers if one in self.by_id and self.by_id[one].active)


def role_of(those: Role) -> str:
    """Return the role that they have, as people.v1 names it."""
    return those.removesuffix("s")


def _distinct(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(one for one in found if one is not None))
