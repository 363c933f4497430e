"""The kinds of field that files are made of. Each says its whole rule in one sentence, whatever is wrong."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.contracts.fields import ONE_LINE, PLAIN_TEXT, one_line, plain_text
from shared.yaml_files.problems import shown

NAME = r"^[a-z][a-z0-9_-]{0,63}$"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)


class Part(BaseModel):
    """A mapping whose fields are all known, with nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds."""

    low: int
    high: int

    def check(self, value: object) -> int:
        """Return the number; ValueError for anything else."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ValueError(f"must be a whole number from {self.low} to {self.high}, not {shown(value)}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Words:
    """A text of 1 to `most` characters, not all of them blank; on one line unless `lines`."""

    most: int
    lines: bool = False

    def check(self, value: object) -> str:
        """Return the text; ValueError for anything else."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"must be a text of 1 to {self.most} characters, not {shown(value)}")
        if len(value) > self.most:
            raise ValueError(f"must be a text of 1 to {self.most} characters, not of {len(value)}")
        return plain_text(value) if self.lines else one_line(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        pattern = PLAIN_TEXT if self.lines else ONE_LINE
        return {"type": "string", "minLength": 1, "maxLength": self.most, "pattern": pattern}


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(
            "must be a name of small letters, digits, _ and -, beginning with a letter, at most 64 characters, "
            f"not {shown(value)}"
        )
    return value


Name = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME})]
