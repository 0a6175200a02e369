"""Who may see and who may change a course."""

from uuid import UUID

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission


def authorise(
    actor: Actor, *, course_id: UUID, status: str, permission: Permission, even_archived: bool = False
) -> None:
    """Let pass, or refuse: as missing to those who cannot see the course, as forbidden to those who can.

    Everybody sees a published course (an archived one when `even_archived`); only its editors see a draft.
    """
    if actor.may(Permission.COURSE_EDIT, course_id=course_id):
        return
    visible = status == CourseStatus.PUBLISHED or (even_archived and status == CourseStatus.ARCHIVED)
    if not visible:
        raise CourseNotFound()
    if permission is not Permission.COURSE_LEARN and not actor.may(permission, course_id=course_id):
        raise Forbidden("Only instructors of this course do that. Ask one of them, or an administrator.")


def require_author(actor: Actor) -> None:
    """Refuse those who may not make courses."""
    if not actor.may(Permission.COURSE_CREATE):
        raise Forbidden("Only instructors make courses. Ask an administrator to make you one.")
