"""What imports of questions hold about a person."""

from ingestion.exchange.models import QuestionImport
from lms_core.kit.personal import Act, declare

declare(
    "question_imports", Act(QuestionImport.owner_id, only=("id", "name", "format", "status", "questions", "created_at"))
)
