"""What question drafts hold about a person: who decided, and who looked for them; the drafts stay with the course."""

from lms_core.kit.personal import Act, declare
from rag.drafts.models import Drafting, QuestionDraft

declare(
    "question_drafts",
    Act(QuestionDraft.decided_by, only=("id", "course_id", "question", "status", "decided_at")),
    Act(Drafting.asked_by, why="that somebody pressed a button; the search is replaced by the next one"),
)
