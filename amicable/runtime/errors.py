"""What goes wrong in a way that a person can do something about."""


class RuntimeProblem(Exception):
    """Says in a sentence what is wrong and what to do; shown as it is, without a traceback.

    Attributes:
        code: the exit code that goes with it; 3 is for what does not run or cannot be used.
    """

    code = 3
