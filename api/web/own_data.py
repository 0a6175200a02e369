"""One's own data as a page: an archive of it, and leaving for good."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import SESSION_COOKIE, Reading, RuntimeDep, Writing
from api.routes.identity.callers import ClientDep
from api.routes.identity.own_data import archive
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.identity.auth.schemas import Proof
from lms_core.identity.erasure import service as erasure
from lms_core.identity.portability import service as portability
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

PAGE = "/profile/data"


@router.get(PAGE)
def own_data(request: Request, ctx: Reading) -> Response:
    """One's archives, and the way out."""
    return _data_page(request, ctx)


@router.post(PAGE + "/exports")
def request_export(request: Request, ctx: Writing) -> Response:
    """Have an archive made."""
    try:
        portability.request(ctx)
    except ConfirmFirst:
        raise
    except DomainError as error:
        errors = errors_told(words(request, ctx.actor), error)
        return _data_page(request, ctx, errors={"export": errors[""]}, status=error.status)
    return redirect(PAGE, notice="export-requested")


@router.get(PAGE + "/exports/{export_id}")
def fetch_export(ctx: Reading, runtime: RuntimeDep, export_id: UUID) -> Response:
    """The archive as a file to save."""
    return archive(runtime, ctx, export_id)


@router.post(PAGE + "/deletion")
def request_deletion(request: Request, ctx: Reading, runtime: RuntimeDep, client: ClientDep) -> Response:
    """Have one's account deleted in 14 days; logged out at once."""
    try:
        erasure.request_own(runtime.database, actor=ctx.actor, proof=Proof(), client=client)
    except ConfirmFirst:
        raise
    except DomainError as error:
        errors = errors_told(words(request, ctx.actor), error)
        return _data_page(request, ctx, errors=errors, status=error.status)
    response = redirect("/login", notice="leaving")
    response.delete_cookie(SESSION_COOKIE)
    return response


def _data_page(request: Request, ctx: ReadCtx, *, errors: Errors | None = None, status: int = 200) -> Response:
    return page(
        request,
        ctx.actor,
        "account/data.html",
        status=status,
        exports=portability.mine(ctx),
        errors=errors or {},
    )
