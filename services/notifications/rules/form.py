"""The form of a file of rules: field by field, with what each may hold."""

from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from services.notifications.domain import paths
from services.notifications.domain.rule import FALLBACK, Role, Who
from services.notifications.domain.urgency import Urgency
from shared.yaml_files.fields import Name, Part, Whole, Words
from shared.yaml_files.form import Form
from shared.yaml_files.problems import shown

Line = Annotated[str, Words(200)]
Kind = Annotated[str, Words(100)]


def _path(value: object) -> str:
    if isinstance(value, str):
        paths.steps(value)
        return value
    raise ValueError(f"must be a path into the fact, such as case.reasons.*.text, not {shown(value)}")


def _value(value: object) -> str | bool | int:
    if isinstance(value, str | bool | int):
        return value
    raise ValueError(f"must be a text, a whole number, true or false, not {shown(value)}")


Path = Annotated[str, PlainValidator(_path), WithJsonSchema({"type": "string"})]
Value = Annotated[Any, PlainValidator(_value), WithJsonSchema({"type": ["string", "integer", "boolean"]})]


class Audience(Part):
    """Who is told. named_in: where the fact names the team or the person."""

    who: Who
    named_in: Path | None = None


class Condition(Part):
    """The rule holds where the field is one of these."""

    field: Path
    one_of: Annotated[list[Value], Field(min_length=1, max_length=20)]


class Said(Part):
    """Something that messages say: by which name, and where the fact has it."""

    name: Name
    found_in: Path


class DoneBy(Part):
    """Facts that show that it is done: of one of these types, and with the same where each path leads."""

    on: Annotated[list[Kind], Field(min_length=1, max_length=20)]
    same: Annotated[list[Path], Field(min_length=1, max_length=5)]


class Acknowledge(Part):
    """Somebody is to take it in hand, unless it is done, within so many hours; else it goes to the next in line.

    only_asks: it tells nothing beside, and nobody needs to hear of it who has not yet when it is done.
    """

    hours: Annotated[int, Whole(1, 24 * 30)]
    then: Annotated[list[Audience], Field(min_length=1, max_length=5)]
    done_by: Annotated[list[DoneBy], Field(max_length=5, default_factory=list)]
    only_asks: bool = False


class Rule(Part):
    """Which facts are told, to whom, how. once_per: what makes it another thing to tell; absent: every fact is."""

    name: Name
    on: Kind
    when: Annotated[list[Condition], Field(max_length=10, default_factory=list)]
    to: Annotated[list[Audience], Field(min_length=1, max_length=10)]
    template: Name
    urgency: Urgency
    headline: Line
    next_step: Line
    once_per: Annotated[list[Path], Field(min_length=1, max_length=5, default_factory=lambda: ["event_id"])]
    says: Annotated[list[Said], Field(max_length=20, default_factory=list)]
    acknowledge: Acknowledge | None = None


class Rules(Part):
    """All rules. silent: types of facts that ask nobody for anything. fallback: who is told where nobody else is.
    over_with: facts after which nothing of the same is to be taken in hand any more.
    """

    name: Name
    version: Annotated[int, Whole(1, 10_000)]
    rules: Annotated[list[Rule], Field(min_length=1, max_length=300)]
    silent: Annotated[list[Kind], Field(max_length=300, default_factory=list)]
    fallback: Annotated[list[Role], Field(min_length=1, max_length=3, default_factory=lambda: list(FALLBACK))]
    over_with: Annotated[list[DoneBy], Field(max_length=10, default_factory=list)]


FORM = Form(Rules, "set of rules", "docs/architecture/notifications.md")
