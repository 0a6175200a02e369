"""What accounts hold about a person. The account itself is emptied last (`accounts.anonymise`)."""

from lms_core.identity.accounts.models import AccountLink, User
from lms_core.kit.personal import Mine, Stays, declare

declare(
    "account",
    Stays(
        User.id,
        why="the row stays empty: certificates and the audit log refer to its id",
        without=frozenset({"password_hash", "email_key", "is_service"}),
    ),
    Mine(AccountLink.user_id, without=frozenset({"token_hash", "email_key"})),
)
