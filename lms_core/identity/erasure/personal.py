"""What deletions hold about a person."""

from lms_core.identity.erasure.models import AccountDeletion
from lms_core.kit.personal import Act, Stays, declare

declare(
    "account_deletions",
    Stays(AccountDeletion.user_id, why="shows that the deletion was asked for and done; holds two dates"),
    Act(AccountDeletion.requested_by, why="who asked for it is in the audit log"),
)
