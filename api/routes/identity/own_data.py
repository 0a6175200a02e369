"""`/auth/data-exports`, `/auth/deletion`: a person's own data, handed out or deleted."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.identity.access.errors import ConfirmFirst, LastAdmin
from lms_core.identity.accounts.errors import WrongPassword
from lms_core.identity.auth.schemas import Proof
from lms_core.identity.erasure import service as erasure
from lms_core.identity.erasure.schemas import DeletionView
from lms_core.identity.portability import service as portability
from lms_core.identity.portability.errors import ExportGone, ExportTooSoon
from lms_core.identity.portability.schemas import ExportView
from lms_core.identity.secondfactor.errors import CodeRefused
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, TooManyRequests, Unauthenticated
from workers.runtime import Runtime

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post(
    "/data-exports",
    status_code=202,
    response_model=ExportView,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, ExportTooSoon),
)
def request_export(ctx: Writing) -> ExportView:
    """Have an archive of one's data made, once a day; a letter tells when it is there."""
    return portability.request(ctx)


@router.get("/data-exports", response_model=list[ExportView], responses=errors(Unauthenticated, Forbidden))
def list_exports(ctx: Reading) -> list[ExportView]:
    """One's last archives."""
    return portability.mine(ctx)


@router.get(
    "/data-exports/{export_id}/content",
    response_class=Response,
    responses={
        **errors(Unauthenticated, Forbidden, ConfirmFirst, ExportGone),
        200: {"content": {"application/zip": {}}},
    },
)
def fetch_export(ctx: Reading, runtime: RuntimeDep, export_id: UUID) -> Response:
    """The archive, for its owner."""
    return archive(runtime, ctx, export_id)


def archive(runtime: Runtime, ctx: ReadCtx, export_id: UUID) -> Response:
    """An archive of the actor's data as a file to save. ExportGone, Forbidden."""
    with runtime.database.write(ctx.actor, request_id=ctx.request_id) as writing:
        pieces = portability.content(writing, export_id=export_id)
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "private, no-store"}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@router.post(
    "/deletion",
    status_code=202,
    response_model=DeletionView,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, WrongPassword, CodeRefused, LastAdmin, TooManyRequests),
)
def request_deletion(ctx: Reading, runtime: RuntimeDep, client: ClientDep, proof: Proof) -> DeletionView:
    """Have one's account deleted in 14 days; a fresh proof may come along. Logging in again keeps it."""
    return erasure.request_own(runtime.database, actor=ctx.actor, proof=proof, client=client)
