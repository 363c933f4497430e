"""Files made from code and kept in git: JSON Schemas of types, scorecards and playbooks, and the AsyncAPI document."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from amicable.asyncapi import document
from services.action_plans.playbooks.form import FORM as PLAYBOOK
from services.health_scoring.scorecards.card import FORM as SCORECARD
from shared.contracts.json_schema import schemas_of
from shared.contracts.topics import TOPICS
from shared.yaml_files.form import Form

SCHEMAS = Path("shared/contracts/schemas")
ASYNCAPI = Path("docs/asyncapi.yaml")
FORMS: Mapping[Path, Form[Any]] = {
    Path("services/action_plans/playbooks/schema.json"): PLAYBOOK,
    Path("services/health_scoring/scorecards/schema.json"): SCORECARD,
}
MADE_BY = "# Made from shared/contracts by `amicable contracts write`; a change by hand would be lost.\n"


class _Indented(yaml.SafeDumper):
    """Indents lists, as our YAML rules ask."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


@cache
def contract_files() -> Mapping[Path, str]:
    """Return what every file should hold, by its path from the repository's root; made once, since it takes seconds."""
    files = {
        SCHEMAS / topic.name / f"{name}.json": _json(schema)
        for topic in TOPICS.values()
        for kind in topic.types
        for name, schema in schemas_of(kind).items()
    }
    text = yaml.dump(document(), Dumper=_Indented, sort_keys=False, allow_unicode=True, width=110)
    files[ASYNCAPI] = MADE_BY + "---\n" + text
    return files | {path: _json(form.schema) for path, form in FORMS.items()}


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def write(root: Path) -> list[Path]:
    """Write the files under the repository's root, remove those of types that are gone; returns what was changed."""
    wanted = contract_files()
    stale = check(root, wanted)
    for path in stale:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return stale


def check(root: Path, wanted: Mapping[Path, str] | None = None) -> list[Path]:
    """Return the files that are missing, that differ from the code, or that belong to no type any more."""
    wanted = contract_files() if wanted is None else wanted
    there = {path.relative_to(root) for path in (root / SCHEMAS).rglob("*.json")}
    differing = {path for path, text in wanted.items() if _text(root / path) != text}
    return sorted(differing | (there - wanted.keys()))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
