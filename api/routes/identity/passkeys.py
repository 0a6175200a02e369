"""`/auth/passkeys`: one's own passkeys; `/auth/login/passkey`: logging a browser in with one."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.cookies import keep_session
from api.deps import Reading, RuntimeDep, VisitorWriting, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep, VisitorDep
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.identity.auth.errors import AccountClosed
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.passkeys import service as passkeys
from lms_core.identity.passkeys.errors import PasskeyNotTaken, PasskeyRefused
from lms_core.identity.passkeys.schemas import Ceremony, NewPasskey, PasskeyLogin, PasskeyName, PasskeyView
from lms_core.kit.errors import Forbidden, NotFound, TooManyRequests, Unauthenticated

router = APIRouter(prefix="/auth", tags=["auth"])


@router.get("/passkeys", response_model=list[PasskeyView], responses=errors(Unauthenticated, Forbidden))
def list_passkeys(ctx: Reading) -> list[PasskeyView]:
    """One's own passkeys."""
    return passkeys.own(ctx)


@router.post("/passkeys/options", response_model=Ceremony, responses=errors(Unauthenticated, Forbidden, ConfirmFirst))
def begin_passkey(ctx: Writing) -> Ceremony:
    """What the browser needs to make a passkey."""
    return passkeys.begin_adding(ctx)


@router.post(
    "/passkeys",
    status_code=201,
    response_model=PasskeyView,
    responses=errors(Unauthenticated, Forbidden, ChallengeExpired, PasskeyNotTaken),
)
def add_passkey(ctx: Writing, new: NewPasskey) -> PasskeyView:
    """Keep a passkey that the browser made."""
    return passkeys.add(ctx, new=new)


@router.patch(
    "/passkeys/{passkey_id}",
    response_model=PasskeyView,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def rename_passkey(ctx: Writing, passkey_id: UUID, given: PasskeyName) -> PasskeyView:
    """Call a passkey something else."""
    return passkeys.rename(ctx, passkey_id=passkey_id, name=given.name)


@router.delete(
    "/passkeys/{passkey_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, NotFound),
)
def remove_passkey(ctx: Writing, passkey_id: UUID) -> None:
    """Take a passkey away; it logs in no more."""
    passkeys.remove(ctx, passkey_id=passkey_id)


@router.post("/login/passkey/options", response_model=Ceremony, responses=errors(TooManyRequests))
def begin_passkey_login(ctx: VisitorWriting, client: ClientDep) -> Ceremony:
    """What the browser needs to log in with a passkey."""
    return passkeys.begin_login(ctx, client=client)


@router.post(
    "/login/passkey",
    status_code=204,
    response_model=None,
    responses=errors(ChallengeExpired, PasskeyRefused, AccountClosed, TooManyRequests),
)
def log_in_with_passkey(
    runtime: RuntimeDep, visitor: VisitorDep, given: PasskeyLogin, client: ClientDep, response: Response
) -> None:
    """Log the browser in: its session is in the cookie."""
    session = passkeys.log_in(runtime.database, visitor=visitor, given=given, client=client)
    keep_session(response, runtime, session)
