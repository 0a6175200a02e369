"""Verbs on copies: ask for one, follow it; begin a course from a template."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard, CourseIn, LessonIn, ModuleIn
from lms_core.content.media import service as media
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import STAY, Shift
from lms_core.kit.errors import Unauthenticated
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuizIn
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.models import SchemeKind
from lms_core.learning.assignments.schemas import AssignmentIn, Criterion, Level, SchemeIn
from lms_core.learning.copying import beginnings
from lms_core.learning.copying.beginnings import AssignmentData, Beginning, ModuleData
from lms_core.learning.copying.errors import BeginningNotFound, CopyNotFound
from lms_core.learning.copying.jobs import COPY
from lms_core.learning.copying.models import CopyState, CourseCopy
from lms_core.learning.copying.schemas import BeginIn, BeginningView, CopyIn, CopyView
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.release import service as release
from lms_core.learning.release.models import ConditionKind
from lms_core.learning.release.schemas import ConditionIn, RuleIn


def duplicate(ctx: WriteCtx, course: str | UUID, *, copy: CopyIn) -> CopyView:
    """Begin a copy of a course the actor edits, or of a template; a job fills the new draft, which is theirs.

    Dates move at the same time of the day in the actor's time zone. CourseNotFound, Forbidden; QuotaExceeded when the
    library does not fit once more; SlugTaken.
    """
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to copy a course.")
    source = courses.access_source(ctx, course)
    media.require_room_for_copy(ctx, source.id, user_id=ctx.actor.user_id)
    given = CourseIn(title=copy.title or source.title, slug=copy.slug, language=source.language)
    target = courses.create(ctx, course=given, kind=source.kind)
    row = ctx.add(CourseCopy(source_id=source.id, target_id=target.id, by=ctx.actor.user_id, created_at=ctx.now))
    shift = _shift(ctx, source.id, copy.starts_on, user_id=ctx.actor.user_id)
    ctx.enqueue(COPY, copy_id=str(row.id), days=shift.days, zone=shift.zone)
    return _view(row, target)


def first_date(ctx: ReadCtx, course_id: UUID, *, zone: str) -> date | None:
    """The first day that anything in a course names, if anything does. The caller edits it. Six statements."""
    found = (each.first_date(ctx, course_id, zone=zone) for each in (release, assessments, assignments, gradebook))
    return min((each for each in found if each is not None), default=None)


def _shift(ctx: ReadCtx, source: UUID, starts_on: date | None, *, user_id: UUID) -> Shift:
    if starts_on is None:
        return STAY
    zone = accounts.account(ctx, user_id=user_id).time_zone
    first = first_date(ctx, source, zone=zone)
    return STAY if first is None else Shift((starts_on - first).days, zone)


def access_copy(ctx: ReadCtx, copy_id: UUID) -> CopyView:
    """A copy on its way, for the editors of what it becomes. CopyNotFound for others. Two statements."""
    row: CourseCopy | None = ctx.session.execute(
        select(CourseCopy).where(CourseCopy.id == copy_id)
    ).scalar_one_or_none()
    if row is None or not courses.may_edit(ctx, row.target_id):
        raise CopyNotFound()
    return _view(row, courses.cards(ctx, [row.target_id])[row.target_id])


def under_way(ctx: ReadCtx, course_id: UUID) -> CopyView | None:
    """The copy that is just becoming this course, or could not; None once it is whole. One or two statements."""
    wanted = select(CourseCopy).where(CourseCopy.target_id == course_id, CourseCopy.state != CopyState.DONE)
    row: CourseCopy | None = ctx.session.execute(wanted.limit(1)).scalar_one_or_none()
    return None if row is None else _view(row, courses.cards(ctx, [course_id])[course_id])


def all_beginnings(language: str) -> list[BeginningView]:
    """The templates that come with the product, in a language of the interface."""
    return [_beginning_view(key, beginnings.beginning(key, language)) for key in beginnings.KEYS]


def begin(ctx: WriteCtx, *, course: BeginIn) -> CourseCard:
    """A new draft of the actor, filled from a template that comes with the product. BeginningNotFound, SlugTaken."""
    try:
        data = beginnings.beginning(course.beginning, course.language)
    except KeyError as error:
        raise BeginningNotFound() from error
    card = courses.create(ctx, course=CourseIn(**course.model_dump(exclude={"beginning"})))
    for module in data.modules:
        _add_modules(ctx, card, module)
    for quiz in data.quizzes:
        rules = QuizIn(
            title=quiz.title,
            instructions=quiz.instructions,
            time_limit_seconds=None if quiz.minutes is None else quiz.minutes * 60,
            attempts_allowed=quiz.attempts,
            passing_percent=quiz.passing_percent,
            shuffle_questions=quiz.shuffle,
        )
        assessments.create(ctx, card.id, quiz=rules)
    for assignment in data.assignments:
        _add_assignment(ctx, card, assignment)
    return courses.access_course(ctx, card.id)


def _add_modules(ctx: WriteCtx, card: CourseCard, data: ModuleData) -> None:
    for number in range(1, data.repeat + 1):
        module = courses.add_module(
            ctx, card.id, module=ModuleIn(title=_numbered(data.title, number), summary=_numbered(data.summary, number))
        )
        for lesson in data.lessons:
            text = LessonIn(title=_numbered(lesson.title, number), body=_numbered(lesson.body, number).lstrip())
            courses.add_lesson(ctx, card.id, module_id=module.id, lesson=text)
        if data.days_apart and number > 1:
            waits = ConditionIn(kind=ConditionKind.DAYS, days=data.days_apart * (number - 1))
            release.set_module_rule(ctx, module.id, rule=RuleIn(conditions=[waits]), results={})


def _add_assignment(ctx: WriteCtx, card: CourseCard, data: AssignmentData) -> None:
    criteria = [
        Criterion(
            id=f"c{place}",
            title=title,
            levels=[
                Level(id=f"l{step}", title=level, points=points) for step, (level, points) in enumerate(levels, start=1)
            ],
        )
        for place, (title, levels) in enumerate(data.rubric.items(), start=1)
    ]
    scheme = assignments.add_scheme(
        ctx, card.id, scheme=SchemeIn(title=data.title, kind=SchemeKind.RUBRIC, criteria=criteria)
    )
    given = AssignmentIn(
        title=data.title, instructions=data.instructions, points=data.points, scheme_id=scheme.id, takes_files=True
    )
    assignments.create(ctx, card.id, assignment=given)


def _numbered(text: str, number: int) -> str:
    return text.replace("{n}", str(number))


def _beginning_view(key: str, data: Beginning) -> BeginningView:
    titles = [_numbered(module.title, number) for module in data.modules for number in range(1, module.repeat + 1)]
    lessons = sum(module.repeat * len(module.lessons) for module in data.modules)
    return BeginningView(key=key, name=data.name, about=data.about, modules=tuple(titles), lessons=lessons)


def _view(row: CourseCopy, target: CourseCard) -> CopyView:
    return CopyView(
        id=row.id,
        target_id=target.id,
        target_slug=target.slug,
        target_title=target.title,
        state=row.state,
        done=row.done,
        total=row.total,
        percent=100 if row.state == CopyState.DONE else row.done * 100 // row.total if row.total else 0,
        reason=row.reason,
        created_at=row.created_at,
    )
