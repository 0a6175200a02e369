"""Questions that a regrade took out of the total: new attempts are not asked them until their authors change them.

A regrade writes down what such a question was: for one of the quiz's own a digest of what its author wrote (its points
aside), for one of a bank the version. What is another question by now is asked again.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import queries
from lms_core.learning.assessments.correcting import How
from lms_core.learning.assessments.models import Quiz, Regrade, RegradeScope
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import QuestionDetail

Dropped = Mapping[UUID, str]  # question -> what it was


def dropped(ctx: ReadCtx, quiz_id: UUID) -> Dropped:
    """What regrades of more than one attempt left out, but for what a later one took back. One statement."""
    regrades = select(Regrade.corrections).where(Regrade.quiz_id == quiz_id, Regrade.scope != RegradeScope.ONE)
    found: dict[UUID, str] = {}
    for corrections in ctx.session.execute(regrades.order_by(Regrade.id)).scalars():
        for question_id, told in corrections.items():
            found.pop(UUID(question_id), None)
            if told["how"] == How.EXCLUDED and told.get("was"):
                found[UUID(question_id)] = told["was"]
    return found


def own_asked(ctx: ReadCtx, quiz: Quiz) -> list[QuestionDetail]:
    """The quiz's own questions that new attempts are asked, in order. Three statements."""
    without = dropped(ctx, quiz.id)
    return [each for each in queries.questions(ctx, quiz.id) if not is_dropped(without, each)]


def is_dropped(without: Dropped, question: QuestionDetail) -> bool:
    """Whether a question of the quiz's own is left out, and still what it was."""
    return question.id in without and without[question.id] == _digest(question)


def as_they_are(ctx: ReadCtx, quiz: Quiz, present: Mapping[UUID, PaperQuestion]) -> dict[UUID, str]:
    """What each question of the present quiz is now, as `dropped` tells it. Two statements."""
    own = {question.id: _digest(question) for question in queries.questions(ctx, quiz.id)}
    return {each: own.get(each) or str(question.version) for each, question in present.items()}


def _digest(question: QuestionDetail) -> str:
    return hashlib.sha256(question.model_dump_json(exclude={"points"}, exclude_defaults=True).encode()).hexdigest()
