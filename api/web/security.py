"""How one logs in, as pages: codes of an authenticator and passkeys; and a login's second half."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api import cookies
from api.deps import Reading, RuntimeDep, VisitorReading, Writing
from api.routes.identity.callers import ClientDep, VisitorDep
from api.routes.identity.security import limited_own
from api.web.forms import Errors, errors_of
from api.web.rendering import local_path, page, redirect, words
from api.web.sessions import AFTER_LOGIN, DEVICE_COOKIE, with_session
from lms_core.identity.access import service as access
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.identity.alerts import service as alerts
from lms_core.identity.auth import second_step
from lms_core.identity.passkeys import service as passkeys
from lms_core.identity.passkeys.schemas import PasskeyName
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor import trust
from lms_core.identity.secondfactor.errors import CodeRefused
from lms_core.identity.secondfactor.schemas import CodeGiven, SecondStep
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]
SECURITY = "/profile/security"
Refusal = ValidationError | DomainError


@router.get("/login/second-step")
def second_step_lost(ctx: VisitorReading) -> Response:
    """A reload of the second half, whose challenge is gone from the page: the login begins again."""
    return redirect("/login")


@router.post("/login/second-step")
def second_login_step(
    request: Request,
    runtime: RuntimeDep,
    visitor: VisitorDep,
    client: ClientDep,
    challenge: Line = "",
    code: Line = "",
    trusting: Annotated[str, Form(alias="trust", max_length=10)] = "",
    next: Line = "",
) -> Response:
    """Give the code that a login asks for after the password."""
    try:
        step = SecondStep(challenge=challenge, code=code)
        session, device = second_step.finish_web(
            runtime.database, visitor=visitor, step=step, client=client, trusting=bool(trusting)
        )
    except (ValidationError, DomainError) as error:
        errors = errors_of(error, words(request, visitor))
        status = getattr(error, "status", 422)
        values = {"challenge": challenge, "next": next}
        return page(request, visitor, "account/second_step.html", status=status, errors=errors, values=values)
    response = with_session(request, redirect(local_path(next, otherwise=AFTER_LOGIN)), session)
    if device:
        seconds = int(trust.LIFETIME.total_seconds())
        cookies.keep(response, runtime, DEVICE_COOKIE, device, seconds=seconds, path="/login")
    return response


@router.get(SECURITY)
def security(request: Request, ctx: Reading) -> Response:
    """The ways one logs in."""
    return _security_page(request, ctx)


@router.post(SECURITY + "/codes")
def begin_codes(ctx: Writing) -> Response:
    """Make a secret for an authenticator; the next page shows it."""
    secondfactor.begin(ctx, user_id=access.own_account(ctx))
    return redirect(SECURITY + "/codes")


@router.get(SECURITY + "/codes")
def codes_form(request: Request, ctx: Reading) -> Response:
    """The QR code to scan, and where its first code goes."""
    return _codes_page(request, ctx, errors={}, status=200)


@router.post(SECURITY + "/codes/confirm")
def confirm_codes(request: Request, ctx: Writing, client: ClientDep, code: Line = "") -> Response:
    """Turn codes on; the recovery codes are shown this once."""
    try:
        made = secondfactor.confirm(ctx, user_id=limited_own(ctx, client), code=CodeGiven(code=code).code)
        if made is None:
            raise CodeRefused()
    except ConfirmFirst:
        raise
    except (ValidationError, DomainError) as error:
        errors = errors_of(error, words(request, ctx.actor))
        return _codes_page(request, ctx, errors=errors, status=getattr(error, "status", 422))
    return page(request, ctx.actor, "account/recovery_codes.html", codes=made.codes)


@router.post(SECURITY + "/codes/renew")
def renew_codes(request: Request, ctx: Reading, runtime: RuntimeDep, client: ClientDep, code: Line = "") -> Response:
    """New recovery codes, shown this once."""
    try:
        given = CodeGiven(code=code).code
        made = second_step.renew_recovery_codes(runtime.database, actor=ctx.actor, code=given, client=client)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, error)
    return page(request, ctx.actor, "account/recovery_codes.html", codes=made.codes)


@router.post(SECURITY + "/codes/off")
def turn_codes_off(request: Request, ctx: Reading, runtime: RuntimeDep, client: ClientDep, code: Line = "") -> Response:
    """Turn codes off with one of them."""
    try:
        second_step.turn_off(runtime.database, actor=ctx.actor, code=CodeGiven(code=code).code, client=client)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, error)
    return redirect(SECURITY, notice="saved")


@router.get(SECURITY + "/passkeys/added")
def passkey_added(ctx: Reading) -> Response:
    """Where the script goes once the browser made a passkey."""
    return redirect(SECURITY, notice="passkey-added")


@router.post(SECURITY + "/passkeys/{passkey_id}/rename")
def rename_passkey(request: Request, ctx: Writing, passkey_id: UUID, name: Line = "") -> Response:
    """Call a passkey something else."""
    try:
        passkeys.rename(ctx, passkey_id=passkey_id, name=PasskeyName(name=name).name)
    except ValidationError as error:
        return _refused(request, ctx, error)
    return redirect(SECURITY, notice="renamed")


@router.post(SECURITY + "/passkeys/{passkey_id}/remove")
def remove_passkey(ctx: Writing, passkey_id: UUID) -> Response:
    """Take a passkey away."""
    passkeys.remove(ctx, passkey_id=passkey_id)
    return redirect(SECURITY, notice="passkey-removed")


def _codes_page(request: Request, ctx: ReadCtx, *, errors: Errors, status: int) -> Response:
    setup = secondfactor.pending(ctx, user_id=access.own_account(ctx))
    if setup is None:
        return redirect(SECURITY)
    return page(request, ctx.actor, "account/codes.html", status=status, setup=setup, errors=errors)


def _refused(request: Request, ctx: ReadCtx, error: Refusal) -> Response:
    errors = errors_of(error, words(request, ctx.actor))
    return _security_page(request, ctx, errors=errors, status=getattr(error, "status", 422))


def _security_page(request: Request, ctx: ReadCtx, *, errors: Errors | None = None, status: int = 200) -> Response:
    return page(
        request,
        ctx.actor,
        "account/security.html",
        status=status,
        factor=secondfactor.overview(ctx, user_id=access.own_account(ctx)),
        passkeys=passkeys.own(ctx),
        waiting=alerts.waiting(ctx),
        errors=errors or {},
    )
