"""Who may open a gradebook: those who mark, those who set it up, and each learner for their own."""

from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import service as enrolments

MARKERS_ONLY = "Only instructors of this course see and change the grades of others. Ask one of them."
EDITORS_ONLY = "Only instructors of this course set up its gradebook. Ask one of them."


def access_marking(ctx: ReadCtx, course: str | UUID) -> CourseCard:
    """The course, for who marks in it; CourseNotFound for outsiders, Forbidden for its learners."""
    return _staffed(ctx, course, Permission.ATTEMPT_GRADE)


def access_setup(ctx: ReadCtx, course: str | UUID) -> CourseCard:
    """The course, for who edits it; CourseNotFound for outsiders, Forbidden for its learners."""
    return _staffed(ctx, course, Permission.COURSE_EDIT)


def _staffed(ctx: ReadCtx, course: str | UUID, permission: Permission) -> CourseCard:
    card = courses.access_course(ctx, course, Permission.COURSE_LEARN, even_archived=True)
    if ctx.actor.may(permission, course_id=card.id):
        return card
    enrolments.access_reading(ctx, card.id)
    raise Forbidden(MARKERS_ONLY if permission is Permission.ATTEMPT_GRADE else EDITORS_ONLY)
