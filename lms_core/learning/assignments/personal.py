"""What assignments hold about a person."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.assignments.models import (
    Extension,
    GroupMember,
    PeerReview,
    Submission,
    SubmissionFile,
    SubmissionMark,
)

declare(
    "assignments",
    Mine(GroupMember.user_id),
    Mine(Extension.user_id),
    Mine(Submission.user_id),
    Act(Submission.submitted_by, only=("id", "assignment_id", "submitted_at", "receipt")),
    Mine(SubmissionFile.submission_id, via=Submission.user_id),
    Mine(SubmissionMark.submission_id, via=Submission.user_id, without=frozenset({"marked_by"})),
    Act(SubmissionMark.marked_by, only=("id", "submission_id", "points", "comment", "marked_at")),
    Mine(PeerReview.reviewer_id),
)
