"""Groups of an assignment, made by its instructors."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import queries
from lms_core.learning.assignments.errors import AssignmentInUse, GroupNotFound
from lms_core.learning.assignments.models import Assignment, AssignmentGroup, GroupMember, Submission
from lms_core.learning.assignments.schemas import GroupIn, GroupView
from lms_core.learning.assignments.service.access import editable, staffed
from lms_core.learning.enrolments import service as enrolments


def add_group(ctx: WriteCtx, assignment_id: UUID, *, group: GroupIn) -> GroupView:
    """A new group of learners of the course; whoever was in another group of the assignment moves. Invalid: the name.

    For who edits the course.
    """
    assignment, _ = editable(ctx, assignment_id)
    _check_name(ctx, assignment, group.name, but=None)
    row = ctx.add(AssignmentGroup(assignment_id=assignment.id, name=group.name))
    return _fill(ctx, assignment, row, group.emails)


def change_group(ctx: WriteCtx, assignment_id: UUID, *, group_id: UUID, group: GroupIn) -> GroupView:
    """Rename a group and make its members these. GroupNotFound."""
    assignment, _ = editable(ctx, assignment_id)
    row = _group(ctx, assignment, group_id)
    _check_name(ctx, assignment, group.name, but=row.id)
    row.name = group.name
    ctx.session.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
    return _fill(ctx, assignment, row, group.emails)


def delete_group(ctx: WriteCtx, assignment_id: UUID, *, group_id: UUID) -> None:
    """Delete a group that wrote nothing yet; AssignmentInUse otherwise."""
    assignment, _ = editable(ctx, assignment_id)
    row = _group(ctx, assignment, group_id)
    if ctx.session.execute(select(Submission.id).where(Submission.group_id == row.id).limit(1)).first():
        raise AssignmentInUse("The group has begun. Move its members to another group instead.")
    ctx.session.execute(delete(AssignmentGroup).where(AssignmentGroup.id == row.id))


def groups_of(ctx: ReadCtx, assignment_id: UUID) -> list[GroupView]:
    """The groups of an assignment with their members, for who marks. Four statements and those of the access."""
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    wanted = select(AssignmentGroup).where(AssignmentGroup.assignment_id == assignment.id)
    rows = list(ctx.session.execute(wanted.order_by(AssignmentGroup.name)).scalars())
    return _views(ctx, rows) if rows else []


def _fill(ctx: WriteCtx, assignment: Assignment, row: AssignmentGroup, emails: Sequence[str]) -> GroupView:
    learners = set(enrolments.learners_of(ctx, assignment.course_id))
    known = accounts.ids_of_emails(ctx, emails)
    ids = list(dict.fromkeys(known[each] for each in emails if known.get(each) in learners))
    ctx.session.execute(
        delete(GroupMember).where(GroupMember.assignment_id == assignment.id, GroupMember.user_id.in_(ids))
    )
    ctx.session.add_all([GroupMember(assignment_id=assignment.id, group_id=row.id, user_id=each) for each in ids])
    ctx.session.flush()
    unknown = tuple(each for each in emails if known.get(each) not in learners)
    return _views(ctx, [row])[0].model_copy(update={"unknown": unknown})


def _views(ctx: ReadCtx, rows: Sequence[AssignmentGroup]) -> list[GroupView]:
    members = queries.members(ctx, [row.id for row in rows])
    everybody = [each for ids in members.values() for each in ids]
    names, emails = accounts.names_of(ctx, everybody), accounts.emails_of(ctx, everybody)
    return [
        GroupView(
            id=row.id,
            name=row.name,
            members=tuple(names.get(each, "") for each in members.get(row.id, ())),
            emails=tuple(emails.get(each, "") for each in members.get(row.id, ())),
        )
        for row in rows
    ]


def _group(ctx: ReadCtx, assignment: Assignment, group_id: UUID) -> AssignmentGroup:
    wanted = select(AssignmentGroup).where(
        AssignmentGroup.id == group_id, AssignmentGroup.assignment_id == assignment.id
    )
    row: AssignmentGroup | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise GroupNotFound()
    return row


def _check_name(ctx: ReadCtx, assignment: Assignment, name: str, *, but: UUID | None) -> None:
    wanted = select(AssignmentGroup.id).where(
        AssignmentGroup.assignment_id == assignment.id, AssignmentGroup.name == name
    )
    if ctx.session.execute(wanted).scalar_one_or_none() not in (None, but):
        told = "Another group has this name. Choose another one."
        raise Invalid(told, fields=[{"field": "name", "message": told}])
