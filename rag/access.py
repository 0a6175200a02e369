"""Who may ask a course, and who may look after its answers."""

from dataclasses import dataclass
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import service as enrolments


class NotEnrolled(Forbidden):
    """Asking is for those who take the course."""

    code = "not_enrolled"
    title = "Enrol in the course to ask it questions"


@dataclass(frozen=True, slots=True)
class CourseAccess:
    """A course this person may use; `editor` sees its drafts too."""

    course_id: UUID
    slug: str
    language: str
    editor: bool


def access_to_ask(ctx: ReadCtx, *, course: str) -> CourseAccess:
    """The course, for someone enrolled in it or editing it. Outsiders of drafts get NotFound."""
    found = courses.access_course(ctx, course, Permission.COURSE_LEARN)
    editor = ctx.actor.may(Permission.COURSE_EDIT, course_id=found.id)
    if not editor and not enrolments.is_enrolled(ctx, found.id):
        raise NotEnrolled("Enrol in this course first; it takes one click on the course page.")
    return CourseAccess(found.id, found.slug, found.language, editor)


def access_to_edit(ctx: ReadCtx, *, course: str, permission: Permission) -> CourseAccess:
    """The course, for those who hold `permission` on it."""
    found = courses.access_course(ctx, course, permission)
    return CourseAccess(found.id, found.slug, found.language, editor=True)
