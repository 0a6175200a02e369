"""Errors as RFC 9457 problem documents, or as a page for people in a browser."""

from collections.abc import Iterable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from lms_core.kit.errors import Conflict, DomainError, Invalid, NotFound, Unavailable

log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details, with a stable `code` and the request's id."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem] = []


def errors(*kinds: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may raise `kinds`."""
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = described.setdefault(kind.status, {"model": Problem, "description": ""})
        entry["description"] = f"{entry['description']}; {kind.title}".strip("; ")
    return described


def problem(request: Request, *, status: int, code: str, title: str, detail: str, **more: Any) -> Response:
    """The answer to a failed request: a page in a browser, else a problem document."""
    request_id = getattr(request.state, "request_id", "")
    body = {
        "type": f"https://mwalimu.invalid/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **more,
    }
    page = getattr(request.app.state, "error_page", None)
    if page is not None and _wants_page(request):
        rendered: Response = page(request, body)
        return rendered
    localise = getattr(request.app.state, "error_detail", None)
    if localise is not None:  # RFC 9457, 3.1.4: words may follow Accept-Language; `code` and `title` stay as they are
        body["detail"] = localise(request.headers.get("accept-language", ""), code, detail)
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    more: dict[str, Any] = dict(error.extra)
    if error.fields:
        more["errors"] = error.fields
    answer = problem(request, status=error.status, code=error.code, title=error.title, detail=error.detail, **more)
    if "retry_after" in error.extra:
        answer.headers["Retry-After"] = str(error.extra["retry_after"])
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [_field(each) for each in error.errors()[:50]]
    return problem(
        request,
        status=422,
        code="malformed",
        title="The request is not well-formed",
        detail="See `errors` for each field and what is wrong with it.",
        errors=fields,
    )


def _field(each: dict[str, Any]) -> dict[str, str]:
    path: Iterable[object] = each.get("loc", ())
    return {"field": ".".join(str(part) for part in path), "message": str(each.get("msg", ""))}


HTTP_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = NotFound.title if error.status_code == 404 else str(error.detail)
    code = HTTP_CODES.get(error.status_code, "http_error")
    answer = problem(request, status=error.status_code, code=code, title=title, detail=str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _conflict(request: Request, error: Exception) -> Response:
    log.info("request.conflict", error=repr(error)[:300])
    detail = "Somebody changed the same thing at the same moment. Load it again and repeat."
    return problem(request, status=409, code=Conflict.code, title=Conflict.title, detail=detail)


def _unstorable(request: Request, error: Exception) -> Response:
    log.info("request.unstorable", error=repr(error)[:300])
    detail = "A value is too large, or holds a character that cannot be stored. Change it and send it again."
    return problem(request, status=422, code=Invalid.code, title=Invalid.title, detail=detail)


def _database_away(request: Request, error: Exception) -> Response:
    log.exception("request.database_unavailable", exc_info=error)
    detail = "The database does not answer. Try again in a minute."
    return problem(request, status=503, code=Unavailable.code, title=Unavailable.title, detail=detail)


def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("request.failed", exc_info=error)
    return problem(
        request,
        status=500,
        code="internal",
        title="Something went wrong on our side",
        detail="It has been written down under the request id. Trying again may help.",
    )


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(IntegrityError, _conflict)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(Exception, _unexpected)
