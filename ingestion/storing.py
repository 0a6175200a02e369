"""From a course on paper to a stored course: lessons, their pictures, and the quizzes and assignments among them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select

from ingestion.imports.schemas import ImportOptions
from ingestion.sources.schemas import CourseDraft, LessonDraft, ModuleDraft, QuizDraft
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import Lesson, LessonKind, LessonStatus
from lms_core.content.courses.schemas import CourseIn, ImportedModule, LessonIn
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.identity.access import service as access
from lms_core.kit.context import Actor, Work, WriteCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import MAXIMUM_QUESTIONS, ImportedQuiz, QuestionIn
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.schemas import AssignmentIn

TITLE_LENGTH = 200
LESSON_TITLE_LENGTH = 300

log = structlog.get_logger(__name__)


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
        return access.actor_of(view, owner_id)


def open_course(ctx: WriteCtx, draft: CourseDraft, *, options: ImportOptions) -> UUID:
    """The course that has the draft's slug, else a new one, as with `options.new`.

    Forbidden when it is not the actor's to edit.
    """
    slug = options.slug or ("" if options.new else draft.slug)
    if slug and not options.new:
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
    quizzes = [quiz for module in draft.modules for lesson in module.lessons if (quiz := _quiz(lesson)) is not None]
    assessments.import_quizzes(ctx, course_id, quizzes=quizzes, replace=replace)
    _add_assignments(ctx, course_id, draft)
    if publish:
        courses.publish(ctx, course_id)
    paths = [lesson.source_path for module in draft.modules for lesson in module.lessons]
    return Stored(course_id, _ids_of(ctx, course_id, paths))


def _add_assignments(ctx: WriteCtx, course_id: UUID, draft: CourseDraft) -> None:
    """A draft beside each lesson that asks for work, unless it has one already: what was set up here stays."""
    wanted = [lesson for module in draft.modules for lesson in module.lessons if lesson.assignment is not None]
    if not wanted:
        return
    rows = ctx.session.execute(
        select(Lesson.source_path, Lesson.id).where(Lesson.course_id == course_id, Lesson.source_path.is_not(None))
    )
    lessons = {row.source_path: row.id for row in rows}
    there = {each.lesson_id for each in assignments.marked_in(ctx, course_id).values()}
    for lesson in wanted:
        lesson_id = lessons.get(lesson.source_path)
        if lesson_id is None or lesson_id in there or lesson.assignment is None:
            continue
        asked = lesson.assignment
        assignment = AssignmentIn(
            title=_shortened(lesson.title, LESSON_TITLE_LENGTH),
            lesson_id=lesson_id,
            points=asked.points,
            takes_text=asked.takes_text,
            takes_files=asked.takes_files,
        )
        assignments.create(ctx, course_id, assignment=assignment)


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
        status=LessonStatus.DRAFT if lesson.hidden else LessonStatus.PUBLISHED,
        source_path=lesson.source_path,
        translation_of=lesson.translation_of,
    )


def _quiz(lesson: LessonDraft) -> ImportedQuiz | None:
    """The quiz that stands beside a lesson; None without a question that can be graded."""
    questions = _questions(lesson.source_path, lesson.quiz) if lesson.quiz is not None else []
    if not questions:
        return None
    return ImportedQuiz(
        source_path=lesson.source_path,
        title=_shortened(lesson.title, LESSON_TITLE_LENGTH),
        language=lesson.language,
        lesson_source_path=lesson.source_path,
        hidden=lesson.hidden,
        questions=questions,
    )


def _questions(path: str, quiz: QuizDraft) -> list[QuestionIn]:
    found = []
    for question in quiz.questions:
        try:
            found.append(QuestionIn.model_validate(asdict(question)))
        except ValidationError as error:  # it stays on the lesson's page, to practise with
            log.warning("import.question_not_gradable", path=path, errors=error.error_count())
    return found[:MAXIMUM_QUESTIONS]


def _shortened(text: str, length: int) -> str:
    clean = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return clean[:length] or "Untitled"
