"""One's own account: profile and password; and the links that come by mail."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, VisitorReading, VisitorWriting, Writing
from api.routes.identity.callers import ClientDep
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.schemas import AddressOnly, PasswordChange, PasswordReset, ProfileUpdate
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]


def _limit(ctx: ReadCtx, client: Client, what: str, about: str = "") -> None:
    auth.limit_attempts(ctx.resources, what=what, tenant_id=ctx.tenant_id, client=client, about=about)


@router.get("/profile")
def profile(request: Request, ctx: Reading) -> Response:
    """One's account, as one can change it."""
    return _profile_page(request, ctx, errors={}, status=200)


@router.post("/profile")
def save_profile(
    request: Request, ctx: Writing, full_name: Line = "", language: Line = "", time_zone: Line = ""
) -> Response:
    """Keep name, language and time zone."""
    try:
        update = ProfileUpdate.model_validate({"full_name": full_name, "language": language, "time_zone": time_zone})
    except ValidationError as error:
        given = {"full_name": full_name, "language": language, "time_zone": time_zone}
        errors = errors_of(error, words(request, ctx.actor))
        return _profile_page(request, ctx, errors=errors, status=422, given=given)
    access.update_own(ctx, update=update)
    response = redirect("/profile", notice="profile-saved")
    response.delete_cookie("mwalimu_language")  # the account's language counts from now on
    return response


@router.post("/profile/password")
def change_password(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    client: ClientDep,
    current_password: Line = "",
    new_password: Line = "",
) -> Response:
    """Set another password; other devices are logged out."""
    try:
        change = PasswordChange(current_password=current_password, new_password=new_password)
        auth.change_password(runtime.database, actor=ctx.actor, change=change, client=client)
    except (ValidationError, DomainError) as error:
        errors = errors_of(error, words(request, ctx.actor))
        if "password" in errors:
            errors["new_password"] = errors.pop("password")
        return _profile_page(request, ctx, errors=errors, status=getattr(error, "status", 422))
    return redirect("/profile", notice="password-changed")


@router.post("/profile/verification")
def send_verification(ctx: Writing, client: ClientDep) -> Response:
    """Have the confirming letter sent again."""
    _limit(ctx, client, "send-verification", str(ctx.actor.user_id))
    accounts.send_own_verification(ctx)
    return redirect("/profile", notice="letter-sent")


def _profile_page(
    request: Request, ctx: ReadCtx, *, errors: Errors, status: int, given: dict[str, str] | None = None
) -> Response:
    member = access.own_member(ctx)
    values = given or {"full_name": member.full_name, "language": member.language, "time_zone": member.time_zone}
    return page(
        request,
        ctx.actor,
        "profile.html",
        status=status,
        member=member,
        values=values,
        errors=errors,
    )


@router.get("/verify-email")
def verify_form(request: Request, ctx: VisitorReading, token: str = "") -> Response:
    """What the link in the letter opens: a button, since mail programs open links by themselves."""
    return page(request, ctx.actor, "verify.html", token=token[:200], errors={})


@router.post("/verify-email")
def verify(request: Request, ctx: VisitorWriting, client: ClientDep, token: Line = "") -> Response:
    """Confirm an address."""
    try:
        _limit(ctx, client, "verify-email")
        accounts.verify_email(ctx, token=token)
    except DomainError as error:
        errors = errors_of(error, words(request, ctx.actor))
        return page(request, ctx.actor, "verify.html", status=error.status, token="", errors=errors)
    return redirect("/my-courses" if ctx.actor.user_id else "/login", notice="verified")


@router.get("/forgot")
def forgot_form(request: Request, ctx: VisitorReading) -> Response:
    """The form that asks for a reset link."""
    return page(request, ctx.actor, "forgot.html", values={}, errors={})


@router.post("/forgot")
def forgot(request: Request, ctx: VisitorWriting, client: ClientDep, email: Line = "") -> Response:
    """Have a reset link sent; what is said is the same whether the address has an account."""
    try:
        asked = AddressOnly(email=email)
        _limit(ctx, client, "forgot", asked.email.casefold())
    except (ValidationError, DomainError) as error:
        status, errors = getattr(error, "status", 422), errors_of(error, words(request, ctx.actor))
        return page(request, ctx.actor, "forgot.html", status=status, values={"email": email}, errors=errors)
    accounts.send_reset(ctx, email=asked.email)
    return redirect("/login", notice="letter-sent")


@router.get("/reset-password")
def reset_form(request: Request, ctx: VisitorReading, token: str = "") -> Response:
    """What the reset link opens."""
    return page(request, ctx.actor, "reset.html", token=token[:200], errors={})


@router.post("/reset-password")
def reset(request: Request, ctx: VisitorWriting, client: ClientDep, token: Line = "", password: Line = "") -> Response:
    """Set a password by the link."""
    try:
        _limit(ctx, client, "reset")
        given = PasswordReset(token=token, password=password)
        with ctx.session.begin_nested():
            auth.reset_password(ctx, reset=given, client=client)
    except (ValidationError, DomainError) as error:
        status, errors = getattr(error, "status", 422), errors_of(error, words(request, ctx.actor))
        return page(request, ctx.actor, "reset.html", status=status, token=token, errors=errors)
    return redirect("/login", notice="password-reset")
