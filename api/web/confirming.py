"""The page that asks for a password, a code or a passkey once more, and leads back to what was to be done."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep
from api.routes.identity.callers import ClientDep
from api.routes.identity.confirming import ways_of
from api.web.forms import Errors, errors_of
from api.web.rendering import local_path, page, redirect, words
from lms_core.identity.auth import confirming
from lms_core.identity.auth.schemas import Proof
from lms_core.identity.oidc import service as oidc
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]
AFTER = "/profile/security"


@router.get("/confirm")
def ask(request: Request, ctx: Reading, next: str = "") -> Response:
    """Confirm that it is you."""
    return _page(request, ctx, next=next, errors={}, status=200)


@router.get("/confirm/done")
def done(ctx: Reading, next: str = "") -> Response:
    """Where the script goes once a passkey confirmed."""
    return redirect(local_path(next, otherwise=AFTER), notice="confirmed")


@router.post("/confirm")
def confirm(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    client: ClientDep,
    password: Line = "",
    code: Line = "",
    next: Line = "",
) -> Response:
    """Take the proof and go back."""
    try:
        proof = Proof(password=password, code=code)
        confirming.confirm(runtime.database, actor=ctx.actor, proof=proof, client=client)
    except (ValidationError, DomainError) as error:
        told = errors_of(error, words(request, ctx.actor))
        return _page(request, ctx, next=next, errors=told, status=getattr(error, "status", 422))
    return redirect(local_path(next, otherwise=AFTER), notice="confirmed")


def _page(request: Request, ctx: ReadCtx, *, next: str, errors: Errors, status: int) -> Response:
    return page(
        request,
        ctx.actor,
        "account/confirm.html",
        status=status,
        ways=ways_of(ctx),
        providers=oidc.providers(ctx),
        next=local_path(next, otherwise=AFTER),
        errors=errors,
    )
