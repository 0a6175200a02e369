"""Fees of certificates: slices above say who owes one; a rule issues nothing to who owes, until it is paid."""

from collections.abc import Callable, Sequence
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.certificates import queries
from lms_core.learning.certificates.service.issuing import issue_for
from lms_core.learning.release import service as release

Fee = Callable[[ReadCtx, UUID, Sequence[UUID]], frozenset[UUID]]
FEES: list[Fee] = []


def fee(function: Fee) -> Fee:
    """Declare a fee: `(ctx, course_id, user_ids) -> those of them who owe it`."""
    if function not in FEES:
        FEES.append(function)
    return function


def owing(ctx: ReadCtx, course_id: UUID, users: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the people who owe a fee for this course's certificate."""
    return frozenset().union(*(each(ctx, course_id, users) for each in FEES))


def paid(ctx: WriteCtx, *, user_id: UUID, course_id: UUID) -> None:
    """Issue by its rule what somebody earned and has paid for now. The caller has authorised. Safe to repeat."""
    template = queries.template_of(ctx, course_id)
    if template is None or not template.issue_on_completion:
        return
    if course_id not in release.completed_courses(ctx, [course_id], user_id=user_id):
        return
    try:
        card = courses.access_course(ctx, course_id, Permission.COURSE_LEARN, even_archived=True)
    except CourseNotFound:  # deleted, or a draft again, meanwhile
        return
    if user_id not in owing(ctx, course_id, [user_id]):
        issue_for(ctx, card, users=[user_id])
