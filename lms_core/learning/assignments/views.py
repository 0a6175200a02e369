"""From rows to views."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from lms_core.content.courses.schemas import CourseCard
from lms_core.learning.assignments.models import (
    Assignment,
    MarkingScheme,
    Submission,
    SubmissionFile,
    SubmissionMark,
)
from lms_core.learning.assignments.penalties import days_late
from lms_core.learning.assignments.schemas import AssignmentCard, AssignmentDetail, Criterion, SchemeView
from lms_core.learning.assignments.sheets import FileView, MarkView, PeerFeedback, SubmissionView

CARD = tuple(AssignmentCard.model_fields)
DETAIL = tuple(each for each in AssignmentDetail.model_fields if each not in ("course_slug", "submissions"))


def card(row: Assignment | Row[Any]) -> AssignmentCard:
    """An assignment as lists show it, from its row or its columns."""
    return AssignmentCard(**{name: getattr(row, name) for name in CARD})


def detail(row: Assignment, course: CourseCard, *, submissions: int) -> AssignmentDetail:
    """An assignment for its editors."""
    fields = {name: getattr(row, name) for name in DETAIL}
    return AssignmentDetail(**fields, course_slug=course.slug, submissions=submissions)


def criteria_of(row: MarkingScheme | None) -> tuple[Criterion, ...]:
    """The criteria of a scheme; none of no scheme."""
    return tuple(Criterion.model_validate(each) for each in row.criteria) if row is not None else ()


def scheme(row: MarkingScheme | None, *, in_use: bool = False) -> SchemeView | None:
    """A rubric or marking guide."""
    if row is None:
        return None
    criteria = criteria_of(row)
    return SchemeView(
        id=row.id,
        course_id=row.course_id,
        title=row.title,
        kind=row.kind,
        criteria=criteria,
        maximum=sum(each.maximum for each in criteria),
        in_use=in_use,
    )


def files(rows: Iterable[SubmissionFile]) -> tuple[FileView, ...]:
    """The files of a submission."""
    return tuple(FileView(id=row.id, name=row.name, media_type=row.media_type, size=row.size) for row in rows)


def mark(row: SubmissionMark, scheme_row: MarkingScheme | None) -> MarkView:
    """A mark with what it was given by."""
    return MarkView.model_validate(
        {name: getattr(row, name) for name in MarkView.model_fields if name != "scheme"}
        | {"scheme": scheme(scheme_row, in_use=True)}
    )


def submission(
    row: Submission,
    file_rows: Sequence[SubmissionFile],
    *,
    due_at: datetime | None,
    mark_view: MarkView | None,
    reviews: tuple[PeerFeedback, ...] = (),
) -> SubmissionView:
    """An attempt for its owners; the caller gives a mark only once it is released."""
    stored = ("id", "number", "status", "revision", "text", "saved_at", "submitted_at", "receipt")
    return SubmissionView(
        **{name: getattr(row, name) for name in stored},
        days_late=days_late(row.submitted_at, due_at) if row.submitted_at else 0,
        files=files(file_rows),
        mark=mark_view,
        reviews=reviews,
    )


def stand_in(submission_id: UUID) -> str:
    """What an owner is called while marking is anonymous: random digits of the submission."""
    return submission_id.hex[-6:].upper()


def owner_name(row: Any, assignment: Assignment, names: dict[UUID, str]) -> str:
    """Who a row of `queries.current_submissions` is of; a stand-in while marking is anonymous and not released."""
    one: Submission = row.Submission
    released = row.SubmissionMark is not None and row.SubmissionMark.released_at is not None
    if assignment.anonymous and not released:
        return stand_in(one.id)
    return str(row.group_name) if one.user_id is None else names.get(one.user_id, "")
