"""Reads a playbook's file into the domain's playbook, or says everything that is wrong with it."""

from services.action_plans.domain import playbook as domain
from services.action_plans.playbooks import form
from services.action_plans.playbooks.meaning import contradictions, wrong_texts
from shared.yaml_files.problems import WrongFile
from shared.yaml_files.reading import read as read_file


def load(text: str, name: str) -> domain.Playbook:
    """Read the text of the file `name`. Raises WrongFile."""
    read, found = read_file(text, name, form.FORM)
    wrong = [found.slip(path, what) for path, what in contradictions(read)]
    wrong += [found.slip(path, what, row) for path, what, row in wrong_texts(read)]
    if wrong:
        raise WrongFile(name, wrong)
    return _playbook(read)


def _playbook(read: form.Playbook) -> domain.Playbook:
    return domain.Playbook(
        name=read.name,
        version=read.version,
        title=read.title,
        applies=read.applies,
        purpose=read.purpose,
        reasons=tuple(domain.Clue(**dict(one)) for one in read.reasons),
        questions=tuple(read.questions),
        expectations=tuple(domain.SuggestedExpectation(**dict(one)) for one in read.expectations),
        commitments=tuple(domain.SuggestedCommitment(**dict(one)) for one in read.commitments),
        involve=tuple(domain.Player(**dict(one)) for one in read.involve),
        frame_days=read.frame_days,
        cadence=read.cadence,
        agenda=read.agenda,
        letter=read.letter,
        avoid=tuple(read.avoid),
    )
