"""The page of a course: what is in it, joining it, one's place in it."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import VisitorReading, Writing
from api.web.outlines import DONE, LOCKED, NOW, PLAIN, lines
from api.web.rendering import language_of, page, redirect
from lms_core.commerce.orders import service as orders
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import ProductKind
from lms_core.commerce.products.schemas import ProductView
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import ModuleView
from lms_core.identity.access import service as access
from lms_core.kit.context import ReadCtx
from lms_core.learning.announcements import service as announcements
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuizCard
from lms_core.learning.assignments import service as assignments
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress import service as progress
from lms_core.learning.progress.models import ProgressState
from lms_core.learning.progress.schemas import CourseProgress
from lms_core.learning.release import service as release
from lms_core.learning.reviews import service as reviews

router = APIRouter(include_in_schema=False)


@router.get("/courses/{slug}")
def course_page(request: Request, ctx: VisitorReading, slug: str) -> Response:
    """The course with its outline and who teaches it; three statements, eight for readers (ten where it has rules).

    One more where something is announced, one where the course is rated, three at a new revision; for somebody who is
    not in it one for their plans, and two for each that they have.
    """
    card = courses.access_course(ctx, slug, even_archived=True)
    may_edit = courses.may_edit(ctx, card.id)
    enrolled = enrolments.is_enrolled(ctx, card.id)
    is_staff = courses.is_staff(ctx, card.id)
    if card.status == CourseStatus.ARCHIVED and not (is_staff or enrolled):
        raise CourseNotFound()
    modules = courses.outline(ctx, card.id, drafts=may_edit, revision=card.updated_at)
    locked = release.locked_in(ctx, card) if enrolled else frozenset[UUID]()
    mine = progress.progress_in(ctx, card.id, modules, locked=locked)
    done = completed(mine)
    drawn = lines(
        "parts/course_outline.html",
        language_of(request, ctx.actor),
        (card.id, card.updated_at, may_edit, enrolled or is_staff),
        lambda: originals(modules),
        language_of_course=card.language,
        may_read=enrolled or is_staff,
    )
    return page(
        request,
        ctx.actor,
        "course.html",
        course=card,
        outline=drawn.shown(
            lambda each: (
                LOCKED if each in locked else DONE if each in done else NOW if each == mine.resume_lesson_id else PLAIN
            )
        ),
        all_locked=bool(locked) and mine.resume_lesson_id is None,
        languages=languages(modules) or [card.language],
        enrolled=enrolled,
        may_edit=may_edit,
        is_staff=is_staff,
        may_read=enrolled or is_staff,
        may_ask=enrolled or may_edit,
        teachers=access.teachers_of(ctx, card.id),
        rating=reviews.rating(ctx, card),
        announced=announcements.newest(ctx, card) if enrolled or is_staff else [],
        done_count=mine.completed,
        lesson_total=mine.lessons,
        percent=mine.percent,
        resume_id=mine.resume_lesson_id,
        quizzes=_quizzes_apart(ctx, card.id) if enrolled or is_staff else [],
        assignments=assignments.cards(ctx, card.id) if enrolled or is_staff else [],
        offer=None if enrolled or is_staff else _offer(ctx, card.id),
        covered=not (enrolled or is_staff) and bool(subscriptions.covered(ctx, [card.id])),
    )


def _offer(ctx: ReadCtx, course_id: UUID) -> ProductView | None:
    """What the course costs; None where it is free, or the reader's already. One statement where it is free."""
    found = products.of_subject(ctx, course_id, kind=ProductKind.COURSE)
    if found is None or ctx.actor.user_id is None:
        return found
    return None if orders.bought_among(ctx, [course_id], user_id=ctx.actor.user_id) else found


def _quizzes_apart(ctx: ReadCtx, course_id: UUID) -> list[QuizCard]:
    """The quizzes to show by themselves: those without a lesson, and supervised ones, which nobody should miss."""
    return [quiz for quiz in assessments.quizzes_of(ctx, course_id) if quiz.lesson_id is None or quiz.supervised]


@router.post("/courses/{slug}/enroll")
def enrol(ctx: Writing, slug: str) -> Response:
    """Join an open course."""
    enrolments.enrol(ctx, slug)
    return redirect(f"/courses/{slug}", notice="enrolled")


@router.post("/courses/{slug}/leave")
def leave(ctx: Writing, slug: str) -> Response:
    """Leave a course."""
    enrolments.leave(ctx, slug)
    return redirect("/my-courses", notice="left")


def completed(mine: CourseProgress) -> frozenset[UUID]:
    """Ids of the lessons that are done."""
    return frozenset(each for each, state in mine.lesson_states.items() if state == ProgressState.COMPLETED)


def originals(modules: Sequence[ModuleView]) -> list[ModuleView]:
    """The outline without translations, which the reader offers beside their original."""
    known = {lesson.id for module in modules for lesson in module.lessons}
    kept = [
        module.model_copy(
            update={"lessons": tuple(each for each in module.lessons if each.translation_of_id not in known)}
        )
        for module in modules
    ]
    return [module for module in kept if module.lessons] or kept


def languages(modules: Sequence[ModuleView]) -> list[str]:
    """The languages of the lessons, in the order they are met."""
    return list(dict.fromkeys(lesson.language for module in modules for lesson in module.lessons))
