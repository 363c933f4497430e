"""The templates of playbooks: plain text with some names to fill in, and nothing else of what Jinja can do.

The result is plain text: a page or a mail in HTML that shows it has to escape it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.action_plans.domain.playbook import Playbook
from shared.yaml_files.problems import clipped

DEEPEST = 3  # conditions inside each other
TOO_MUCH = "does more than name something: write {{ name }}, or {% if name %} … {% endif %}"
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.globals.clear()  # range and the like: there is nothing to call
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True)
class Names:
    """What agenda and letter can name. Whoever has a default may be unknown, and is then left out."""

    customer_name: str
    contact_name: str
    csm_name: str
    company: str
    executive_name: str = ""
    sponsor_name: str = ""


@dataclass(frozen=True)
class Comparison:
    """What a norm can name: what is usual, and how it is here. What is not given is for people to fill in."""

    usual: str = "[what is usual]"
    yours: str = "[how it is with you]"


@dataclass(frozen=True)
class Known:
    """The names that a template may use; those of `perhaps` only where a condition has asked for them."""

    always: tuple[str, ...]
    perhaps: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """All of them, for a sentence."""
        return ", ".join((*self.always, *self.perhaps))


OF_LETTERS = Known(
    tuple(field.name for field in fields(Names) if field.default is MISSING),
    tuple(field.name for field in fields(Names) if field.default is not MISSING),
)
OF_NORMS = Known(tuple(field.name for field in fields(Comparison)))


def agenda(playbook: Playbook, names: Names) -> str:
    """Return the agenda of the candid conversation, as text."""
    return render(playbook.agenda, asdict(names))


def letter(playbook: Playbook, names: Names) -> str:
    """Return the letter, as text."""
    return render(playbook.letter, asdict(names))


def norm(template: str, comparison: Comparison = Comparison()) -> str:
    """Return the sentence that compares with what is usual."""
    return render(template, asdict(comparison))


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in a template; several empty lines become one. Raises jinja2.TemplateError for what it may not do."""
    text = _environment.from_string(template).render(values)
    return _EMPTY_LINES.sub("\n\n", text).strip()


def slips(template: str, known: Known) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with a template, and in which of its rows, from 1; 0 where that is not known."""
    try:
        parsed = _environment.parse(template)
    except TemplateSyntaxError as error:
        yield error.lineno, f"is no template: {clipped((error.message or '').rstrip('.'), 150)}: mend it"
    except RecursionError:
        yield 0, "is no template that can be read: mend what stands between {{ and }}, or {% and %}"
    else:
        yield from _judge(parsed.body, known, frozenset())


def _judge(
    parts: Sequence[nodes.Node], known: Known, asked: frozenset[str], depth: int = 0
) -> Iterator[tuple[int, str]]:
    for part in parts:
        match part:
            case nodes.TemplateData():
                pass
            case nodes.Output():
                yield from _judge(part.nodes, known, asked, depth)
            case nodes.Name():
                yield from _named(part, known, asked)
            case nodes.If() if depth == DEEPEST:
                yield part.lineno, f"has conditions more than {DEEPEST} deep: take some out"
            case nodes.If(test=nodes.Name() as test):
                yield from _named(test, known, frozenset({test.name}))
                yield from _judge(part.body, known, asked | {test.name}, depth + 1)
                yield from _judge(part.elif_, known, asked, depth)
                yield from _judge(part.else_, known, asked, depth + 1)
            case _:
                yield part.lineno, f"{TOO_MUCH}, with one of {known.listed}"


def _named(part: nodes.Name, known: Known, asked: frozenset[str]) -> Iterator[tuple[int, str]]:
    name = part.name
    if name not in known.always and name not in known.perhaps:
        yield part.lineno, f"names {clipped(name)}, and those known are {known.listed}"
    elif name in known.perhaps and name not in asked:
        yield part.lineno, f"names {name}, which may be unknown: put it between {{% if {name} %}} and {{% endif %}}"
