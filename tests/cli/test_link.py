"""`amicable link` beside a running `amicable dev`, which publishes the page."""

import json

import httpx
import pytest

from tests.cli.conftest import Shell


def test_dev_publishes_the_page_on_a_port_of_its_own(dev: Shell) -> None:
    addresses = json.loads((dev.home / "run.json").read_text())["addresses"]
    answer = httpx.get(f"{addresses['page']}/p/nothing", trust_env=False)
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert addresses["page"] != addresses["action_plans"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["acme"], 2, "Say whose link it is"),
        (["acme", "--contact", "carla", "--revoke", "x"], 2, "Say whose link it is"),
        (["nobody", "--contact", "carla"], 1, "nobody has no open case"),
        (["nobody", "--revoke", "x"], 1, "nobody has no open case"),
        (["acme", "--contact", "carla", "--days", "400"], 2, "days"),
    ],
)
def test_what_cannot_be_linked_is_said_in_a_sentence(dev: Shell, words: list[str], code: int, says: str) -> None:
    typed = dev.type("link", *words, "--as", "ana")
    assert typed.code == code, typed
    assert says in typed.out + typed.err
