"""Bringing a whole course in, and again: lessons are recognised by their source path.

One transaction stores structure and texts; rendering follows in short ones
(`render_pending`), so that a large import never holds the writer for long.
Lessons written by hand have no source path and are left where they are.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import queries
from lms_core.content.courses.events import LessonChanged, LessonDeleted, LessonMoved
from lms_core.content.courses.models import Course, Lesson, LessonVersion, Module
from lms_core.content.courses.schemas import ImportedModule, ImportReport, LessonIn
from lms_core.content.courses.service import structure
from lms_core.content.courses.service.access import editable
from lms_core.content.courses.service.authoring import recount
from lms_core.content.courses.service.rendering import hash_of, unsettle_links
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid

AT_THE_END = 1_000_000  # past any position a lesson holds before `place` counts anew


class _Known:
    """What the course holds before the import, by the keys an import knows."""

    def __init__(self, ctx: ReadCtx, course: Course) -> None:
        rows = ctx.session.execute(
            select(Lesson, LessonVersion.text_hash)
            .join(LessonVersion, queries.current_version())
            .where(Lesson.course_id == course.id, Lesson.source_path.is_not(None))
        )
        self.lessons: dict[str, tuple[Lesson, str]] = {lesson.source_path: (lesson, digest) for lesson, digest in rows}
        modules = ctx.session.execute(
            select(Module).where(Module.course_id == course.id).order_by(Module.position, Module.id)
        )
        self.modules: list[Module] = list(modules.scalars())


def import_outline(
    ctx: WriteCtx, course: str | UUID, *, modules: Sequence[ImportedModule], replace: bool = True
) -> ImportReport:
    """Make the course's imported part what `modules` say: added, reworded, moved and deleted as needed.

    Without `replace` nothing is deleted or reordered: what is new goes to the end.

    A lesson with the same title and text keeps its version. Invalid when two
    lessons share a source path. Call `render_pending` afterwards until it answers 0.
    """
    row = editable(ctx, course)
    _refuse_doubles(modules)
    known = _Known(ctx, row)
    kept = _place_modules(ctx, row, known, modules)
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    stored: dict[str, Lesson] = {}
    for module, imported in zip(kept, modules, strict=True):
        for position, lesson in enumerate(imported.lessons, start=0 if replace else AT_THE_END):
            saved, outcome = _store(ctx, row, known, lesson, module_id=module.id, position=position)
            stored[str(lesson.source_path)] = saved
            counts[outcome] += 1
    _link_translations(ctx, modules, stored)
    gone = [lesson for path, (lesson, _) in known.lessons.items() if replace and path not in stored]
    _delete(ctx, row, gone)
    _settle(ctx, row, known, kept, replace=replace)
    if gone or counts["created"]:
        unsettle_links(ctx, row)
    recount(ctx, row)
    return ImportReport(modules=len(kept), deleted=len(gone), **counts)


def _refuse_doubles(modules: Sequence[ImportedModule]) -> None:
    seen: set[str | None] = set()
    for lesson in (lesson for module in modules for lesson in module.lessons):
        if lesson.source_path in seen:
            raise Invalid(f"Two lessons come from {lesson.source_path!r}. Each needs a path of its own.")
        seen.add(lesson.source_path)


def _place_modules(ctx: WriteCtx, course: Course, known: _Known, modules: Sequence[ImportedModule]) -> list[Module]:
    free = list(known.modules)
    kept: list[Module] = []
    for imported in modules:
        module = next((each for each in free if each.title == imported.title), None)
        if module is None:
            module = Module(course_id=course.id, position=0, title=imported.title)
            ctx.session.add(module)
        else:
            free.remove(module)
        module.summary = imported.summary
        kept.append(module)
    structure.place(kept)
    ctx.session.flush()
    return kept


def _store(
    ctx: WriteCtx, course: Course, known: _Known, lesson: LessonIn, *, module_id: UUID, position: int
) -> tuple[Lesson, str]:
    digest = hash_of(lesson.body)
    fields: dict[str, Any] = {
        "title": lesson.title,
        "kind": lesson.kind,
        "status": lesson.status,
        "language": lesson.language or course.language,
    }
    row, before = known.lessons.get(str(lesson.source_path), (None, ""))
    if row is None:
        row = Lesson(
            course_id=course.id,
            module_id=module_id,
            position=position,
            source_path=lesson.source_path,
            created_at=ctx.now,
            updated_at=ctx.now,
            **fields,
        )
        _write_version(ctx, row, lesson.body, digest)
        return row, "created"
    if position < AT_THE_END and (row.module_id, row.position) != (module_id, position):
        row.module_id, row.position = module_id, position
        ctx.emit(LessonMoved(course_id=course.id, lesson_id=row.id))
    reworded = digest != before or row.title != lesson.title
    changed = reworded or any(getattr(row, name) != value for name, value in fields.items())
    if not changed:
        return row, "unchanged"
    for name, value in fields.items():
        setattr(row, name, value)
    row.updated_at = ctx.now
    if reworded:
        row.version += 1
        _write_version(ctx, row, lesson.body, digest)
    else:
        current = select(LessonVersion.id).where(LessonVersion.lesson_id == row.id, LessonVersion.number == row.version)
        version_id = ctx.session.execute(current).scalar_one()
        ctx.emit(LessonChanged(course_id=course.id, lesson_id=row.id, version_id=version_id))
    return row, "updated"


def _write_version(ctx: WriteCtx, lesson: Lesson, body: str, digest: str) -> None:
    ctx.add(lesson)
    version = ctx.add(
        LessonVersion(
            lesson_id=lesson.id,
            number=lesson.version,
            title=lesson.title,
            body=body,
            text_hash=digest,
            note="Imported",
            author_id=ctx.actor.user_id,
            created_at=ctx.now,
        )
    )
    ctx.emit(LessonChanged(course_id=lesson.course_id, lesson_id=lesson.id, version_id=version.id))


def _link_translations(ctx: WriteCtx, modules: Sequence[ImportedModule], stored: dict[str, Lesson]) -> None:
    for lesson in (lesson for module in modules for lesson in module.lessons):
        original = stored.get(lesson.translation_of or "")
        own = stored[str(lesson.source_path)]
        own.translation_of_id = None if original is None or original is own else original.id
    ctx.session.flush()


def _delete(ctx: WriteCtx, course: Course, lessons: Sequence[Lesson]) -> None:
    if not lessons:
        return
    for lesson in lessons:
        ctx.emit(LessonDeleted(course_id=course.id, lesson_id=lesson.id))
    ctx.session.execute(delete(Lesson).where(Lesson.id.in_([lesson.id for lesson in lessons])))


def _settle(ctx: WriteCtx, course: Course, known: _Known, kept: list[Module], *, replace: bool) -> None:
    """Hand-written lessons follow the imported ones; modules that are neither wanted nor hold any go."""
    left = []
    first, then = (kept, known.modules) if replace else (known.modules, kept)
    for module in [*first, *(each for each in then if each not in first)]:
        lessons = structure.lessons_of(ctx, module.id)
        structure.place(sorted(lessons, key=lambda lesson: (replace and lesson.source_path is None, lesson.position)))
        if lessons or module in kept or not replace:
            left.append(module)
        else:
            ctx.session.delete(module)
    structure.place(left)
    ctx.session.flush()
