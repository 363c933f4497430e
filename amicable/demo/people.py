"""The eight people of the demo's company, Brightwater, which sells planning software for work in the field."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.upstream import PersonChanged

COMPANY = "Brightwater"


@dataclass(frozen=True)
class Person:
    """One of ours. The id is the mail address before its @."""

    person_id: str
    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    time_zone: str
    manager: str | None = None

    @property
    def email(self) -> str:
        """The mail address, in a domain that can belong to nobody (RFC 2606)."""
        return f"{self.person_id}@brightwater.example"

    def announced(self, at: datetime) -> PersonChanged:
        """What the directory of people says of them."""
        return PersonChanged(
            event_id=f"{self.person_id}/{at:%Y-%m-%d}",
            source="directory",
            occurred_at=at,
            person_id=self.person_id,
            name=self.name,
            email=self.email,
            roles=self.roles,
            teams=self.teams,
            time_zone=self.time_zone,
            manager=self.manager,
            active=True,
        )


PEOPLE = (
    Person("henrik.lund", "Henrik Lund", ("executive",), ("management",), "Europe/Copenhagen"),
    Person("claire.dubois", "Claire Dubois", ("manager",), ("customer success",), "Europe/Paris", "henrik.lund"),
    Person("ana.ruiz", "Ana Ruiz", ("csm",), ("customer success",), "Europe/Madrid", "claire.dubois"),
    Person("jonas.weber", "Jonas Weber", ("csm",), ("customer success",), "Europe/Berlin", "claire.dubois"),
    Person("amara.okafor", "Amara Okafor", ("csm",), ("customer success",), "Europe/London", "claire.dubois"),
    Person("priya.nair", "Priya Nair", ("reviewer",), ("revenue", "finance"), "Europe/London", "henrik.lund"),
    Person(
        "tom.gallagher",
        "Tom Gallagher",
        ("reviewer", "admin"),
        ("operations", "support"),
        "Europe/Dublin",
        "henrik.lund",
    ),
    Person("mei.chen", "Mei Chen", ("reviewer",), ("legal", "security"), "America/New_York", "henrik.lund"),
)
PERSON = {person.person_id: person for person in PEOPLE}
