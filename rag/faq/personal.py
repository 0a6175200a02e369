"""What approved answers hold about a person: they stay with the course, without a name."""

from lms_core.kit.personal import Act, declare
from rag.faq.models import FaqEntry

declare("faq", Act(FaqEntry.author_id, only=("id", "course_id", "question", "answer", "language", "created_at")))
