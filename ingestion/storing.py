"""From a course on paper to a stored course."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from ingestion.imports.schemas import ImportOptions
from ingestion.sources.schemas import CourseDraft, LessonDraft, ModuleDraft
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import Lesson, LessonKind
from lms_core.content.courses.schemas import CourseIn, ImportedModule, LessonIn
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.identity.access import service as access
from lms_core.kit.context import Actor, Work, WriteCtx
from lms_core.kit.permissions import Permission

TITLE_LENGTH = 200
LESSON_TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Stored:
    """What a draft became."""

    course_id: UUID
    lesson_ids: tuple[UUID, ...]


def store_course(
    work: Work,
    draft: CourseDraft,
    *,
    into: UUID | None,
    owner_id: UUID | None,
    options: ImportOptions,
    replace: bool = True,
) -> Stored:
    """Store a draft in the course `into`, or in the one that `open_course` gives.

    Lessons are known by their source path: storing the same draft twice makes
    no second lesson and no new version of an unchanged one. `replace` removes imported
    lessons that the draft lacks. Raises DomainError when the owner may not edit the course.
    """
    actor = author(work, owner_id)
    course_id = into
    if course_id is None:
        with work.database.write(actor, request_id=work.job.request_id) as ctx:
            course_id = open_course(ctx, draft, options=options)
        actor = author(work, owner_id)  # whoever makes a course becomes its instructor
    # Pictures go up before the lessons that show them, and outside any transaction.
    pictures = {
        asset.path: files.upload(work.resources, tenant_id=work.actor.tenant_id, owner_id=course_id, source=asset.file)
        for asset in draft.assets
    }
    with work.database.write(actor, request_id=work.job.request_id) as ctx:
        stored = _store_lessons(ctx, course_id, draft, pictures, replace=replace, publish=options.publish)
    _render(work, actor, course_id)
    return stored


def author(work: Work, owner_id: UUID | None) -> Actor:
    """The person whose import this is, with the rights they hold now; the system when nobody's."""
    if owner_id is None:
        return work.actor
    with work.read() as view:
        roles, course_roles = access.roles_of(view, owner_id)
    return Actor(tenant_id=work.actor.tenant_id, user_id=owner_id, roles=roles, course_roles=course_roles)


def open_course(ctx: WriteCtx, draft: CourseDraft, *, options: ImportOptions) -> UUID:
    """The course that has the draft's slug, else a new one. Forbidden when it is not the actor's to edit."""
    slug = options.slug or draft.slug
    if slug:
        with suppress(CourseNotFound):
            return courses.access_course(ctx, slug, Permission.COURSE_EDIT).id
    course_in = CourseIn(
        title=_shortened(options.title or draft.title, TITLE_LENGTH),
        slug=slug or None,
        summary=draft.summary[:5000],
        language=options.language or draft.language,
        tags=[tag[:60] for tag in draft.tags[:20]],
    )
    return courses.create(ctx, course=course_in, kind=draft.kind).id


def _render(work: Work, actor: Actor, course_id: UUID) -> None:
    """Render in short transactions until nothing waits."""
    waiting = 1
    while waiting:
        with work.database.write(actor) as ctx:
            waiting = courses.render_pending(ctx, course_id)


def _store_lessons(
    ctx: WriteCtx,
    course_id: UUID,
    draft: CourseDraft,
    pictures: dict[str, StoredFile],
    *,
    replace: bool,
    publish: bool,
) -> Stored:
    for path, stored in pictures.items():
        files.attach(ctx, owner_id=course_id, path=path, stored=stored)
    modules = [_module(module) for module in draft.modules]
    courses.import_outline(ctx, course_id, modules=modules, replace=replace)
    if publish:
        courses.publish(ctx, course_id)
    paths = [lesson.source_path for module in draft.modules for lesson in module.lessons]
    return Stored(course_id, _ids_of(ctx, course_id, paths))


def _ids_of(ctx: WriteCtx, course_id: UUID, paths: Sequence[str]) -> tuple[UUID, ...]:
    rows = ctx.session.execute(select(Lesson.id).where(Lesson.course_id == course_id, Lesson.source_path.in_(paths)))
    return tuple(rows.scalars())


def _module(module: ModuleDraft) -> ImportedModule:
    return ImportedModule(
        title=_shortened(module.title, TITLE_LENGTH),
        summary=module.summary[:5000],
        lessons=[_lesson(lesson) for lesson in module.lessons],
    )


def _lesson(lesson: LessonDraft) -> LessonIn:
    return LessonIn(
        title=_shortened(lesson.title, LESSON_TITLE_LENGTH),
        body=lesson.body.replace("\x00", ""),
        language=lesson.language,
        kind=LessonKind(lesson.kind),
        source_path=lesson.source_path,
        translation_of=lesson.translation_of,
    )


def _shortened(text: str, length: int) -> str:
    clean = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return clean[:length] or "Untitled"
