"""A case as it is told, for tests of those who hear of it."""

from typing import Any

from tests.contracts.examples import MINIMAL

_SMALLEST = next(one.content["case"] for one in MINIMAL if one.kind.__name__ == "CaseOpened")


def told_case(**changes: Any) -> dict[str, Any]:
    """Return the smallest golden case, but for what is given."""
    return {**_SMALLEST, **changes}
