"""Who of ours has a part in an ending by name: they read it whole, before it is announced and after."""

from datetime import datetime

from services.transition_review.domain.transition import Transition


def involved(transition: Transition, now: datetime) -> frozenset[str]:
    """Return who wrote, proposed, approved or overrode something, speaks, tells, or stands in for a team now.

    And who said the last word of a team: whoever was there before them, and has left the team, has none any more.
    """
    people = {transition.proposed_by, *transition.authors}
    people |= {one.by for one in transition.overrides} | {*{one.team: one.by for one in transition.opinions}.values()}
    people |= {one.person for one in transition.stand_ins if now < one.until}
    if transition.csm is not None:
        people.add(transition.csm)
    if transition.approval is not None:
        people.add(transition.approval.by)
    if transition.talk is not None:
        people |= set(transition.talk.speakers)
    if transition.parts.support is not None:
        people.add(transition.parts.support.contact)
    if transition.parts.communication is not None:
        people |= {message.by for message in transition.parts.communication.messages}
    return frozenset(people)
