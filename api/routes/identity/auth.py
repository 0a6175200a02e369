"""`/auth`: register, log in and out, refresh, profile, confirm an address, change or reset a password."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Reading, RuntimeDep, VisitorWriting, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep, VisitorDep
from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.errors import EmailTaken, LinkExpired, WeakPassword, WrongPassword
from lms_core.identity.accounts.schemas import (
    AddressOnly,
    LinkGiven,
    PasswordChange,
    PasswordReset,
    ProfileUpdate,
    Registration,
)
from lms_core.identity.auth import service as auth
from lms_core.identity.auth import standing
from lms_core.identity.auth.errors import AccountClosed, LoginRefused, RefreshRefused
from lms_core.identity.auth.schemas import Client, LoginInput, RefreshInput, SessionView, Tokens
from lms_core.identity.secondfactor.errors import SecondFactorRequired
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, NotFound, TooManyRequests, Unauthenticated

router = APIRouter(prefix="/auth", tags=["auth"])


def _limit(ctx: ReadCtx, client: Client, what: str, about: str = "") -> None:
    auth.limit_attempts(ctx.resources, what=what, tenant_id=ctx.tenant_id, client=client, about=about)


@router.post(
    "/register",
    status_code=201,
    response_model=Member,
    responses=errors(EmailTaken, WeakPassword, TooManyRequests),
)
def register(ctx: VisitorWriting, registration: Registration, client: ClientDep) -> Member:
    """Make an account; a link to confirm the address comes by mail."""
    _limit(ctx, client, "register")
    return access.add_member(ctx, registration=registration, ip=client.ip)


@router.post(
    "/login",
    response_model=Tokens,
    responses=errors(LoginRefused, SecondFactorRequired, AccountClosed, TooManyRequests),
)
def log_in(
    runtime: RuntimeDep, visitor: VisitorDep, login: LoginInput, client: ClientDep, response: Response
) -> Tokens:
    """Log in as a program: an access token and a refresh token."""
    response.headers["Cache-Control"] = "no-store"
    return auth.log_in(runtime.database, visitor=visitor, login=login, client=client)


@router.post("/refresh", response_model=Tokens, responses=errors(RefreshRefused, TooManyRequests))
def refresh(
    runtime: RuntimeDep, visitor: VisitorDep, given: RefreshInput, client: ClientDep, response: Response
) -> Tokens:
    """Swap a refresh token for the next pair; using one twice ends the session."""
    response.headers["Cache-Control"] = "no-store"
    return auth.refresh(runtime.database, visitor=visitor, refresh_token=given.refresh_token, client=client)


@router.post("/logout", status_code=204, response_model=None, responses=errors(Unauthenticated))
def log_out(ctx: Writing) -> None:
    """End this session, its access tokens and its refresh token."""
    auth.log_out(ctx)


@router.get("/sessions", response_model=list[SessionView], responses=errors(Unauthenticated, Forbidden))
def list_sessions(ctx: Reading) -> list[SessionView]:
    """The places where one is logged in."""
    return standing.own(ctx)


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def end_session(ctx: Writing, session_id: UUID) -> None:
    """Log out somewhere else, such as on a lost telephone."""
    standing.end(ctx, session_id=session_id)


@router.get("/profile", response_model=Member, responses=errors(Unauthenticated))
def read_profile(ctx: Reading) -> Member:
    """One's own account and roles."""
    return access.own_member(ctx)


@router.put("/profile", response_model=Member, responses=errors(Unauthenticated, Forbidden))
def update_profile(ctx: Writing, update: ProfileUpdate) -> Member:
    """Replace one's name, language and time zone."""
    return access.update_own(ctx, update=update)


@router.post("/verify-email", status_code=204, response_model=None, responses=errors(LinkExpired, TooManyRequests))
def verify_email(ctx: VisitorWriting, link: LinkGiven, client: ClientDep) -> None:
    """Confirm an e-mail address with the token that was mailed to it."""
    _limit(ctx, client, "verify-email")
    accounts.verify_email(ctx, token=link.token)


@router.post(
    "/verify-email/send",
    status_code=202,
    response_model=None,
    responses=errors(Unauthenticated, TooManyRequests),
)
def send_verification(ctx: Writing, client: ClientDep) -> None:
    """Have the link that confirms one's address mailed again."""
    _limit(ctx, client, "send-verification", str(ctx.actor.user_id))
    accounts.send_own_verification(ctx)


@router.post("/password/forgot", status_code=202, response_model=None, responses=errors(TooManyRequests))
def forgot_password(ctx: VisitorWriting, asked: AddressOnly, client: ClientDep) -> None:
    """Have a reset link mailed; the answer is the same whether the address has an account."""
    _limit(ctx, client, "forgot", asked.email.casefold())
    accounts.send_reset(ctx, email=asked.email)


@router.post(
    "/password/reset",
    status_code=204,
    response_model=None,
    responses=errors(LinkExpired, WeakPassword, TooManyRequests),
)
def reset_password(ctx: VisitorWriting, reset: PasswordReset, client: ClientDep) -> None:
    """Set a password with the token of a reset link; every session of the person ends."""
    _limit(ctx, client, "reset")
    auth.reset_password(ctx, reset=reset, client=client)


@router.post(
    "/password/change",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, WrongPassword, WeakPassword, TooManyRequests),
)
def change_password(ctx: Reading, runtime: RuntimeDep, change: PasswordChange, client: ClientDep) -> None:
    """Set another password, knowing the present one; one's other sessions end."""
    auth.change_password(runtime.database, actor=ctx.actor, change=change, client=client)
