"""`amicable health`: every mistake is a sentence, and what there is to read is read without writing."""

import json

import pytest

from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("list", "--band", "blue"), 2, "There is no band blue: choose one of green, yellow, red, unknown."),
        (("list", "--sort", "luck"), 2, "Customers cannot be sorted by luck: choose one of score, trend, since, name."),
        (("show", "acme", "--at", "yesterday"), 2, "yesterday must be a date and time with an offset"),
        (("show", "acme", "--at", "2999-01-01T00:00:00Z"), 2, "2999-01-01T00:00:00Z is still to come: it is 20"),
        (("show", "\udcff"), 2, "'\\udcff' is not valid UTF-8"),
        (("show", "acme", "--at", "0001-01-01T00:00:00Z"), 1, "There is no customer acme."),
        (("show", "acme"), 1, "There is no customer acme. No customer was ever announced (customers.v1)."),
    ],
)
def test_mistake_is_a_sentence(dev: Shell, words: tuple[str, ...], code: int, says: str) -> None:
    typed = dev.type("health", *words)
    assert (typed.code, typed.out) == (code, "")
    assert typed.err.startswith(says)


def test_list_of_nobody_says_so(dev: Shell) -> None:
    assert "No customer fits." in dev.type("health", "list").out
    assert json.loads(dev.type("health", "list", "--json").out) == {"total": 0, "customers": []}


def test_where_nothing_runs_it_says_how_to_start(shell: Shell) -> None:
    typed = shell.type("health", "list")
    assert typed.code != 0
    assert typed.err.startswith("Nothing runs from ")


@pytest.mark.parametrize("order", ["score", "trend", "since", "name"])
def test_every_order_is_answered(dev: Shell, order: str) -> None:
    typed = dev.type("health", "list", "--sort", order)
    assert (typed.code, typed.err) == (0, "")
