"""`amicable why-not`: the answer with every condition; signed, so that a changed one is found without a network."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from amicable import migrate
from tests.cli.conftest import Shell
from tests.conftest import PASSWORDS
from tests.services.action_plans.steps import failed, opened
from tests.services.action_plans.workshop import SIGNER, Bench

Pool = Any
KEY = base64.b64encode(SIGNER.key.public_key().public_bytes_raw()).decode()


@pytest.fixture
def addresses(own_database: str, tmp_path: Path) -> str:
    """A file with the address of a database of one's own, for who may read it."""
    name = own_database.rpartition("/")[2]
    role = "amicable_reader"
    dsn = migrate.with_database(own_database, name, user=role, password=PASSWORDS[role])
    file = tmp_path / "addresses.json"
    file.write_text(json.dumps({"kafka": "127.0.0.1:1", "database": dsn, "operator": dsn, "services": {}}))
    return str(file)


async def test_relationship_that_may_not_be_ended_is_answered_with_what_is_missing(
    pool: Pool, shell: Shell, addresses: str
) -> None:
    await opened(Bench(pool))
    typed = shell.type("why-not", "acme", AMICABLE_ADDRESSES=addresses)
    assert typed.code == 1
    assert "this relationship may not be ended today." in typed.out
    assert "needed:" in typed.out
    assert "(candid_conversation)" in typed.out, "as an override names it"


async def test_answer_is_verified_offline_and_a_changed_one_is_found(
    pool: Pool, shell: Shell, addresses: str, tmp_path: Path
) -> None:
    bench = Bench(pool)
    await failed(bench)
    typed = shell.type("why-not", "acme", "--json", AMICABLE_ADDRESSES=addresses)
    answer = json.loads(typed.out)
    assert typed.code == (0 if answer["may_be_ended"] else 1)
    file = tmp_path / "answer.json"
    file.write_text(typed.out)
    assert shell.type("why-not", "--verify", str(file), "--key", KEY).out.startswith("Signed as it is: acme may")
    answer["conditions"][0]["met"] = not answer["conditions"][0]["met"]
    file.write_text(json.dumps(answer))
    changed = shell.type("why-not", "--verify", str(file), "--key", KEY)
    assert (changed.code, "the answer says something else than what was signed" in changed.err) == (1, True)
    other = base64.b64encode(bytes(range(32))).decode()
    assert "was not signed with this key" in shell.type("why-not", "--verify", str(file), "--key", other).err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Name a customer, or an answer with --verify FILE --key KEY."),
        (("acme", "--verify", "x", "--key", "y"), "Name a customer, or an answer with --verify FILE --key KEY."),
        (("--verify", "/dev/null", "--key", "y"), "/dev/null is no answer of `amicable why-not --json`."),
    ],
)
def test_mistake_is_a_sentence(shell: Shell, words: tuple[str, ...], says: str) -> None:
    typed = shell.type("why-not", *words)
    assert (typed.code, typed.out, typed.err) == (2, "", says)
