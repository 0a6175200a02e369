"""A course's own part of a copy: what it says of itself, its modules, and each lesson as it is now.

`ids` grows with what stands for what, and is what everything above maps its references by. Addresses in texts are
mapped last (`relink`), when the copy of whatever they lead to has its id. Texts are rendered afterwards, in short
transactions (`render_pending`).
"""

import re
from uuid import UUID

from sqlalchemy import or_, select

from lms_core.content.courses import queries
from lms_core.content.courses.events import LessonChanged
from lms_core.content.courses.models import Course, CourseTag, Lesson, LessonVersion, Module
from lms_core.content.courses.service.authoring import describe, recount
from lms_core.content.courses.service.rendering import hash_of
from lms_core.content.courses.slugs import containing
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import copied

SAID = ("summary", "language", "access", "category_id", "cover", "cover_alt", "cover_focus")
ADDRESS = re.compile(
    r"(/(?:lessons|quizzes|assignments)/|\b(?:quiz|assignment):)([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
)
HINTS = ("s/", "quiz:", "assignment:")  # each address holds one of these

Ids = dict[UUID, UUID]


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: Ids) -> None:
    """Give the empty course `target` what `source` says, its modules and its lessons. The caller has authorised.

    Versions before the present one stay behind; a lesson with a source path keeps it, so links between lessons hold.
    """
    old, new = _both(ctx, source, target)
    for name in SAID:
        setattr(new, name, getattr(old, name))
    ids[old.id] = new.id
    for tag in ctx.session.execute(select(CourseTag).where(CourseTag.course_id == source)).scalars().all():
        ctx.session.add(copied(tag, course_id=target))
    for module in ctx.session.execute(select(Module).where(Module.course_id == source)).scalars().all():
        ids[module.id] = ctx.add(copied(module, course_id=target)).id
    rows = ctx.session.execute(
        select(Lesson, LessonVersion)
        .join(LessonVersion, queries.current_version())
        .where(Lesson.course_id == source)
        .order_by(Lesson.translation_of_id.is_not(None), Lesson.id)  # originals first
    ).all()
    for lesson, version in rows:
        _copy_lesson(ctx, lesson, version, target=target, ids=ids)
    ctx.session.flush()
    describe(new, queries.tags_of(ctx, [target])[target])
    recount(ctx, new)


def relink(ctx: WriteCtx, source: UUID, target: UUID, *, ids: Ids) -> None:
    """Let the addresses in the copy's lessons lead to the copy's own lessons, files, quizzes and assignments."""
    old, new = _both(ctx, source, target)
    lessons = select(Lesson.id).where(Lesson.course_id == target)
    hinted = or_(*(LessonVersion.body.like(containing(hint), escape="\\") for hint in HINTS))
    rows = ctx.session.execute(select(LessonVersion).where(LessonVersion.lesson_id.in_(lessons), hinted)).scalars()
    for version in rows:
        body = relinked(version.body, ids, slugs=(old.slug, new.slug))
        if body != version.body:
            version.body, version.text_hash = body, hash_of(body)
    ctx.session.flush()


def relinked(text: str, ids: Ids, *, slugs: tuple[str, str]) -> str:
    """Markdown in which addresses of the first course are those of the second; what leads elsewhere stays."""
    old, new = slugs
    text = re.sub(rf"/courses/{re.escape(old)}(?=[/\s)\"'#?>]|$)", f"/courses/{new}", text)

    def mapped(found: re.Match[str]) -> str:
        other = ids.get(UUID(found[2]))
        return found[0] if other is None else f"{found[1]}{other}"

    return ADDRESS.sub(mapped, text)


def slugs_of(ctx: ReadCtx, source: UUID, target: UUID) -> tuple[str, str]:
    """The slugs of two courses, for `relinked`. One statement."""
    rows = ctx.session.execute(select(Course.id, Course.slug).where(Course.id.in_([source, target])))
    found = {row.id: row.slug for row in rows}
    return found[source], found[target]


def pending(ctx: ReadCtx, course_id: UUID) -> int:
    """How many lessons of a course wait to be rendered. One statement."""
    waiting = select(LessonVersion.id).join(Lesson, queries.current_version())
    waiting = waiting.where(Lesson.course_id == course_id, LessonVersion.html.is_(None))
    return len(ctx.session.execute(waiting).all())


def _both(ctx: WriteCtx, source: UUID, target: UUID) -> tuple[Course, Course]:
    wanted = select(Course).where(Course.id.in_([source, target])).order_by(Course.id)
    rows = {row.id: row for row in ctx.session.execute(wanted.with_for_update(key_share=True)).scalars()}
    return rows[source], rows[target]


def _copy_lesson(ctx: WriteCtx, lesson: Lesson, version: LessonVersion, *, target: UUID, ids: Ids) -> None:
    original = ids.get(lesson.translation_of_id) if lesson.translation_of_id else None
    new = ctx.add(
        copied(
            lesson,
            course_id=target,
            module_id=ids[lesson.module_id],
            translation_of_id=original,
            version=1,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )
    ids[lesson.id] = new.id
    said = ctx.add(
        copied(
            version,
            lesson_id=new.id,
            number=1,
            html=None,
            text=None,
            outline=None,
            note="",
            author_id=ctx.actor.user_id,
            created_at=ctx.now,
        )
    )
    ctx.emit(LessonChanged(course_id=target, lesson_id=new.id, version_id=said.id))
