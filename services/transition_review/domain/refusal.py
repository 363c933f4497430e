"""How a rule says no."""


class NotPossible(Exception):
    """The transition does not allow this now: why, and everything that would have to be true for it to be allowed."""

    def __init__(self, code: str, why: str, *unmet: str) -> None:
        """`code` is for programs, `why` one sentence for people, `unmet` one line for each condition."""
        super().__init__(why)
        self.code = code
        self.why = why
        self.unmet = unmet
