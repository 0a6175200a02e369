"""Quizzes and banks in a copy of a course: rules, present questions, sections.

Papers, attempts and what people did stay behind.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import STAY, Shift, copied, first_day
from lms_core.learning.assessments.models import Choice, Question, Quiz, QuizSection, QuizSlot, Regrade
from lms_core.learning.assessments.service import banks, sections


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID], shift: Shift = STAY) -> None:
    """Give `target` every quiz of `source`, hidden or not as it was, beside the lessons that are in `ids` by now."""
    banks.copy_to(ctx, source, target, ids=ids)
    quizzes = ctx.session.execute(select(Quiz).where(Quiz.course_id == source).order_by(Quiz.id)).scalars().all()
    if not quizzes:
        return
    slugs = courses.slugs_of(ctx, source, target)
    for quiz in quizzes:
        new = ctx.add(
            copied(
                quiz,
                course_id=target,
                lesson_id=ids.get(quiz.lesson_id) if quiz.lesson_id else None,
                instructions=courses.relinked(quiz.instructions, ids, slugs=slugs),
                opens_at=shift.moment(quiz.opens_at),
                closes_at=shift.moment(quiz.closes_at),
                revision=1,
                created_at=ctx.now,
                updated_at=ctx.now,
            )
        )
        ids[quiz.id] = new.id
    questions = select(Question).where(Question.quiz_id.in_([quiz.id for quiz in quizzes])).order_by(Question.id)
    for question in ctx.session.execute(questions).scalars().all():
        text = courses.relinked(question.text, ids, slugs=slugs)
        ids[question.id] = ctx.add(copied(question, quiz_id=ids[question.quiz_id], text=text)).id
    asked = select(Question.id).where(Question.quiz_id.in_([quiz.id for quiz in quizzes]))
    choices = (
        ctx.session.execute(select(Choice).where(Choice.question_id.in_(asked)).order_by(Choice.id)).scalars().all()
    )
    ctx.session.add_all(copied(choice, question_id=ids[choice.question_id]) for choice in choices)
    ctx.session.flush()
    _copy_sections(ctx, [quiz.id for quiz in quizzes if quiz.sectioned], ids=ids, slugs=slugs)
    regraded = select(Regrade.quiz_id).where(Regrade.quiz_id.in_([quiz.id for quiz in quizzes])).distinct()
    for quiz_id in ctx.session.execute(regraded).scalars():  # regrades stay behind: the copy asks what they dropped
        sections.sum_up(ctx, ctx.session.get_one(Quiz, ids[quiz_id]))


def first_date(ctx: ReadCtx, course_id: UUID, *, zone: str) -> date | None:
    """The first day that a quiz of the course names. The caller edits the course. One statement."""
    wanted = select(func.min(Quiz.opens_at), func.min(Quiz.closes_at)).where(Quiz.course_id == course_id)
    return first_day(ctx.session.execute(wanted).one(), zone=zone)


def _copy_sections(ctx: WriteCtx, quizzes: Sequence[UUID], *, ids: dict[UUID, UUID], slugs: tuple[str, str]) -> None:
    """Sections with their places. A bank, category or question that is not in `ids` is the institution's own."""
    sections = select(QuizSection).where(QuizSection.quiz_id.in_(quizzes)).order_by(QuizSection.id)
    for section in ctx.session.execute(sections).scalars().all():
        instructions = courses.relinked(section.instructions, ids, slugs=slugs)
        ids[section.id] = ctx.add(copied(section, quiz_id=ids[section.quiz_id], instructions=instructions)).id
    ctx.session.flush()
    slots = select(QuizSlot).where(QuizSlot.quiz_id.in_(quizzes)).order_by(QuizSlot.id)
    for slot in ctx.session.execute(slots).scalars().all():
        named = ("section_id", "quiz_id", "question_id", "bank_id", "bank_question_id", "category_id")
        ctx.session.add(copied(slot, **{name: _mapped(getattr(slot, name), ids) for name in named}))
    ctx.session.flush()


def _mapped(known: UUID | None, ids: Mapping[UUID, UUID]) -> UUID | None:
    return None if known is None else ids.get(known, known)
