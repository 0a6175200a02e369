"""Questions added to the end of a quiz, one by one, as an instructor approves them elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.assessments import queries, views
from lms_core.learning.assessments.schemas import MAXIMUM_QUESTIONS, QuestionIn, QuizDetail
from lms_core.learning.assessments.service import pictures
from lms_core.learning.assessments.service.access import editable
from lms_core.learning.assessments.service.authoring import write_questions


def add_questions(ctx: WriteCtx, quiz_id: UUID, *, questions: Sequence[QuestionIn]) -> QuizDetail:
    """Put questions at the end of a quiz, as a new revision, for its editors; those that are there stay as they are.

    Invalid when the quiz would have too many.
    """
    row, card = editable(ctx, quiz_id)
    present = [QuestionIn.model_validate(each.model_dump(mode="json")) for each in queries.questions(ctx, row.id)]
    if len(present) + len(questions) > MAXIMUM_QUESTIONS:
        raise Invalid(f"A quiz has at most {MAXIMUM_QUESTIONS} questions. Choose another one.")
    pictures.check(ctx, card.id, questions)
    row.revision += 1
    write_questions(ctx, row, [*present, *questions])
    return views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))
