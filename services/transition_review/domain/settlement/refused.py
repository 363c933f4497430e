"""How a settlement says no."""


class CannotSettle(ValueError):
    """What was given cannot be settled: one sentence that says which item, what is wrong and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
