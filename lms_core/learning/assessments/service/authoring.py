"""Making a quiz: its rules, its questions, and whether learners see it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import keys, queries, views
from lms_core.learning.assessments.errors import NothingToTake, QuizChanged, QuizHasAttempts
from lms_core.learning.assessments.events import QuizPublished
from lms_core.learning.assessments.models import Choice, Question, Quiz, QuizStatus
from lms_core.learning.assessments.schemas import (
    CHOICE_TYPES,
    QuestionIn,
    QuestionsIn,
    QuizCard,
    QuizDetail,
    QuizIn,
    QuizRules,
    QuizSource,
)
from lms_core.learning.assessments.service import conduct, pictures, sections
from lms_core.learning.assessments.service.access import editable, staffed
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.release.schemas import Marked


def create(ctx: WriteCtx, course: str | UUID, *, quiz: QuizIn) -> QuizDetail:
    """A new quiz of a course, a draft, for the course's editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    _check_lesson(ctx, card, quiz.lesson_id)
    pictures.check(ctx, card.id, quiz.questions)
    fields = quiz.model_dump(exclude={"questions", "language", "conduct"})
    row = ctx.add(
        Quiz(
            course_id=card.id,
            language=quiz.language or card.language,
            created_at=ctx.now,
            updated_at=ctx.now,
            **fields,
        )
    )
    conduct.write(ctx, row, quiz.conduct)
    write_questions(ctx, row, quiz.questions)
    return views.detail(row, card, attempts=0)


def change_rules(ctx: WriteCtx, quiz_id: UUID, *, rules: QuizRules) -> QuizDetail:
    """Replace the rules of a quiz. An open attempt keeps its deadline and its order of questions."""
    row, card = editable(ctx, quiz_id)
    conduct.check_closing(views.conduct_of(row), rules.closes_at, field="closes_at")
    _check_lesson(ctx, card, rules.lesson_id)
    if (rules.shuffle_questions, rules.shuffle_choices) != (row.shuffle_questions, row.shuffle_choices):
        row.revision += 1  # a paper says whether it is shuffled
    for name, value in rules.model_dump(exclude={"language"}).items():
        setattr(row, name, value)
    row.language = rules.language or row.language
    row.updated_at = ctx.now
    ctx.session.flush()
    return views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))


def set_questions(ctx: WriteCtx, quiz_id: UUID, *, given: QuestionsIn) -> QuizSource:
    """Replace the questions, as a new revision: attempts that began keep theirs. QuizChanged, NothingToTake.

    A published quiz keeps at least one question.
    """
    row, card = editable(ctx, quiz_id)
    if given.base_revision != row.revision:
        raise QuizChanged(row.revision)
    pictures.check(ctx, card.id, given.questions)
    row.revision += 1
    write_questions(ctx, row, given.questions)
    if row.question_count == 0 and row.status == QuizStatus.PUBLISHED:
        raise NothingToTake()
    return _source(ctx, row, card)


def publish(ctx: WriteCtx, quiz_id: UUID) -> QuizDetail:
    """Let learners see and take the quiz. NothingToTake when it has no question."""
    row, card = editable(ctx, quiz_id)
    if row.question_count == 0:
        raise NothingToTake()
    if row.status != QuizStatus.PUBLISHED:
        row.status, row.updated_at = QuizStatus.PUBLISHED, ctx.now
        ctx.emit(QuizPublished(quiz_id=row.id, course_id=row.course_id))
    ctx.session.flush()
    return views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))


def unpublish(ctx: WriteCtx, quiz_id: UUID) -> QuizDetail:
    """Hide the quiz: nobody starts it any more. Open attempts go on, results are kept."""
    row, card = editable(ctx, quiz_id)
    row.status, row.updated_at = QuizStatus.DRAFT, ctx.now
    ctx.session.flush()
    return views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))


def delete_quiz(ctx: WriteCtx, quiz_id: UUID) -> None:
    """Delete a quiz nobody attempted; QuizHasAttempts otherwise."""
    row, _ = editable(ctx, quiz_id)
    if queries.attempts_count(ctx, row.id):
        raise QuizHasAttempts()
    ctx.session.execute(delete(Quiz).where(Quiz.id == row.id))
    release.forget(ctx, course_id=row.course_id, object_id=row.id)


def set_supervised(ctx: WriteCtx, quiz_id: UUID, *, supervised: bool) -> QuizDetail:
    """Whether attempts that start from now on wait for `begin`. Attempts at hand stay what they were."""
    row, card = editable(ctx, quiz_id)
    row.supervised, row.updated_at = supervised, ctx.now
    ctx.session.flush()
    return views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))


def read_source(ctx: ReadCtx, quiz_id: UUID) -> QuizSource:
    """A quiz with its questions and keys, for its editors. Six statements, five for them."""
    row, card = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    return _source(ctx, row, card)


def quizzes_of(ctx: ReadCtx, course_id: UUID, *, drafts: bool = False) -> list[QuizCard]:
    """The quizzes of a course, oldest first; `drafts` for editors only. The caller has accessed the course.

    One statement.
    """
    return [views.card(row) for row in queries.cards_in(ctx, course_id, drafts=drafts)]


def marked_in(ctx: ReadCtx, course_id: UUID) -> dict[UUID, Marked]:
    """The quizzes of a course as rules of release name them, drafts too. The caller edits it. One statement."""
    return {
        quiz.id: Marked(
            kind="quiz", title=quiz.title, lesson_id=quiz.lesson_id, published=quiz.status == QuizStatus.PUBLISHED
        )
        for quiz in quizzes_of(ctx, course_id, drafts=True)
    }


def quizzes_in(ctx: ReadCtx, course: str | UUID) -> list[QuizCard]:
    """The quizzes of a course for who reads it, drafts for its editors. CourseNotFound. Three statements."""
    card = enrolments.access_reading(ctx, course)
    return quizzes_of(ctx, card.id, drafts=courses.may_edit(ctx, card.id))


def quiz_beside(ctx: ReadCtx, lesson_id: UUID) -> QuizCard | None:
    """The published quiz that stands beside a lesson the caller has accessed. One statement."""
    row = queries.card_beside(ctx, lesson_id)
    return None if row is None else views.card(row)


def write_questions(ctx: WriteCtx, quiz: Quiz, questions: Sequence[QuestionIn]) -> None:
    """Make the quiz's present questions these. Ids are kept where they are the quiz's own, so that results line up."""
    rows = ctx.session.execute(select(Question.id, Question.key).where(Question.quiz_id == quiz.id)).all()
    known = {row.id for row in rows}
    known_parts = frozenset(each for row in rows for each in keys.part_ids(row.key))
    known_choices = set(ctx.session.execute(select(Choice.id).where(Choice.question_id.in_(known))).scalars())
    ctx.session.execute(delete(Question).where(Question.quiz_id == quiz.id))
    ids = [keys.kept_id(given.id, known) for given in questions]
    ctx.session.add_all(
        _question(quiz.id, question_id, place, given, known_parts=known_parts)
        for place, (question_id, given) in enumerate(zip(ids, questions, strict=True))
    )
    ctx.session.flush()  # before the choices, which refer to them
    for question_id, given in zip(ids, questions, strict=True):
        for place, choice in enumerate(given.choices if given.type in CHOICE_TYPES else ()):
            fields = choice.model_dump(exclude={"id"})
            row = Choice(id=keys.kept_id(choice.id, known_choices), question_id=question_id, position=place, **fields)
            ctx.session.add(row)
    quiz.updated_at = ctx.now
    ctx.session.flush()
    sections.own_questions_changed(ctx, quiz)


def _question(
    quiz_id: UUID, question_id: UUID, position: int, given: QuestionIn, *, known_parts: frozenset[str]
) -> Question:
    return Question(
        id=question_id,
        quiz_id=quiz_id,
        position=position,
        type=given.type,
        text=given.text,
        points=given.points,
        partial_credit=given.partial_credit,
        feedback=given.feedback,
        key=keys.stored(given, known_parts),
        hints=[hint.model_dump() for hint in given.hints],
        penalty_percent=given.penalty_percent,
    )


def _check_lesson(ctx: ReadCtx, card: CourseCard, lesson_id: UUID | None) -> None:
    if lesson_id is None:
        return
    modules = courses.outline(ctx, card.id, drafts=True)
    if not any(lesson.id == lesson_id for module in modules for lesson in module.lessons):
        raise Invalid(
            "The lesson is not one of this course.",
            fields=[{"field": "lesson_id", "message": "Choose a lesson of this course, or none."}],
        )


def _source(ctx: ReadCtx, row: Quiz, card: CourseCard) -> QuizSource:
    detail = views.detail(row, card, attempts=queries.attempts_count(ctx, row.id))
    return QuizSource(**detail.model_dump(), question_list=queries.questions(ctx, row.id))
