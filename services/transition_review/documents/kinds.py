"""Each document of an ending in every kind that it can be drawn as."""

from services.transition_review.documents import agenda, notice, plan, preparation
from shared.documents.kinds import kinds_of

AGENDA = kinds_of(agenda.document_of)
PREPARATION = kinds_of(preparation.document_of)
PLAN = kinds_of(plan.document_of)
NOTICE = kinds_of(notice.document_of)
