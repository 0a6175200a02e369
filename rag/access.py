"""Who may ask a course, and who may look after its answers."""

from dataclasses import dataclass
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import AssistantPolicy
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release


class NotEnrolled(Forbidden):
    """Asking is for those who take the course."""

    code = "not_enrolled"
    title = "Enrol in the course to ask it questions"


class AssistantClosed(Forbidden):
    """An open quiz of this course switches the assistant off."""

    code = "assistant_closed_during_exam"
    title = "The assistant is closed while your quiz is open"

    def __init__(self) -> None:
        super().__init__("The quiz you are taking does not allow the assistant. Submit it first; then ask again.")


@dataclass(frozen=True, slots=True)
class CourseAccess:
    """A course this person may use; `editor` sees its drafts too; `hints_only` while an open quiz says so."""

    course_id: UUID
    slug: str
    language: str
    editor: bool
    hints_only: bool = False


def access_to_ask(ctx: ReadCtx, *, course: str) -> CourseAccess:
    """The course, for someone enrolled in it or editing it. Outsiders of drafts get NotFound.

    AssistantClosed while the person takes a quiz of the course that switches the assistant off.
    """
    found = courses.access_course(ctx, course, Permission.COURSE_LEARN)
    editor = ctx.actor.may(Permission.COURSE_EDIT, course_id=found.id)
    if not editor and not enrolments.is_enrolled(ctx, found.id):
        raise NotEnrolled("Enrol in this course first; it takes one click on the course page.")
    policy = assessments.assistant_policy(ctx, found.id)
    if policy == AssistantPolicy.OFF:
        raise AssistantClosed()
    return CourseAccess(found.id, found.slug, found.language, editor, hints_only=policy == AssistantPolicy.HINTS)


def locked_for(ctx: ReadCtx, *, course_id: UUID, user_id: UUID) -> frozenset[UUID]:
    """Lessons of a course that are locked for this person, whoever acts. One statement; where it has rules three."""
    card = courses.cards(ctx, [course_id]).get(course_id)
    return release.locked_for(ctx, card, user_id=user_id) if card is not None else frozenset()


def access_to_edit(ctx: ReadCtx, *, course: str, permission: Permission) -> CourseAccess:
    """The course, for those who hold `permission` on it."""
    found = courses.access_course(ctx, course, permission)
    return CourseAccess(found.id, found.slug, found.language, editor=True)
