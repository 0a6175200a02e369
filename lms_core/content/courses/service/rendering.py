"""From a lesson's Markdown to what its page shows, with the addresses of this service in it.

`asset:<path>` becomes the file's address, `video:<name>` a film's page, `lesson:<source_path>#anchor` the
lesson's page. All hold the course's slug, which never changes. `quiz:<id>` and `assignment:<id>` become their pages.
"""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from sqlalchemy import select, update

from lms_core.content import text
from lms_core.content.courses import queries
from lms_core.content.courses.models import Course, Lesson, LessonVersion
from lms_core.content.courses.schemas import EditingBlock, EditingText, Heading, Preview
from lms_core.content.courses.service.access import access_course, editable
from lms_core.content.courses.service.authoring import recount
from lms_core.content.courses.slugs import containing
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission

BASE_HEADING = 2  # a page's level-1 heading is the lesson's title
OWN_PAGES = ("/courses/", "/lessons/", "/quizzes/", "/assignments/")  # addresses as people copy them
TASK_PAGES = {"quiz": "/quizzes/", "assignment": "/assignments/"}

Resolve = Callable[[str], str | None]


def preview(ctx: ReadCtx, *, body: str, course: str | UUID | None = None) -> Preview:
    """Markdown as the lesson page would show it; links resolve inside `course`, for its editors. Nothing is stored."""
    resolve = None
    if course is not None:
        card = access_course(ctx, course, Permission.COURSE_EDIT)
        resolve = resolver(ctx, course_id=card.id, slug=card.slug, body=body)
    rendered = text.render(body, resolve=resolve, base_heading=BASE_HEADING)
    headings = tuple(Heading(level=each.level, text=each.text, anchor=each.anchor) for each in rendered.outline)
    return Preview(html=rendered.html, outline=headings, minutes=rendered.reading_minutes)


def editing_blocks(ctx: ReadCtx, *, body: str, course: str | UUID) -> EditingText:
    """Markdown in the blocks of the editor, each with how it looks alone, for the course's editors. Stores nothing."""
    card = access_course(ctx, course, Permission.COURSE_EDIT)
    resolve = resolver(ctx, course_id=card.id, slug=card.slug, body=body)
    cut = text.split(body)
    return EditingText(
        lead=cut.lead,
        blocks=tuple(
            EditingBlock(
                kind=each.kind,
                source=each.source,
                after=each.after,
                fields=dict(each.fields),
                html=text.render(each.source, resolve=resolve, base_heading=BASE_HEADING).html,
            )
            for each in cut.blocks
        ),
    )


def render_pending(ctx: WriteCtx, course: str | UUID, *, limit: int = 20) -> int:
    """Render up to `limit` lessons of a course whose HTML is missing. Returns how many are done: 0 means none is left.

    After an import call it in a short transaction each time until it answers 0.
    """
    row = editable(ctx, course)
    rows = ctx.session.execute(
        select(LessonVersion, Lesson)
        .join(Lesson, queries.current_version())
        .where(Lesson.course_id == row.id, LessonVersion.html.is_(None))
        .order_by(Lesson.id)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    resolve = resolver(ctx, course_id=row.id, slug=row.slug)
    for version, lesson in rows:
        lesson.minutes = fill(version, resolve)
    recount(ctx, row)
    return len(rows)


def fill(version: LessonVersion, resolve: Resolve | None) -> int:
    """Derive everything a page needs from the version's body, into its row. Returns the minutes it takes to read."""
    made = derived(version.body, resolve)
    version.html, version.text, version.outline = made["html"], made["text"], made["outline"]
    minutes: int = made["minutes"]
    return minutes


def derived(body: str, resolve: Resolve | None) -> dict[str, Any]:
    """HTML, plain text, outline (as stored) and reading minutes of a body."""
    rendered = text.render(body, resolve=resolve, base_heading=BASE_HEADING)
    return {
        "html": rendered.html,
        "text": text.plain(body),
        "outline": [{"level": each.level, "text": each.text, "anchor": each.anchor} for each in rendered.outline],
        "minutes": rendered.reading_minutes,
    }


def resolver(ctx: ReadCtx, *, course_id: UUID, slug: str, body: str | None = None) -> Resolve:
    """What turns links inside a course into addresses. One statement, none when `body` links to no lesson."""
    lessons: dict[str, UUID] = {}
    if body is None or "lesson:" in body:
        rows = ctx.session.execute(
            select(Lesson.source_path, Lesson.id).where(Lesson.course_id == course_id, Lesson.source_path.is_not(None))
        )
        lessons = {row.source_path: row.id for row in rows}

    def resolve(url: str) -> str | None:
        if url.startswith(OWN_PAGES):
            return url
        scheme, _, rest = url.partition(":")
        path, hash_sign, anchor = rest.partition("#")
        if scheme == "asset":
            return f"/api/v1/courses/{slug}/assets/{quote(unquote(path))}"
        if scheme == "video":
            return f"/courses/{slug}/videos/{quote(unquote(path), safe='')}"
        if scheme == "lesson" and unquote(path) in lessons:
            return f"/courses/{slug}/lessons/{lessons[unquote(path)]}{hash_sign}{anchor}"
        if scheme in TASK_PAGES and parse_id(rest) is not None:
            return f"{TASK_PAGES[scheme]}{rest}"
        return None

    return resolve


def unsettle_links(ctx: WriteCtx, course: Course) -> None:
    """Mark the lessons that link to lessons as pending, since one of those appeared or went."""
    linking = select(Lesson.id).where(Lesson.course_id == course.id)
    ctx.session.execute(
        update(LessonVersion)
        .where(LessonVersion.lesson_id.in_(linking), LessonVersion.body.like(containing("lesson:"), escape="\\"))
        .values(html=None)
        .execution_options(synchronize_session="fetch")
    )


def hash_of(body: str) -> str:
    """SHA-256 hex of a body, by which two versions are compared."""
    return hashlib.sha256(body.encode()).hexdigest()
