"""Files of submissions, for those who may read them: owners, markers, and who was drawn to review."""

from uuid import UUID

from sqlalchemy import select

from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments.drawers import drawer_of
from lms_core.learning.assignments.errors import SubmissionNotFound
from lms_core.learning.assignments.models import (
    Assignment,
    PeerReview,
    Submission,
    SubmissionFile,
    SubmissionStatus,
)
from lms_core.learning.assignments.service.access import members_of


def access_file(ctx: ReadCtx, file_id: UUID) -> AssetView:
    """A stored file of a submission; SubmissionNotFound for whom it is not for. Four statements."""
    wanted = (
        select(SubmissionFile.path, Submission, Assignment.course_id)
        .join(Submission, Submission.id == SubmissionFile.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(SubmissionFile.id == file_id)
    )
    row = ctx.session.execute(wanted).one_or_none()
    if row is None or not _may_read(ctx, row.Submission, row.course_id):
        raise SubmissionNotFound()
    return files.find(ctx, owner_id=drawer_of(row.course_id), path=row.path)


def _may_read(ctx: ReadCtx, submission: Submission, course_id: UUID) -> bool:
    if ctx.actor.user_id in members_of(ctx, submission):
        return True
    if submission.status != SubmissionStatus.SUBMITTED:
        return False
    if ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=course_id):
        return True
    wanted = select(PeerReview.id).where(
        PeerReview.submission_id == submission.id, PeerReview.reviewer_id == ctx.actor.user_id
    )
    return ctx.session.execute(wanted).first() is not None
