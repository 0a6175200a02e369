"""Extensions: later dates for one learner."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments.models import Assignment, Extension
from lms_core.learning.assignments.schemas import ExtensionIn, ExtensionView
from lms_core.learning.assignments.service.access import staffed
from lms_core.learning.assignments.service.marking import settle_again
from lms_core.learning.enrolments import service as enrolments


def set_extension(ctx: WriteCtx, assignment_id: UUID, *, given: ExtensionIn) -> ExtensionView:
    """Give a learner of the course later dates, in place of those they had; their marks are settled anew.

    For who marks. Invalid for an address of nobody in the course.
    """
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    user_id = accounts.ids_of_emails(ctx, [given.email]).get(given.email)
    if user_id is None or user_id not in enrolments.learners_of(ctx, assignment.course_id):
        told = "Nobody in this course has this address."
        raise Invalid(told, fields=[{"field": "email", "message": told}])
    _forget(ctx, assignment, user_id)
    row = ctx.add(
        Extension(
            assignment_id=assignment.id,
            user_id=user_id,
            due_at=given.due_at,
            cutoff_at=given.cutoff_at,
            reason=given.reason,
        )
    )
    settle_again(ctx, assignment, user_id=user_id)
    return _view(row, accounts.names_of(ctx, [user_id]))


def take_extension(ctx: WriteCtx, assignment_id: UUID, *, user_id: UUID) -> None:
    """Take an extension back; none there is fine."""
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    _forget(ctx, assignment, user_id)
    settle_again(ctx, assignment, user_id=user_id)


def extensions_of(ctx: ReadCtx, assignment_id: UUID) -> list[ExtensionView]:
    """Who has later dates, for who marks. Two statements and those of the access."""
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    rows = list(ctx.session.execute(select(Extension).where(Extension.assignment_id == assignment.id)).scalars())
    names = accounts.names_of(ctx, [row.user_id for row in rows])
    return sorted((_view(row, names) for row in rows), key=lambda each: each.user_name)


def _forget(ctx: WriteCtx, assignment: Assignment, user_id: UUID) -> None:
    ctx.session.execute(delete(Extension).where(Extension.assignment_id == assignment.id, Extension.user_id == user_id))


def _view(row: Extension, names: dict[UUID, str]) -> ExtensionView:
    return ExtensionView(
        user_id=row.user_id,
        user_name=names.get(row.user_id, ""),
        due_at=row.due_at,
        cutoff_at=row.cutoff_at,
        reason=row.reason,
    )
