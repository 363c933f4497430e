"""What became of a command: published on `<service>.answers.v1`, kept 7 days."""

from typing import Literal

from shared.contracts.event import Answer, Problem
from shared.contracts.fields import Id, Number


class CommandAccepted(Answer):
    """The command was carried out; `subject_id` and `revision` are what it made or changed."""

    type: Literal["CommandAccepted"] = "CommandAccepted"
    subject_id: Id
    revision: Number


class CommandRejected(Answer):
    """The command was refused, and nothing was changed."""

    type: Literal["CommandRejected"] = "CommandRejected"
    problem: Problem
