"""`amicable audit`: mistakes are sentences; the public key is that of this home."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("verify",), 2, "Say whose record: a customer's id, or --all."),
        (("verify", "acme", "--all"), 2, "Say whose record: a customer's id, or --all."),
        (("verify", "acme"), 1, "There is no case of a customer acme: `amicable case list`."),
    ],
)
def test_mistake_is_a_sentence(dev: Shell, words: tuple[str, ...], code: int, says: str) -> None:
    typed = dev.type("audit", *words)
    assert (typed.code, typed.out, typed.err) == (code, "", says)


def test_nothing_is_kept_yet(dev: Shell) -> None:
    assert json.loads(dev.type("audit", "verify", "--all", "--json").out) == {"cases": 0, "rows": 0, "findings": []}


def test_public_key_is_that_of_the_seed(dev: Shell, shell: Shell) -> None:
    here = json.loads(dev.type("audit", "key", "--json").out)
    seed = bytes(range(32))
    public = base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()
    named = {"ACTION_PLANS_SIGNING_SEED": base64.b64encode(seed).decode(), "ACTION_PLANS_SIGNING_KEY_ID": "of-2026"}
    assert shell.type("audit", "key", **named).out.split() == ["of-2026", public]
    assert len(base64.b64decode(here["public_key"])) == 32
    assert here["public_key"] != public
    assert here["jwk"]["kid"] == here["key_id"] == "action_plans"
    secrets = json.loads((dev.home / "secrets.json").read_text())
    assert secrets["signing_seed"] not in str(here)


@pytest.mark.parametrize("seed", ["", "short", "!" * 44])
def test_seed_that_is_none_is_a_sentence_without_it(shell: Shell, seed: str) -> None:
    typed = shell.type("audit", "key", ACTION_PLANS_SIGNING_SEED=seed)
    assert (typed.code, typed.err) == (2, "ACTION_PLANS_SIGNING_SEED must be 32 bytes in base64.")
