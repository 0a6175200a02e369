"""Bringing quizzes in, and again: known by their source path, rewritten only where their source changed."""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import WriteCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import queries
from lms_core.learning.assessments.models import Quiz, QuizStatus
from lms_core.learning.assessments.schemas import ImportedQuiz
from lms_core.learning.assessments.service.authoring import write_questions
from lms_core.learning.release import service as release

CAME_LATER = frozenset({"key", "match_case", "hints", "penalty_percent"})


def import_quizzes(
    ctx: WriteCtx, course: str | UUID, *, quizzes: Sequence[ImportedQuiz], replace: bool = True
) -> list[UUID]:
    """Make the course's imported quizzes these, published unless hidden; returns their ids in order. For its editors.

    What an instructor changed here (rules, or questions whose source is unchanged) stays. `replace` removes imported
    quizzes that are not among them: deleted when nobody attempted them, hidden otherwise. Lessons come first, since
    each quiz is set beside its own.
    """
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    modules = courses.outline(ctx, card.id, drafts=True)
    lessons = {lesson.source_path: lesson.id for module in modules for lesson in module.lessons}
    rows = ctx.session.execute(select(Quiz).where(Quiz.course_id == card.id, Quiz.source_path.is_not(None))).scalars()
    known = {row.source_path: row for row in rows}
    stored = []
    for quiz in quizzes:
        lesson_id = lessons.get(quiz.lesson_source_path) if quiz.lesson_source_path else None
        row = known.pop(quiz.source_path, None) or _new(ctx, card.id, quiz)
        row.title, row.language, row.lesson_id = quiz.title, quiz.language, lesson_id
        digest = _digest(quiz)
        if row.source_hash != digest:
            row.revision += 1 if row.source_hash else 0
            row.source_hash = digest
            write_questions(ctx, row, quiz.questions)
        stored.append(row.id)
    if replace:
        for gone in known.values():
            _remove(ctx, gone)
    ctx.session.flush()
    return stored


def _new(ctx: WriteCtx, course_id: UUID, quiz: ImportedQuiz) -> Quiz:
    return ctx.add(
        Quiz(
            course_id=course_id,
            title=quiz.title,
            language=quiz.language,
            status=QuizStatus.DRAFT if quiz.hidden else QuizStatus.PUBLISHED,
            source_path=quiz.source_path,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )


def _remove(ctx: WriteCtx, quiz: Quiz) -> None:
    if queries.attempts_count(ctx, quiz.id):
        quiz.status, quiz.updated_at = QuizStatus.DRAFT, ctx.now
    else:
        ctx.session.execute(delete(Quiz).where(Quiz.id == quiz.id))
        release.forget(ctx, course_id=quiz.course_id, object_id=quiz.id)


def _digest(quiz: ImportedQuiz) -> str:
    # Fields that came later are left out while they say nothing, so that what was imported before is known again.
    written = [
        {name: value for name, value in question.model_dump(mode="json").items() if value or name not in CAME_LATER}
        for question in quiz.questions
    ]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
