"""`/auth/confirm`: showing once more that it is oneself, before what a stolen session must not do."""

from fastapi import APIRouter

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.identity.accounts.errors import WrongPassword
from lms_core.identity.auth import confirming
from lms_core.identity.auth.schemas import ConfirmedView, Proof, WaysView
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.passkeys import service as passkeys
from lms_core.identity.passkeys.errors import PasskeyRefused
from lms_core.identity.passkeys.schemas import Ceremony, PasskeyLogin
from lms_core.identity.secondfactor.errors import CodeRefused, NotOn
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, TooManyRequests, Unauthenticated

router = APIRouter(prefix="/auth/confirm", tags=["auth"])


@router.get("", response_model=WaysView, responses=errors(Unauthenticated, Forbidden))
def read_ways(ctx: Reading) -> WaysView:
    """What one can confirm with, and until when the last proof counts."""
    return ways_of(ctx)


@router.post(
    "",
    response_model=ConfirmedView,
    responses=errors(Unauthenticated, Forbidden, WrongPassword, CodeRefused, NotOn, TooManyRequests),
)
def confirm(ctx: Reading, runtime: RuntimeDep, client: ClientDep, proof: Proof) -> ConfirmedView:
    """Confirm with the password, or with a code: for 15 minutes this session may do what asks for it."""
    return confirming.confirm(runtime.database, actor=ctx.actor, proof=proof, client=client)


@router.post("/passkey/options", response_model=Ceremony, responses=errors(Unauthenticated, Forbidden))
def begin_passkey(ctx: Writing) -> Ceremony:
    """What the browser needs to confirm with a passkey."""
    return passkeys.begin_confirming(ctx)


@router.post(
    "/passkey",
    response_model=ConfirmedView,
    responses=errors(Unauthenticated, Forbidden, ChallengeExpired, PasskeyRefused, TooManyRequests),
)
def confirm_with_passkey(ctx: Reading, runtime: RuntimeDep, client: ClientDep, given: PasskeyLogin) -> ConfirmedView:
    """Confirm with a passkey."""
    return passkeys.confirm(runtime.database, actor=ctx.actor, given=given, client=client)


def ways_of(ctx: ReadCtx) -> WaysView:
    """The ways of an account, passkeys among them."""
    return confirming.ways(ctx).model_copy(update={"passkey": bool(passkeys.own(ctx))})
