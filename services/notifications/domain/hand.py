"""Whether somebody has in hand what was asked for, or it is done."""

from dataclasses import dataclass
from typing import Literal

Stand = Literal["open", "passed_on", "own", "taken", "done"]


@dataclass(frozen=True)
class Hand:
    """How it stands with what is to be taken in hand, as one person sees it: open; passed_on: open, and told to the
    next in line; own: the person has it; taken: somebody else has; done: nobody need take it. holder: the name of
    whoever has it.
    """

    stand: Stand
    holder: str = ""
