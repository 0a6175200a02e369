"""The lesson reader, with the assistant beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from uuid import UUID

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.course import completed, originals
from api.web.framing import allow_frames, embed_hosts
from api.web.moments import When
from api.web.outlines import DONE, HERE, HERE_DONE, LOCKED, PLAIN, lines
from api.web.rendering import language_of, page, redirect
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonItem, LessonView, ModuleView
from lms_core.content.media import service as media
from lms_core.kit.context import ReadCtx
from lms_core.kit.recent import Recent
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assignments import service as assignments
from lms_core.learning.progress import service as progress
from lms_core.learning.progress.errors import NotDoneYet
from lms_core.learning.progress.models import ProgressState
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import LessonLocked

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
    """A lesson to read, or why it is locked; rights are checked here however the reader came; six statements,
    two more at a new revision of the course, and four where it has rules.
    """
    try:
        lesson = release.access_lesson(ctx, lesson_id)
    except LessonLocked as refused:
        return locked_page(request, ctx, lesson_id, refused)
    may_edit = courses.may_edit(ctx, lesson.course_id)
    modules = courses.outline(ctx, lesson.course_id, drafts=may_edit, revision=lesson.course_updated_at)
    done = completed(progress.progress_in(ctx, lesson.course_id, modules))
    closed = _closed(ctx, lesson) if lesson.course_has_rules and not may_edit else frozenset[UUID]()
    before, after = courses.neighbours(modules, lesson.id)
    original = lesson.translation_of_id or lesson.id
    shown = _text(ctx, lesson)
    contents = lines(
        "parts/contents.html",
        language_of(request, ctx.actor),
        (lesson.course_id, lesson.course_updated_at, may_edit, lesson.language),
        lambda: in_language(modules, lesson.language),
    )
    answer = page(
        request,
        ctx.actor,
        "lesson.html",
        lesson=lesson,
        text=shown,
        embed_hosts=embed_hosts(request),
        contents=contents.shown(
            lambda each: (
                (HERE_DONE if each in done else HERE)
                if each == lesson.id
                else LOCKED
                if each in closed
                else DONE
                if each in done
                else PLAIN
            )
        ),
        closed=closed,
        asked=progress.still_to_do(ctx, lesson),
        lesson_done=original in done,
        previous=before,
        next=after,
        translations=translations_of(modules, original),
        may_edit=may_edit,
        quiz=assessments.quiz_beside(ctx, lesson.id),
        assignments=assignments.beside(ctx, original),
    )
    return allow_frames(request, answer, shown.html)


def locked_page(request: Request, ctx: ReadCtx, lesson_id: UUID, refused: LessonLocked) -> Response:
    """Why a lesson is locked for its reader, and what opens it."""
    lesson = courses.read_lesson(ctx, lesson_id)
    return page(
        request, ctx.actor, "locked.html", status=403, lesson=lesson, rules=refused.rules, when=When(request, ctx)
    )


def _closed(ctx: ReadCtx, lesson: LessonView) -> frozenset[UUID]:
    card = courses.cards(ctx, [lesson.course_id])[lesson.course_id]
    return release.locked_in(ctx, card)


@router.post("/lessons/{lesson_id}/complete")
def complete(ctx: Writing, lesson_id: UUID) -> Response:
    """Mark a lesson as done and go on to the next one, or stay where it asks for more."""
    try:
        result = progress.complete(ctx, lesson_id)
    except NotDoneYet:
        return redirect(f"/lessons/{lesson_id}", notice="not-done-yet")
    lesson = courses.read_lesson(ctx, lesson_id)
    if result.lesson.state != ProgressState.COMPLETED:
        return redirect(f"/lessons/{lesson_id}", notice="not-done-yet")
    if result.course_completed:
        return redirect(f"/courses/{lesson.course_slug}", notice="course-completed")
    _, after = courses.neighbours(courses.outline(ctx, lesson.course_id), lesson_id)
    return redirect(f"/lessons/{after.id if after else lesson_id}", notice="completed")


@dataclass(frozen=True, slots=True)
class LessonText:
    """A lesson's text as its page shows it, the anchor of its title, and what one could ask first."""

    title_anchor: str
    html: Markup
    starters: tuple[str, ...]


_TEXTS: Recent[LessonText] = Recent(capacity=16_000_000)  # characters


def _text(ctx: ReadCtx, lesson: LessonView) -> LessonText:
    key = (lesson.id, lesson.course_updated_at)
    kept = _TEXTS.get(key)
    if kept is None:
        kept = shown_text(ctx, lesson.course_id, title=lesson.title, html=lesson.html, starters=starters(lesson))
        _TEXTS.keep(key, kept, weight=len(kept.html))
    return kept


def shown_text(ctx: ReadCtx, course_id: UUID, *, title: str, html: str, starters: Sequence[str] = ()) -> LessonText:
    """Rendered (so sanitised) HTML as the reader shows it below a lesson's title."""
    title_anchor, rest = without_title(title, html)
    sized = media.with_variants(ctx, course_id, rest)
    return LessonText(title_anchor, Markup(sized), tuple(starters))  # noqa: S704 - sanitised when rendered


def without_title(title: str, html: str) -> tuple[str, str]:
    """The anchor of the lesson's own first heading and the rest, when that heading only repeats the title."""
    found = FIRST_HEADING.match(html)
    if found is None or " ".join(unescape(TAG.sub("", found.group(2))).split()) != " ".join(title.split()):
        return "", html
    rest = html[found.end() :]
    # Without that heading the levels below it would start at three.
    if "<h2" not in rest:
        rest = DEEPER_HEADING.sub(lambda tag: f"<{tag.group(1)}h{int(tag.group(2)) - 1}", rest)
    return found.group(1), rest


def translations_of(modules: Sequence[ModuleView], original: UUID) -> list[LessonItem]:
    """The lesson in every language it is there in, the original first."""
    lessons = [lesson for module in modules for lesson in module.lessons]
    found = [each for each in lessons if original in (each.id, each.translation_of_id)]
    return sorted(found, key=lambda each: each.id != original)


def in_language(modules: Sequence[ModuleView], language: str) -> list[ModuleView]:
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
