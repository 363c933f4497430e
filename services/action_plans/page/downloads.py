"""What the page offers to take away. One line here is all that a document needs to be linked and served."""

from collections.abc import Callable
from dataclasses import dataclass

from services.action_plans.documents.kinds import KINDS
from services.action_plans.domain.shared_plan import SharedPlan


@dataclass(frozen=True)
class Download:
    """A document made of the shared plan. name: of the file, and the end of its address; label: of the link."""

    name: str
    label: str
    media_type: str
    render: Callable[[SharedPlan], bytes]


DOWNLOADS = tuple(Download(f"plan.{kind.ending}", kind.label, kind.media_type, kind.render) for kind in KINDS.values())
