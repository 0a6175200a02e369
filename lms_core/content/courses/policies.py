"""Who may see and who may change a course."""

from uuid import UUID

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import STAFF_PERMISSIONS, Permission


def authorise(
    actor: Actor, *, course_id: UUID, status: str, permission: Permission, even_archived: bool = False
) -> None:
    """Let pass, or refuse: as missing to those who cannot see the course, as forbidden to those who can.

    Everybody sees a published course (an archived one when `even_archived`); only its staff see a draft.
    """
    if permission is not Permission.COURSE_OWN and actor.may(Permission.COURSE_EDIT, course_id=course_id):
        return
    visible = status == CourseStatus.PUBLISHED or (even_archived and status == CourseStatus.ARCHIVED)
    if not visible and not is_staff(actor, course_id):
        raise CourseNotFound()
    if permission is Permission.COURSE_OWN and not actor.may(permission, course_id=course_id):
        raise Forbidden("Only an owner of this course does that. Ask one of them, or an administrator.")
    if permission is not Permission.COURSE_LEARN and not actor.may(permission, course_id=course_id):
        raise Forbidden("Only instructors of this course do that. Ask one of them, or an administrator.")


def require_catalogue_editor(actor: Actor) -> None:
    """Refuse those who may not arrange the catalogue."""
    if not actor.may(Permission.CATALOGUE_EDIT):
        raise Forbidden("Only those who look after the catalogue do that. Ask an administrator.")


def is_staff(actor: Actor, course_id: UUID) -> bool:
    """Whether the actor edits the course, or marks or answers in it by a role that is of this course."""
    if actor.may(Permission.COURSE_EDIT, course_id=course_id):
        return True
    has_role_here = course_id in actor.course_roles or course_id in actor.course_granted
    return has_role_here and any(actor.may(each, course_id=course_id) for each in STAFF_PERMISSIONS)


def require_author(actor: Actor) -> None:
    """Refuse those who may not make courses."""
    if not actor.may(Permission.COURSE_CREATE):
        raise Forbidden("Only instructors make courses. Ask an administrator to make you one.")
