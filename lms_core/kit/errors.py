"""Domain errors: each knows its HTTP status, a stable code, and what to tell a person.

The API turns them into RFC 9457 problem documents. Slices subclass; nobody
raises an HTTP exception below `api`.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal a person or program can act on."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be done"

    def __init__(self, detail: str = "", *, fields: list[dict[str, str]] | None = None, **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields or []
        self.extra = extra


class NotFound(DomainError):
    """Missing, or not for this person: both look the same from outside."""

    status = 404
    code = "not_found"
    title = "There is nothing here"


class Forbidden(DomainError):
    """The person may see this but not do that."""

    status = 403
    code = "forbidden"
    title = "You may not do this"


class Unauthenticated(DomainError):
    """No valid credentials came with the request."""

    status = 401
    code = "unauthenticated"
    title = "Please log in first"


class Conflict(DomainError):
    """The present state does not allow it."""

    status = 409
    code = "conflict"
    title = "This conflicts with the present state"


class Invalid(DomainError):
    """Well-formed, but a value is not acceptable."""

    status = 422
    code = "invalid"
    title = "Some values are not acceptable"


class TooLarge(DomainError):
    """More bytes or items than the limit."""

    status = 413
    code = "too_large"
    title = "This is larger than allowed"


class TooManyRequests(DomainError):
    """A rate limit; `retry_after` (seconds) says when to come back."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests: please wait a little"

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A part this needs is not there now; trying again later is right."""

    status = 503
    code = "unavailable"
    title = "This is not available right now"
