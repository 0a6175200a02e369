"""Coming and going: log in, log out, register, and the language of the interface."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.cookies import keep_session
from api.deps import SESSION_COOKIE, RuntimeDep, VisitorReading, VisitorWriting, get_runtime
from api.routes.identity.callers import ClientDep, VisitorDep
from api.web.forms import Errors, errors_of
from api.web.rendering import LANGUAGE_COOKIE, language_of, local_path, page, redirect, words
from lms_core.identity.access import service as access
from lms_core.identity.accounts.schemas import Registration
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import LoginInput, WebSession
from lms_core.identity.oidc import service as oidc
from lms_core.identity.secondfactor.errors import SecondFactorRequired
from lms_core.kit.context import Actor
from lms_core.kit.errors import DomainError
from lms_core.kit.i18n import LANGUAGES
from workers.runtime import Runtime

router = APIRouter(include_in_schema=False)

LANGUAGE_SECONDS = 365 * 24 * 3600
AFTER_LOGIN = "/my-courses"
DEVICE_COOKIE = "mwalimu_device"
Line = Annotated[str, Form(max_length=2000)]


@router.get("/login")
def login_form(request: Request, ctx: VisitorReading, next: str = "") -> Response:
    """The login form; someone logged in goes on."""
    if ctx.actor.user_id is not None:
        return redirect(local_path(next, otherwise=AFTER_LOGIN))
    target = local_path(next, otherwise="")
    return page(request, ctx.actor, "login.html", values={}, errors={}, next=target, providers=oidc.providers(ctx))


@router.post("/login")
def log_in(
    request: Request,
    runtime: RuntimeDep,
    visitor: VisitorDep,
    client: ClientDep,
    email: Line = "",
    password: Line = "",
    next: Line = "",
) -> Response:
    """Log in and go where one was going."""
    target = local_path(next, otherwise=AFTER_LOGIN)
    try:
        login = LoginInput(email=email, password=password)
        device = request.cookies.get(DEVICE_COOKIE, "")[:200]
        session = auth.log_in_web(runtime.database, visitor=visitor, login=login, client=client, device=device)
    except SecondFactorRequired as asked:
        values = {"challenge": asked.challenge, "next": next}
        return page(request, visitor, "account/second_step.html", errors={}, values=values)
    except (ValidationError, DomainError) as error:
        status = getattr(error, "status", 422)
        errors = errors_of(error, words(request, visitor))
        return login_page(request, visitor, runtime, errors=errors, status=status, email=email, next=next)
    return with_session(request, redirect(target), session)


def login_page(
    request: Request, visitor: Actor, runtime: Runtime, *, errors: Errors, status: int, email: str = "", next: str = ""
) -> Response:
    """The login form after a refusal."""
    with runtime.database.read(visitor) as ctx:
        providers = oidc.providers(ctx)
    values, target = {"email": email}, local_path(next, otherwise="")
    return page(
        request, visitor, "login.html", status=status, values=values, errors=errors, next=target, providers=providers
    )


@router.post("/logout")
def log_out(ctx: VisitorWriting) -> Response:
    """End the session; fine when there is none."""
    auth.log_out(ctx)
    response = redirect("/", notice="logged-out")
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/register")
def register_form(request: Request, ctx: VisitorReading) -> Response:
    """The form for a new account."""
    if ctx.actor.user_id is not None:
        return redirect(AFTER_LOGIN)
    return page(request, ctx.actor, "register.html", values={}, errors={})


@router.post("/register")
def register(
    request: Request,
    ctx: VisitorWriting,
    client: ClientDep,
    full_name: Line = "",
    email: Line = "",
    password: Line = "",
) -> Response:
    """Make an account and log its owner in."""
    given = {"full_name": full_name, "email": email}
    language = language_of(request, None)
    try:
        auth.limit_attempts(ctx.resources, what="register", tenant_id=ctx.tenant_id, client=client)
        registration = Registration.model_validate({**given, "password": password, "language": language})
        with ctx.session.begin_nested():
            member = access.add_member(ctx, registration=registration, ip=client.ip)
    except (ValidationError, DomainError) as error:
        status, errors = getattr(error, "status", 422), errors_of(error, words(request, None))
        return page(request, ctx.actor, "register.html", status=status, values=given, errors=errors)
    session = auth.open_web_session(ctx, user_id=member.id, client=client)
    return with_session(request, redirect(AFTER_LOGIN, notice="welcome"), session)


@router.post("/language")
def choose_language(language: Line = "", next: Line = "/") -> Response:
    """Keep a language for the interface, in a cookie: visitors have one too."""
    response = redirect(local_path(next))
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=LANGUAGE_SECONDS, httponly=True, samesite="lax")
    return response


def with_session(request: Request, response: Response, session: WebSession) -> Response:
    """The response with the session's cookie on it."""
    keep_session(response, get_runtime(request), session)
    return response
