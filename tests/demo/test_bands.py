"""The way through the bands, as the demo tells it."""

from amicable.demo.consequences import consequences
from tests.demo import facts


def test_first_band_that_is_known_is_no_change() -> None:
    first = facts.band_changed("acme", "unknown", "green", number=1)
    assert consequences([first]) == {}
    told = consequences([first, facts.band_changed("acme", "green", "red")])
    assert told["acme"].line.plain == "green → red 46.31"


def test_band_that_is_known_again_is_a_change() -> None:
    again = facts.band_changed("acme", "unknown", "yellow", number=3)
    assert consequences([again])["acme"].line.plain == "unknown → yellow 46.31"
