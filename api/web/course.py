"""The page of a course: what is in it, joining it, one's place in it."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import VisitorReading, Writing
from api.web.rendering import page, redirect
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import ModuleView
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress import service as progress
from lms_core.learning.progress.models import ProgressState
from lms_core.learning.progress.schemas import CourseProgress

router = APIRouter(include_in_schema=False)


@router.get("/courses/{slug}")
def course_page(request: Request, ctx: VisitorReading, slug: str) -> Response:
    """The course with its outline; five statements, six for someone signed in."""
    card = courses.access_course(ctx, slug, even_archived=True)
    may_edit = courses.may_edit(ctx, card.id)
    enrolled = enrolments.is_enrolled(ctx, card.id)
    if card.status == CourseStatus.ARCHIVED and not (may_edit or enrolled):
        raise CourseNotFound()
    modules = courses.outline(ctx, card.id, drafts=may_edit)
    mine = progress.progress_in(ctx, card.id, modules)
    return page(
        request,
        ctx.actor,
        "course.html",
        course=card.model_copy(update={"tags": tuple(courses.tags_of(ctx, card.id))}),
        modules=originals(modules),
        languages=languages(modules) or [card.language],
        enrolled=enrolled,
        may_edit=may_edit,
        may_read=enrolled or may_edit,
        completed=completed(mine),
        done_count=mine.completed,
        lesson_total=mine.lessons,
        percent=mine.percent,
        resume_id=mine.resume_lesson_id,
    )


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


def originals(modules: list[ModuleView]) -> list[ModuleView]:
    """The outline without translations, which the reader offers beside their original."""
    known = {lesson.id for module in modules for lesson in module.lessons}
    kept = [
        module.model_copy(
            update={"lessons": tuple(each for each in module.lessons if each.translation_of_id not in known)}
        )
        for module in modules
    ]
    return [module for module in kept if module.lessons] or kept


def languages(modules: list[ModuleView]) -> list[str]:
    """The languages of the lessons, in the order they are met."""
    return list(dict.fromkeys(lesson.language for module in modules for lesson in module.lessons))
