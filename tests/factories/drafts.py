"""Question drafts for tests, as a search in the lessons leaves them."""

from lms_core.kit.context import Database, system_actor
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from rag.drafts.models import Check, DraftKind, QuestionDraft
from tests.factories.courses import Made
from tests.factories.people import Person


def create_drafts(
    database: Database, instructor: Person, course: Made, quote: str, *, number: int, verdict: Check = Check.PASSED
) -> QuestionIn:
    """So many drafts that wait beside the first lesson, all with this source; what each of them asks."""
    question = QuestionIn(type=QuestionType.NUMERIC, text="Water boils at how many degrees?", value=100.0)
    with database.write(system_actor(instructor.tenant_id)) as ctx:
        for place in range(number):
            ctx.add(
                QuestionDraft(
                    course_id=course.id,
                    lesson_id=course.lessons[0],
                    version=1,
                    chunk_id=course.lessons[0],
                    span_start=0,
                    span_end=len(quote),
                    quote=quote,
                    language="en",
                    kind=DraftKind.NUMBER,
                    question=question.model_dump(mode="json"),
                    fingerprint=f"{verdict}{place}",
                    verdict=verdict,
                    made_by="templates",
                    created_at=ctx.now,
                )
            )
    return question
