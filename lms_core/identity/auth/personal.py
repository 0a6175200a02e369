"""What logins hold about a person."""

from lms_core.identity.auth.models import AuthSession, RefreshToken
from lms_core.kit.personal import Mine, declare

declare(
    "logins",
    Mine(AuthSession.user_id, without=frozenset({"cookie_hash"})),
    Mine(RefreshToken.session_id, via=AuthSession.user_id, without=frozenset({"token_hash"})),
)
