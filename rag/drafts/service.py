"""Verbs on question drafts, all for who edits the course: look for questions, list, change, approve, reject."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id, parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.service import banks
from rag.access import access_to_edit
from rag.drafts import queries
from rag.drafts.errors import DraftDecided, DraftingRunning, DraftNotFound, DraftStale
from rag.drafts.models import Check, Drafting, DraftingStatus, DraftStatus, QuestionDraft
from rag.drafts.schemas import Approval, DraftingIn, DraftingView, DraftView

DRAFT_JOB = "rag.draft_questions"
UNDER_WAY = (DraftingStatus.QUEUED, DraftingStatus.RUNNING)
OF_ANOTHER_COURSE = "The quiz belongs to another course. Choose one of this course."


def look_for_questions(ctx: WriteCtx, *, course: str, given: DraftingIn) -> DraftingView:
    """Begin to look for questions in a course or some of its lessons, in a job. DraftingRunning, CourseNotFound."""
    found = access_to_edit(ctx, course=course, permission=Permission.COURSE_EDIT)
    known = courses.lesson_ids(ctx, found.course_id)
    wanted = known if given.lesson_ids is None else [each for each in known if each in set(given.lesson_ids)]
    if not wanted:
        raise Invalid("None of these lessons is in the course. Choose at least one that is.")
    row = queries.drafting(ctx, found.course_id)
    if row is not None and row.status in UNDER_WAY:
        raise DraftingRunning()
    fields = {
        "asked_by": ctx.actor.user_id,
        "lesson_ids": [str(each) for each in wanted],
        "run_id": new_id(),
        "status": DraftingStatus.QUEUED,
        "total": len(wanted),
        "done": 0,
        "made": 0,
        "note": "",
        "created_at": ctx.now,
        "finished_at": None,
    }
    if row is None:
        row = Drafting(course_id=found.course_id, **fields)
    else:
        for name, value in fields.items():
            setattr(row, name, value)
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:  # pressed twice, on PostgreSQL
        raise DraftingRunning() from error
    ctx.enqueue(DRAFT_JOB, course_id=str(found.course_id), run_id=str(row.run_id))
    return _drafting_view(row)


def drafting(ctx: ReadCtx, *, course: str) -> DraftingView | None:
    """The latest search in a course, None before the first."""
    found = access_to_edit(ctx, course=course, permission=Permission.COURSE_EDIT)
    row = queries.drafting(ctx, found.course_id)
    return None if row is None else _drafting_view(row)


def drafts(
    ctx: ReadCtx,
    *,
    course: str,
    status: DraftStatus = DraftStatus.WAITING,
    lesson_id: UUID | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[DraftView]:
    """The drafts of a course by lesson, in the order they were made. One statement and those of the access."""
    found = access_to_edit(ctx, course=course, permission=Permission.COURSE_EDIT)
    wanted = queries.drafts_with_lesson().where(
        QuestionDraft.course_id == found.course_id, QuestionDraft.status == status
    )
    if lesson_id is not None:
        wanted = wanted.where(QuestionDraft.lesson_id == lesson_id)
    if cursor:
        lesson, last = _after(cursor)
        later = (QuestionDraft.lesson_id == lesson) & (QuestionDraft.id > last)
        wanted = wanted.where((QuestionDraft.lesson_id > lesson) | later)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = ctx.session.execute(wanted.order_by(QuestionDraft.lesson_id, QuestionDraft.id).limit(limit + 1)).all()
    return page([_view(row) for row in rows], limit, key=lambda each: (str(each.lesson_id), str(each.id)))


def change(ctx: WriteCtx, *, draft_id: UUID, question: QuestionIn) -> DraftView:
    """Replace a waiting draft's question. DraftNotFound, DraftDecided. It is the editor's now, not a checked one."""
    row = _waiting(ctx, draft_id)
    _edit(row.QuestionDraft, question)
    ctx.session.flush()
    return _view(row)


def approve(ctx: WriteCtx, *, draft_id: UUID, given: Approval) -> DraftView:
    """Put a draft at the end of a quiz of its course, or into a question bank, edited first where `given` says how.

    DraftNotFound, DraftDecided, DraftStale; QuizNotFound, BankNotFound; Forbidden for a bank one only reads; Invalid
    for a quiz of another course, or a full one.
    """
    row = _waiting(ctx, draft_id)
    draft: QuestionDraft = row.QuestionDraft
    if draft.version != row.present:
        raise DraftStale()
    if given.question is not None:
        _edit(draft, given.question)
    questions = [QuestionIn.model_validate(draft.question)]
    if given.bank_id is not None:
        banks.add_questions(ctx, given.bank_id, questions=questions)
    elif given.quiz_id is not None:
        if assessments.access_quiz_for_editing(ctx, given.quiz_id).course_id != draft.course_id:
            raise Invalid(OF_ANOTHER_COURSE, fields=[{"field": "quiz_id", "message": OF_ANOTHER_COURSE}])
        assessments.add_questions(ctx, given.quiz_id, questions=questions)
        draft.quiz_id = given.quiz_id
    return _decide(ctx, row, DraftStatus.APPROVED)


def reject(ctx: WriteCtx, *, draft_id: UUID) -> DraftView:
    """Put a draft away: it is not proposed again. DraftNotFound, DraftDecided."""
    return _decide(ctx, _waiting(ctx, draft_id), DraftStatus.REJECTED)


def _waiting(ctx: WriteCtx, draft_id: UUID) -> Row[Any]:
    """A draft that waits, locked, for who edits its course."""
    wanted = queries.drafts_with_lesson().where(QuestionDraft.id == draft_id)
    row = ctx.session.execute(wanted.with_for_update(key_share=True, of=QuestionDraft)).one_or_none()
    if row is None or not ctx.actor.may(Permission.COURSE_EDIT, course_id=row.QuestionDraft.course_id):
        raise DraftNotFound()
    if row.QuestionDraft.status != DraftStatus.WAITING:
        raise DraftDecided()
    return row


def _edit(draft: QuestionDraft, question: QuestionIn) -> None:
    given = question.model_copy(update={"id": None}).model_dump(mode="json")
    if given != QuestionIn.model_validate(draft.question).model_dump(mode="json"):
        draft.question, draft.verdict = given, Check.EDITED


def _decide(ctx: WriteCtx, row: Row[Any], status: DraftStatus) -> DraftView:
    draft: QuestionDraft = row.QuestionDraft
    draft.status, draft.decided_by, draft.decided_at = status, ctx.actor.user_id, ctx.now
    ctx.session.flush()
    return _view(row)


def _after(cursor: str) -> tuple[UUID, UUID]:
    lesson, draft = (parse_id(each) for each in decode_cursor(cursor, (str, str)))
    if lesson is None or draft is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return lesson, draft


def _view(row: Row[Any]) -> DraftView:
    draft: QuestionDraft = row.QuestionDraft
    names = DraftView.model_fields.keys() - {"lesson_title", "stale", "question"}
    return DraftView(
        **{name: getattr(draft, name) for name in names},
        lesson_title=row.title,
        stale=draft.version != row.present,
        question=QuestionIn.model_validate(draft.question),
    )


def _drafting_view(row: Drafting) -> DraftingView:
    return DraftingView(**{name: getattr(row, name) for name in DraftingView.model_fields})


def is_current(ctx: ReadCtx, *, course_id: UUID, run_id: UUID) -> bool:
    """Whether this is the search the course waits for."""
    wanted = select(Drafting.id).where(
        Drafting.course_id == course_id, Drafting.run_id == run_id, Drafting.status.in_(UNDER_WAY)
    )
    return ctx.session.execute(wanted).first() is not None
