"""The lesson reader, with the assistant beside it."""

import re
from html import unescape
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.course import completed, originals
from api.web.rendering import page, redirect
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonItem, LessonView, ModuleView
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress import service as progress

router = APIRouter(include_in_schema=False)

FIRST_HEADING = re.compile(r'\s*<h2\b[^>]*?\bid="([^"]*)"[^>]*>(.*?)</h2>\s*', re.DOTALL)
DEEPER_HEADING = re.compile(r"<(/?)h([3-6])\b")
TAG = re.compile(r"<[^>]*>")
STARTERS = 3
SHORTEST_STARTER, LONGEST_STARTER = 8, 60


@router.get("/courses/{slug}/lessons/{lesson_id}")
def lesson_in_course(request: Request, ctx: Reading, slug: str, lesson_id: UUID) -> Response:
    """A lesson at the address that lessons link to."""
    return lesson_page(request, ctx, lesson_id)


@router.get("/lessons/{lesson_id}")
def lesson_page(request: Request, ctx: Reading, lesson_id: UUID) -> Response:
    """A lesson to read; rights are checked here however the reader came; five statements."""
    lesson = enrolments.access_lesson(ctx, lesson_id)
    may_edit = courses.may_edit(ctx, lesson.course_id)
    modules = courses.outline(ctx, lesson.course_id, drafts=may_edit)
    done = completed(progress.progress_in(ctx, lesson.course_id, modules))
    before, after = courses.neighbours(modules, lesson.id)
    original = lesson.translation_of_id or lesson.id
    title_anchor, html = without_title(lesson)
    return page(
        request,
        ctx.actor,
        "lesson.html",
        lesson=lesson,
        html=html,
        title_anchor=title_anchor,
        modules=in_language(modules, lesson.language),
        completed=done,
        lesson_done=original in done,
        previous=before,
        next=after,
        translations=translations_of(modules, original),
        starters=starters(lesson),
        may_edit=may_edit,
    )


@router.post("/lessons/{lesson_id}/complete")
def complete(ctx: Writing, lesson_id: UUID) -> Response:
    """Mark a lesson as done and go on to the next one."""
    result = progress.complete(ctx, lesson_id)
    lesson = courses.read_lesson(ctx, lesson_id)
    if result.course_completed:
        return redirect(f"/courses/{lesson.course_slug}", notice="course-completed")
    _, after = courses.neighbours(courses.outline(ctx, lesson.course_id), lesson_id)
    return redirect(f"/lessons/{after.id if after else lesson_id}", notice="completed")


def without_title(lesson: LessonView) -> tuple[str, str]:
    """The anchor of the lesson's own first heading and the rest, when that heading only repeats the title."""
    found = FIRST_HEADING.match(lesson.html)
    if found is None or " ".join(unescape(TAG.sub("", found.group(2))).split()) != " ".join(lesson.title.split()):
        return "", lesson.html
    rest = lesson.html[found.end() :]
    # Without that heading the levels below it would start at three.
    if "<h2" not in rest:
        rest = DEEPER_HEADING.sub(lambda tag: f"<{tag.group(1)}h{int(tag.group(2)) - 1}", rest)
    return found.group(1), rest


def translations_of(modules: list[ModuleView], original: UUID) -> list[LessonItem]:
    """The lesson in every language it is there in, the original first."""
    lessons = [lesson for module in modules for lesson in module.lessons]
    found = [each for each in lessons if original in (each.id, each.translation_of_id)]
    return sorted(found, key=lambda each: each.id != original)


def in_language(modules: list[ModuleView], language: str) -> list[ModuleView]:
    """The outline, each lesson in `language` where it is translated into it."""
    translated = {
        lesson.translation_of_id: lesson
        for module in modules
        for lesson in module.lessons
        if lesson.translation_of_id is not None and lesson.language == language
    }
    return [
        module.model_copy(update={"lessons": tuple(translated.get(each.id, each) for each in module.lessons)})
        for module in originals(modules)
    ]


def starters(lesson: LessonView) -> list[str]:
    """Headings of the lesson that read as questions or topics: something to ask first."""
    texts = [heading.text for heading in lesson.outline if heading.text != lesson.title]
    fitting = [text for text in texts if SHORTEST_STARTER <= len(text) <= LONGEST_STARTER]
    return sorted(fitting, key=lambda text: not text.endswith("?"))[:STARTERS]
