"""What the page offers to take away. One line here is all that a document needs to be linked and served."""

from collections.abc import Callable
from dataclasses import dataclass

from services.transition_review.documents.kinds import NOTICE, PLAN
from services.transition_review.domain.customer_plan import CustomerPlan


@dataclass(frozen=True)
class Download:
    """A document made of the plan. name: of the file, and the end of its address; label: of the link."""

    name: str
    label: str
    media_type: str
    render: Callable[[CustomerPlan], bytes]


DOWNLOADS = (
    *(
        Download(f"plan.{ending}", PLAN[ending].label, PLAN[ending].media_type, PLAN[ending].render)
        for ending in ("pdf", "docx", "md")
    ),
    Download("notice.pdf", "the written notice (PDF)", NOTICE["pdf"].media_type, NOTICE["pdf"].render),
)
