"""Fetching a quiz or an attempt for somebody: seen or refused in one place."""

from uuid import UUID

from sqlalchemy import bindparam, select

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import queries, views
from lms_core.learning.assessments.errors import AttemptNotFound, NotYours, QuizNotFound
from lms_core.learning.assessments.models import Attempt, Quiz, QuizStatus
from lms_core.learning.assessments.schemas import AttemptView, QuizCard, QuizDetail
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release

EDITORS_ONLY = "Only instructors of this course edit its quizzes. Ask one of them."
_LOCKED = prepared(select(Attempt).where(Attempt.id == bindparam("attempt_id")).with_for_update(key_share=True))
GRADERS_ONLY = "Only instructors of this course see and mark the attempts of others. Ask one of them."


def access_quiz(ctx: ReadCtx, quiz_id: UUID) -> QuizCard:
    """A quiz for who may take it (published, and they read the course) or edits it. QuizNotFound, LessonLocked.

    Three statements; two more where the course has rules.
    """
    return views.card(readable(ctx, quiz_id)[0])


def access_quiz_for_editing(ctx: ReadCtx, quiz_id: UUID) -> QuizDetail:
    """A quiz for its editors. QuizNotFound for who may not see it, Forbidden for who may only take it."""
    quiz, course = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    return views.detail(quiz, course, attempts=queries.attempts_count(ctx, quiz.id))


def access_quiz_for_grading(ctx: ReadCtx, quiz_id: UUID) -> QuizCard:
    """A quiz for those who mark its attempts; refused as in `access_quiz_for_editing`."""
    return views.card(staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)[0])


def access_attempt(ctx: ReadCtx, attempt_id: UUID) -> AttemptView:
    """One's own attempt, or anybody's for who marks in its course; AttemptNotFound for others. One statement."""
    row = queries.attempt_row(ctx, attempt_id)
    if row is None:
        raise AttemptNotFound()
    grader = _reads(ctx, row.Attempt)
    return views.attempt(row, now=ctx.now, everything=grader)


def readable(ctx: ReadCtx, quiz_id: UUID) -> tuple[Quiz, CourseCard]:
    """The row of a quiz the actor may see, and its course; QuizNotFound. LessonLocked beside a lesson that is."""
    quiz = ctx.session.execute(select(Quiz).where(Quiz.id == quiz_id)).scalar_one_or_none()
    if quiz is None:
        raise QuizNotFound()
    try:
        course = enrolments.access_reading(ctx, quiz.course_id)
    except CourseNotFound as error:
        raise QuizNotFound() from error
    if quiz.status != QuizStatus.PUBLISHED and not ctx.actor.may(Permission.COURSE_EDIT, course_id=quiz.course_id):
        raise QuizNotFound()
    if not ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=quiz.course_id):
        release.access_beside(ctx, course, lesson_id=quiz.lesson_id)
    return quiz, course


def staffed(ctx: ReadCtx, quiz_id: UUID, permission: Permission) -> tuple[Quiz, CourseCard]:
    """The row of a quiz for who holds `permission` in its course; QuizNotFound or Forbidden for others."""
    quiz, course = readable(ctx, quiz_id)
    if not ctx.actor.may(permission, course_id=quiz.course_id):
        raise Forbidden(EDITORS_ONLY if permission is Permission.COURSE_EDIT else GRADERS_ONLY)
    return quiz, course


def editable(ctx: WriteCtx, quiz_id: UUID) -> tuple[Quiz, CourseCard]:
    """The same for editors, the quiz locked: its questions have one writer at a time."""
    quiz, course = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    ctx.session.refresh(quiz, with_for_update={"key_share": True})
    return quiz, course


def locked(ctx: WriteCtx, attempt_id: UUID) -> tuple[Attempt, Quiz]:
    """An attempt the actor may read and its quiz, the attempt locked: two tabs and the clock take turns."""
    attempt = _locked(ctx, attempt_id)
    return attempt, ctx.session.execute(select(Quiz).where(Quiz.id == attempt.quiz_id)).scalar_one()


def own(ctx: WriteCtx, attempt_id: UUID) -> Attempt:
    """The attempt, locked, for the one whose it is; NotYours for who may only read it. One statement."""
    attempt = _locked(ctx, attempt_id)
    if attempt.user_id != ctx.actor.user_id:
        raise NotYours()
    return attempt


def gradable(ctx: WriteCtx, attempt_id: UUID) -> tuple[Attempt, Quiz]:
    """The same for who marks in its course; Forbidden for the one whose attempt it is."""
    attempt, quiz = locked(ctx, attempt_id)
    if not ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=attempt.course_id):
        raise Forbidden(GRADERS_ONLY)
    return attempt, quiz


def _locked(ctx: WriteCtx, attempt_id: UUID) -> Attempt:
    attempt: Attempt | None = ctx.session.execute(_LOCKED, {"attempt_id": attempt_id}).scalar_one_or_none()
    if attempt is None:
        raise AttemptNotFound()
    _reads(ctx, attempt)
    return attempt


def _reads(ctx: ReadCtx, attempt: Attempt) -> bool:
    """Whether the actor reads the attempt as a grader; AttemptNotFound when they may not read it at all."""
    grader = ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=attempt.course_id)
    if not grader and attempt.user_id != ctx.actor.user_id:
        raise AttemptNotFound()
    return grader
