"""Exit codes, and what a person is told when something is wrong: one sentence, never a traceback."""

from amicable.runtime.errors import RuntimeProblem

OK = 0
REFUSED = 1  # it ran, and something in it was bad, rejected or other than expected
USAGE = 2  # the words on the command line are wrong
UNREACHABLE = RuntimeProblem.code  # 3: something it needs does not run, answer or exist, or cannot be used
INTERRUPTED = 130


class Problem(RuntimeProblem):
    """A sentence for people, with the exit code that goes with it."""

    def __init__(self, sentence: str, code: int = UNREACHABLE) -> None:
        """`sentence`: what is wrong, where, and what to do."""
        super().__init__(sentence)
        self.code = code


def no_answer(what: str, where: str, error: Exception) -> Problem:
    """Return the sentence about something that should run at `where`."""
    return Problem(f"{what} does not answer at {where} ({type(error).__name__}): is it running?")


def sound(text: str | None) -> str | None:
    """Refuse what a terminal handed over in another encoding: neither Postgres nor Kafka could be asked for it."""
    if text is not None and not text.isascii() and text != text.encode(errors="replace").decode():
        raise Problem(f"{text!a} is not valid UTF-8: type it again, or set the terminal to UTF-8.", USAGE)
    return text
