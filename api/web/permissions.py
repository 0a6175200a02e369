"""Permissions in the words of the pages."""

from lms_core.kit.permissions import Permission


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PERMISSIONS = {
    Permission.ACCOUNT_MANAGE: _("Manage people and roles"),
    Permission.ATTEMPT_GRADE: _("Mark answers"),
    Permission.AUDIT_READ: _("Read the audit log"),
    Permission.BANK_EDIT: _("Change shared question banks"),
    Permission.CATALOGUE_EDIT: _("Arrange the catalogue"),
    Permission.COURSE_CREATE: _("Make courses"),
    Permission.COURSE_EDIT: _("Change courses and lessons"),
    Permission.COURSE_LEARN: _("Learn in courses"),
    Permission.COURSE_OWN: _("Delete courses and give them away"),
    Permission.FAQ_EDIT: _("Write approved answers"),
    Permission.INSIGHTS_READ: _("See what is asked"),
    Permission.JOB_MANAGE: _("Manage background work"),
    Permission.PROCTOR_REVIEW: _("Review supervised exams"),
    Permission.REVIEW_HIDE: _("Hide reviews of courses"),
}
