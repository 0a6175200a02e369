"""Selects of assignments."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, func, or_, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.learning.assignments.models import (
    Assignment,
    AssignmentGroup,
    AssignmentStatus,
    Extension,
    GroupMember,
    MarkingScheme,
    Submission,
    SubmissionFile,
    SubmissionMark,
    SubmissionMatch,
    SubmissionStatus,
)
from lms_core.learning.assignments.schemas import AssignmentCard

_CARDS = select(*(getattr(Assignment, name) for name in AssignmentCard.model_fields))
_PUBLISHED_IN = prepared(
    _CARDS.where(
        Assignment.course_id == bindparam("course_id"), Assignment.status == AssignmentStatus.PUBLISHED.value
    ).order_by(Assignment.id)
)
_BESIDE = prepared(
    _CARDS.where(
        Assignment.lesson_id == bindparam("lesson_id"), Assignment.status == AssignmentStatus.PUBLISHED.value
    ).order_by(Assignment.id)
)


def beside(ctx: ReadCtx, lesson_id: UUID) -> Sequence[Row[Any]]:
    """The columns of the published assignments of a lesson, as `views.card` reads them. One statement."""
    found: Sequence[Row[Any]] = ctx.session.execute(_BESIDE, {"lesson_id": lesson_id}).all()
    return found


def cards_in(ctx: ReadCtx, course_id: UUID) -> Sequence[Row[Any]]:
    """The same columns of the published assignments of a course, oldest first. One statement."""
    found: Sequence[Row[Any]] = ctx.session.execute(_PUBLISHED_IN, {"course_id": course_id}).all()
    return found


def assignment(ctx: ReadCtx, assignment_id: UUID) -> Assignment | None:
    """The row of an assignment."""
    found: Assignment | None = ctx.session.execute(
        select(Assignment).where(Assignment.id == assignment_id)
    ).scalar_one_or_none()
    return found


def scheme(ctx: ReadCtx, scheme_id: UUID | None) -> MarkingScheme | None:
    """The row of a marking scheme; None of None without asking."""
    if scheme_id is None:
        return None
    found: MarkingScheme | None = ctx.session.execute(
        select(MarkingScheme).where(MarkingScheme.id == scheme_id)
    ).scalar_one_or_none()
    return found


def extensions(ctx: ReadCtx, assignment_id: UUID, users: Iterable[UUID]) -> list[Extension]:
    """The extensions of these people in one assignment."""
    wanted = select(Extension).where(Extension.assignment_id == assignment_id, Extension.user_id.in_(set(users)))
    return list(ctx.session.execute(wanted).scalars())


def group_of(ctx: ReadCtx, assignment_id: UUID, user_id: UUID) -> AssignmentGroup | None:
    """The group of a learner in one assignment."""
    wanted = (
        select(AssignmentGroup)
        .join(GroupMember, GroupMember.group_id == AssignmentGroup.id)
        .where(GroupMember.assignment_id == assignment_id, GroupMember.user_id == user_id)
    )
    found: AssignmentGroup | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def members(ctx: ReadCtx, groups: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The members of groups, by group, in the order they were put in."""
    wanted = select(GroupMember.group_id, GroupMember.user_id).where(GroupMember.group_id.in_(set(groups)))
    found: dict[UUID, list[UUID]] = {}
    for row in ctx.session.execute(wanted.order_by(GroupMember.id)):
        found.setdefault(row.group_id, []).append(row.user_id)
    return found


def submissions_of(ctx: ReadCtx, assignment_id: UUID, *, user_id: UUID | None, group_id: UUID | None) -> list[Any]:
    """The attempts of an owner, latest first, each with its mark (None: none)."""
    owned = Submission.group_id == group_id if group_id is not None else Submission.user_id == user_id
    wanted = (
        select(Submission, SubmissionMark)
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .where(Submission.assignment_id == assignment_id, owned)
        .order_by(Submission.number.desc())
    )
    return list(ctx.session.execute(wanted))


def files_of(ctx: ReadCtx, submissions: Iterable[UUID]) -> dict[UUID, list[SubmissionFile]]:
    """The files of submissions, by submission, in the order of their names. No statement for none."""
    ids = set(submissions)
    found: dict[UUID, list[SubmissionFile]] = {}
    if not ids:
        return found
    wanted = select(SubmissionFile).where(SubmissionFile.submission_id.in_(ids)).order_by(SubmissionFile.name)
    for row in ctx.session.execute(wanted).scalars():
        found.setdefault(row.submission_id, []).append(row)
    return found


def handed_in(ctx: ReadCtx, assignment_id: UUID) -> int:
    """How many attempts were submitted."""
    wanted = select(func.count(Submission.id)).where(
        Submission.assignment_id == assignment_id, Submission.status == SubmissionStatus.SUBMITTED
    )
    return int(ctx.session.execute(wanted).scalar_one())


def any_work(ctx: ReadCtx, assignment_id: UUID) -> bool:
    """Whether learners have drafts or submissions."""
    wanted = select(Submission.id).where(Submission.assignment_id == assignment_id).limit(1)
    return ctx.session.execute(wanted).first() is not None


def figures(ctx: ReadCtx, assignments: Sequence[UUID]) -> dict[UUID, Any]:
    """By assignment: current submissions, those without points, and those whose mark is not released."""
    wanted = (
        select(
            Submission.assignment_id,
            func.count().label("submitted"),
            func.sum(case((SubmissionMark.points.is_(None), 1), else_=0)).label("unmarked"),
            func.sum(
                case((SubmissionMark.points.is_not(None) & SubmissionMark.released_at.is_(None), 1), else_=0)
            ).label("unreleased"),
        )
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .where(Submission.assignment_id.in_(list(assignments)), Submission.current)
        .group_by(Submission.assignment_id)
    )
    return {row.assignment_id: row for row in ctx.session.execute(wanted)} if assignments else {}


def current_submissions(assignment_id: UUID) -> Any:
    """The current submissions of an assignment, each with its mark and the group's name."""
    return (
        select(Submission, SubmissionMark, AssignmentGroup.name.label("group_name"))
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .outerjoin(AssignmentGroup, AssignmentGroup.id == Submission.group_id)
        .where(Submission.assignment_id == assignment_id, Submission.current)
    )


def with_assignment(submissions: Iterable[UUID]) -> Any:
    """These submissions, each with its assignment, mark and the group's name."""
    return (
        select(Submission, Assignment, SubmissionMark, AssignmentGroup.name.label("group_name"))
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .outerjoin(AssignmentGroup, AssignmentGroup.id == Submission.group_id)
        .where(Submission.id.in_(list(submissions)))
    )


def similar(ctx: ReadCtx, submissions: Iterable[UUID]) -> dict[UUID, float]:
    """The highest share of text with another one, by submission."""
    ids = set(submissions)
    if not ids:
        return {}
    wanted = select(SubmissionMatch.first_id, SubmissionMatch.second_id, SubmissionMatch.share).where(
        or_(SubmissionMatch.first_id.in_(ids), SubmissionMatch.second_id.in_(ids))
    )
    found: dict[UUID, float] = {}
    for row in ctx.session.execute(wanted):
        for each in (row.first_id, row.second_id):
            found[each] = max(found.get(each, 0.0), row.share)
    return found


def scheme_used(ctx: ReadCtx, scheme_id: UUID) -> bool:
    """Whether somebody was marked by a scheme."""
    wanted = select(SubmissionMark.id).where(SubmissionMark.scheme_id == scheme_id).limit(1)
    return ctx.session.execute(wanted).first() is not None


def schemes_used(ctx: ReadCtx, course_id: UUID) -> set[UUID]:
    """The schemes of a course that somebody was marked by."""
    wanted = (
        select(SubmissionMark.scheme_id)
        .join(MarkingScheme, MarkingScheme.id == SubmissionMark.scheme_id)
        .where(MarkingScheme.course_id == course_id)
        .distinct()
    )
    return set(ctx.session.execute(wanted).scalars())
