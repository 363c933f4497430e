"""How a rule says no."""


class NotPossible(Exception):
    """The case does not allow this now: why, and everything that would have to be true for it to be allowed."""

    def __init__(self, code: str, why: str, *unmet: str) -> None:
        """`code` is for programs, `why` one sentence for people, `unmet` one line for each condition."""
        super().__init__(why)
        self.code = code
        self.why = why
        self.unmet = unmet


def unknown(what: str, id_: str) -> NotPossible:
    """Return the refusal of something that the case does not hold."""
    return NotPossible("unknown", f"The case has no {what} {id_}.", f"the {what} is one of this case")
