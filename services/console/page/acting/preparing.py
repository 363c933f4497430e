"""The form of what our people have at hand in the talk: questions and answers, who does what, words to avoid."""

from collections.abc import Sequence

from services.console.page.acting import rows
from services.console.page.acting.conversations import ONCE
from services.console.page.acting.endings import ending_of, prepared
from services.console.page.acting.field import Field
from services.console.page.acting.form import About, Form, Given
from shared.contracts.endings import commands
from shared.contracts.endings.transition import AnsweredQuestion, PreparationRef, TalkRole

EMPTY_ROW = "Leave it empty where there is none."


def _to_prepare(about: About) -> tuple[str, ...]:
    """Return that it is there while a talk is to be held of which the sheet was told: sent empty, it would empty it."""
    one = ending_of(about)
    is_ahead = one.state == "approved" and one.talk is not None and one.talk.held_at is None
    return ONCE if is_ahead and one.talk is not None and one.talk.preparation is not None else ()


def _known(about: About) -> PreparationRef:
    talk = ending_of(about).talk
    return (talk.preparation if talk else None) or PreparationRef()


def _questions(about: About) -> list[Field]:
    def row(one: AnsweredQuestion | None) -> Sequence[Field]:
        return (
            Field("question", "What they may ask", "text", value=(one.question,) if one else (),
                  hint="" if one else EMPTY_ROW),
            Field("answer", "What we answer", "text", value=(one.answer,) if one else ()),
        )  # fmt: skip

    return rows.laid("Question", _known(about).questions, 2, row)


def _roles(about: About) -> list[Field]:
    def row(one: TalkRole | None) -> Sequence[Field]:
        return (
            Field("person", "Who of ours", "choice", options=about.colleagues(), value=(one.person,) if one else ()),
            Field("does", "Does what", value=(one.does,) if one else ()),
        )

    return rows.laid("Role", _known(about).roles, 1, row)


def _sheet(about: About, _: str) -> Sequence[Field]:
    words = _known(about).words_to_avoid
    return (
        *_questions(about),
        *_roles(about),
        Field("words_to_avoid", "What we do not say", "text", required=False, value=("\n".join(words),),
              hint="One a line.", heading="Words to avoid"),
    )  # fmt: skip


def _made(given: Given, about: About, _: str) -> Given:
    lines = (given["words_to_avoid"] or "").splitlines()
    return {
        "preparation": {
            "questions": [one.given for one in rows.typed(given, _questions(about), "question")],
            "roles": [one.given for one in rows.typed(given, _roles(about), "person")],
            "words_to_avoid": [line.strip() for line in lines if line.strip()],
        }
    }


FORMS = (
    Form(
        "prepare_sheet", commands.PrepareTalk, "Edit what you have at hand in the talk", "Save the sheet", _sheet,
        _to_prepare, make=_made, edits=True, apart=prepared, note="The customer never sees it.",
    ),
)  # fmt: skip
