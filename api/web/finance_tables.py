"""What lists of the finances share: a form in a row that was refused keeps what was written, and says why there."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from pydantic import ValidationError

from api.web.refusals import errors_told
from api.web.rendering import words
from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import DomainError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the form of the row `at` was refused, and what was written in it."""

    at: UUID | None
    why: str
    written: str
    status: int


def refused(
    request: Request, ctx: WriteCtx, error: ValidationError | DomainError, *, at: UUID | None, written: str = ""
) -> Refusal:
    """The refusal as the page tells it; nothing that was begun stays. What is forbidden or not there is raised."""
    if isinstance(error, DomainError) and error.status in (403, 404):
        raise error
    told = errors_told(words(request, ctx.actor), error)
    ctx.session.rollback()
    return Refusal(at, " ".join(told.values()), written, getattr(error, "status", 422))
