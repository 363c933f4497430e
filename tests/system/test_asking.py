"""What a person asks on the command line is carried out by the running service, and its answer is printed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import Deployment, until
from tests.system.conftest import Desk


async def test_override_is_answered_and_shown_and_cleared(deployment: Deployment, desk: Desk) -> None:
    said = await desk.type(
        "health", "override", desk.customer, "green", "--reason", "They told me.", "--days", "3", "--as", desk.csm
    )
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Until ")
    assert said.out.strip().endswith("UTC green is shown beside the score.")
    shown = json.loads((await desk.type("health", "show", desk.customer, "--json")).out)
    assert shown["override"]["band"] == "green"

    async def scored() -> Any:
        facts = await deployment.facts("scores.v1", desk.customer)
        return facts and facts[-1].get("override", {}).get("band") == "green"

    await until(scored, "the score is published with what was said beside it")
    cleared = await desk.type("health", "clear-override", desk.customer, "--as", desk.csm, "--json")
    assert json.loads(cleared.out)["type"] == "CommandAccepted"
    again = await desk.type("health", "clear-override", desk.customer, "--as", desk.csm)
    assert again.code == 1
    assert again.out.splitlines() == ["Refused: The customer has no open override.", "  needed: an override is open"]


async def test_rescoring_is_answered(desk: Desk) -> None:
    asked = await desk.type("health", "rescore", desk.customer, "--as", desk.csm)
    assert (asked.code, asked.err) == (0, "")


async def test_card_of_somebody_without_the_right_is_refused(desk: Desk, tmp_path: Path) -> None:
    card = json.loads((await desk.type("scorecard", "show", "smb", "--json")).out)
    file = tmp_path / "card.yaml"
    file.write_text(json.dumps(card | {"version": 2}))
    asked = await desk.type("scorecard", "activate", str(file), "--as", desk.csm)
    assert asked.code == 1
    assert asked.out.startswith("Refused: Only an admin may do this.")


async def test_wrong_card_is_not_even_sent(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text("name: mine\n")
    asked = await desk.type("scorecard", "activate", str(file), "--as", desk.csm)
    assert asked.code == 1
    assert "version: is missing: add it." in asked.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("override", "acme", "blue", "--reason", "r", "--days", "3"), "There is no band blue to say"),
        (("override", "acme", "unknown", "--reason", "r", "--days", "3"), "There is no band unknown to say"),
        (("override", "acme", "red", "--reason", "two\nlines", "--days", "3"), "reason cannot be sent: it must not"),
        (("override", "acme", "red", "--reason", "", "--days", "3"), "reason cannot be sent: it must not be empty."),
        (("override", "acme", "red", "--reason", "\udcff", "--days", "3"), "'\\udcff' is not valid UTF-8"),
        (("rescore", "x" * 201), "customer_id cannot be sent: it must have at most 200 characters."),
    ],
)
async def test_wrong_words_are_a_sentence(desk: Desk, words: tuple[str, ...], says: str) -> None:
    typed = await desk.type("health", *words, "--as", desk.csm)
    assert (typed.code, typed.out) == (2, "")
    assert typed.err.startswith(says)
