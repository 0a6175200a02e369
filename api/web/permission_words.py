"""What each permission allows, in words: for scopes of API keys and for roles."""

from lms_core.kit.permissions import Permission


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PERMISSIONS = {
    Permission.ACCOUNT_MANAGE: _("Manage people: accounts, roles and ways to log in"),
    Permission.ATTEMPT_GRADE: _("Mark answers and see attempts at quizzes"),
    Permission.AUDIT_READ: _("Read the audit log"),
    Permission.BANK_EDIT: _("Change question banks of the whole institution"),
    Permission.CATALOGUE_EDIT: _("Arrange the catalogue: categories, tags and learning paths"),
    Permission.COURSE_CREATE: _("Make courses"),
    Permission.COURSE_EDIT: _("Change courses, their lessons and quizzes"),
    Permission.COURSE_LEARN: _("Take courses: read, ask, answer"),
    Permission.COURSE_OWN: _("Delete courses and give them away"),
    Permission.FAQ_EDIT: _("Answer and change frequent questions"),
    Permission.FINANCE_APPROVE: _("Approve payouts and payments by bank slip as the second person"),
    Permission.FINANCE_MANAGE: _("Handle money: prices, refunds, payouts and payment accounts"),
    Permission.FINANCE_READ: _("Read the books: orders, payments and the ledger"),
    Permission.INSIGHTS_READ: _("See what learners ask and how they get on"),
    Permission.JOB_MANAGE: _("Look after background work"),
    Permission.PROCTOR_REVIEW: _("Review supervised exams"),
    Permission.REVIEW_HIDE: _("Hide reviews of courses"),
}
