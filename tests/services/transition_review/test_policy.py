"""Review policies as files: the shipped one is sound, and a wrong one is answered by sentences that say where."""

from pathlib import Path

import pytest

from services.transition_review.policies.reading import load, policy_of, shipped_policy, text_of
from shared.yaml_files.problems import WrongFile

SHIPPED = text_of("default")


def test_shipped_policy_asks_revenue_and_operations_always() -> None:
    asked = {rule.team for rule in shipped_policy().required(["always"])}
    assert asked == {"revenue", "operations", "support"}


def test_file_that_is_named_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(SHIPPED.replace("name: default", "name: own"))
    assert (policy_of(file).name, policy_of(None).name) == ("own", "default")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("when: [always]", "when: [money_moves]", "must have the team revenue with when: [always]"),
        ("team: operations", "team: revenue", "own.yaml line 14, teams/1/team: repeats revenue: keep one."),
        ("remind_days: 1", "remind_days: 9", "must be at least remind_days (9), not 3"),
        (
            "parts: [timeline, refunds]",
            "parts: [refunds]",
            "own.yaml line 24, teams/3/parts: must have timeline and refunds",
        ),
        ("country: null", "country: ZZ", "must be a country whose holidays are known, or null, not ZZ"),
        ("version: 2", "version: one", "own.yaml line 5, version: must be a whole number from 1 to 10000"),
    ],
)
def test_wrong_policy_is_told_by_line_and_field(old: str, new: str, says: str) -> None:
    with pytest.raises(WrongFile) as wrong:
        load(SHIPPED.replace(old, new, 1), "own.yaml")
    assert any(says in problem for problem in wrong.value.problems), wrong.value.problems


def test_what_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_bytes(b"name: \xff")
    with pytest.raises(WrongFile, match=r"own.yaml: is not text in UTF-8: save it as such\."):
        policy_of(file)
