"""What measures and rules have in common: sentences with placeholders."""

from collections.abc import Collection

from services.health_scoring.scorecards.fields import placeholders
from shared.yaml_files.checks import Found
from shared.yaml_files.problems import Path


def words_unknown(path: Path, says: str, known: Collection[str], whose: str) -> Found:
    """Yield each placeholder of the sentence that would have nothing to show."""
    for name, _ in placeholders(says):
        if name not in known:
            there = ", ".join(f"{{{each}}}" for each in sorted(known))
            yield path, f"has the placeholder {{{name}}}, and {whose} knows {there}"
