"""Facts about logins."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class LoggedIn(Event):
    """A person began a session."""

    name: ClassVar[str] = "auth.logged_in"
    user_id: UUID
    session_id: UUID


class TokenReused(Event):
    """A used refresh token came again: it was stolen, or a client is broken. The session is over."""

    name: ClassVar[str] = "auth.token_reused"
    user_id: UUID
    session_id: UUID
