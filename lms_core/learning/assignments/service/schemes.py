"""Rubrics and marking guides of a course, to be used by any of its assignments."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import queries, views
from lms_core.learning.assignments.errors import SchemeInUse, SchemeNotFound
from lms_core.learning.assignments.models import MarkingScheme
from lms_core.learning.assignments.schemas import SchemeIn, SchemeView


def add_scheme(ctx: WriteCtx, course: str | UUID, *, scheme: SchemeIn) -> SchemeView:
    """A new rubric or marking guide, for the course's editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    criteria = [each.model_dump() for each in scheme.criteria]
    row = MarkingScheme(course_id=card.id, title=scheme.title, kind=scheme.kind, criteria=criteria, updated_at=ctx.now)
    return _view(ctx.add(row), in_use=False)


def change_scheme(ctx: WriteCtx, scheme_id: UUID, *, scheme: SchemeIn) -> SchemeView:
    """Replace a scheme nobody was marked by; SchemeInUse otherwise."""
    row = _unused(ctx, scheme_id)
    row.title, row.kind, row.updated_at = scheme.title, scheme.kind, ctx.now
    row.criteria = [each.model_dump() for each in scheme.criteria]
    ctx.session.flush()
    return _view(row, in_use=False)


def delete_scheme(ctx: WriteCtx, scheme_id: UUID) -> None:
    """Delete a scheme nobody was marked by; assignments that chose it are marked by points alone."""
    row = _unused(ctx, scheme_id)
    ctx.session.execute(delete(MarkingScheme).where(MarkingScheme.id == row.id))


def read_scheme(ctx: ReadCtx, scheme_id: UUID) -> SchemeView:
    """A scheme, for the course's editors. Three statements."""
    row = _editors(ctx, scheme_id)
    return _view(row, in_use=queries.scheme_used(ctx, row.id))


def schemes_of(ctx: ReadCtx, course: str | UUID) -> list[SchemeView]:
    """The schemes of a course, oldest first, for its editors. Two statements and that of the access."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    used = queries.schemes_used(ctx, card.id)
    wanted = select(MarkingScheme).where(MarkingScheme.course_id == card.id).order_by(MarkingScheme.id)
    return [_view(row, in_use=row.id in used) for row in ctx.session.execute(wanted).scalars()]


def _editors(ctx: ReadCtx, scheme_id: UUID, *, lock: bool = False) -> MarkingScheme:
    wanted = select(MarkingScheme).where(MarkingScheme.id == scheme_id)
    row: MarkingScheme | None = ctx.session.execute(
        wanted.with_for_update(key_share=True) if lock else wanted
    ).scalar_one_or_none()
    if row is None:
        raise SchemeNotFound()
    try:
        courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    except CourseNotFound as error:
        raise SchemeNotFound() from error
    return row


def _unused(ctx: WriteCtx, scheme_id: UUID) -> MarkingScheme:
    row = _editors(ctx, scheme_id, lock=True)
    if queries.scheme_used(ctx, row.id):
        raise SchemeInUse()
    return row


def _view(row: MarkingScheme, *, in_use: bool) -> SchemeView:
    view = views.scheme(row, in_use=in_use)
    assert view is not None
    return view
