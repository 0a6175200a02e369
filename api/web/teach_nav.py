"""The parts of a course's instructor pages, in groups. A new part is one more line here.

`tab` is what a page of the part passes to the head; `path` follows `/teach/courses/{slug}`.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from lms_core.kit.context import Actor
from lms_core.kit.permissions import Permission


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Part:
    """A page, or several, that one link leads to, for those who hold `right` in the course."""

    tab: str
    path: str
    label: str
    right: Permission = Permission.COURSE_EDIT


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that belong together; the group's own link leads to the first."""

    label: str
    parts: tuple[Part, ...]


GROUPS = (
    Group(
        _("Content"),
        (
            Part("outline", "/outline", _("Lessons")),
            Part("release", "/release", _("Release")),
            Part("media", "/media", _("Files and videos")),
            Part("import", "/import", _("Import")),
        ),
    ),
    Group(
        _("Assess"),
        (
            Part("quizzes", "/quizzes", _("Quizzes"), Permission.ATTEMPT_GRADE),
            Part("banks", "/banks", _("Question banks")),
            Part("assignments", "/assignments", _("Assignments"), Permission.ATTEMPT_GRADE),
            Part("gradebook", "/gradebook", _("Gradebook"), Permission.ATTEMPT_GRADE),
            Part("certificates", "/certificates", _("Certificates")),
        ),
    ),
    Group(
        _("Learners"),
        (
            Part("cohorts", "/cohorts", _("Cohorts")),
            Part("announcements", "/announcements", _("Announcements")),
            Part("at-risk", "/at-risk", _("At risk"), Permission.INSIGHTS_READ),
            Part("questions", "/questions", _("Questions"), Permission.FAQ_EDIT),
        ),
    ),
    Group(
        _("Settings"),
        (
            Part("course", "", _("About")),
            Part("staff", "/staff", _("Staff")),
            Part("copy", "/copy", _("Copy and template")),
        ),
    ),
)


def groups_for(actor: Actor, course_id: UUID) -> tuple[Group, ...]:
    """The groups with the parts that `actor` may open in a course; those without any are left out."""
    allowed = (
        replace(group, parts=tuple(part for part in group.parts if actor.may(part.right, course_id=course_id)))
        for group in GROUPS
    )
    return tuple(group for group in allowed if group.parts)


def group_of(tab: str, groups: tuple[Group, ...]) -> Group:
    """The group a page belongs to; the first when it names no part."""
    return next((group for group in groups if any(part.tab == tab for part in group.parts)), groups[0])
