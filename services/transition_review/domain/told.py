"""Who on the customer's side knows of an ending, and how: whom a withdrawal has to reach."""

from datetime import datetime

from services.transition_review.domain.transition import Transition


def in_writing(transition: Transition) -> tuple[str, ...]:
    """Return the contacts who got the notice, or a link to the plan."""
    return transition.announced.written_to if transition.announced else ()


def by_word(transition: Transition) -> tuple[str, ...]:
    """Return the contacts who heard it in the talk, and have nothing in writing."""
    talk = transition.talk
    if talk is None or talk.held_at is None:
        return ()
    return tuple(one for one in dict.fromkeys(talk.contacts) if one not in in_writing(transition))


def perhaps(transition: Transition, now: datetime) -> tuple[str, ...]:
    """Return the contacts of a talk whose time has come, and of which nobody has said whether it was held."""
    talk = transition.talk
    if talk is None or talk.held_at is not None or talk.planned_for > now:
        return ()
    return tuple(dict.fromkeys(talk.contacts))
