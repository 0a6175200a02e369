"""`/auth/second-factor`, `/auth/devices`, `/auth/alerts`, `/auth/keys`: how one's own account is kept safe."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep, VisitorDep
from lms_core.identity.access import service as access
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.identity.alerts import service as alerts
from lms_core.identity.alerts.schemas import AlertView
from lms_core.identity.apikeys import service as apikeys
from lms_core.identity.apikeys.errors import TooManyKeys
from lms_core.identity.apikeys.schemas import ApiKeyView, MadeApiKey, NewApiKey
from lms_core.identity.auth import second_step, standing
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client, Tokens
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor import trust
from lms_core.identity.secondfactor.errors import AlreadyOn, CodeRefused, NotOn
from lms_core.identity.secondfactor.schemas import CodeGiven, RecoveryCodes, SecondFactorView, SecondStep, Setup
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, NotFound, TooManyRequests, Unauthenticated

router = APIRouter(prefix="/auth", tags=["auth"])


def limited_own(ctx: ReadCtx, client: Client) -> UUID:
    """Whose account it is, one try at a code counted. Unauthenticated, Forbidden, TooManyRequests."""
    user_id = access.own_account(ctx)
    auth.limit_attempts(ctx.resources, what="code", tenant_id=ctx.tenant_id, client=client, about=str(user_id))
    return user_id


@router.post(
    "/login/second-step",
    response_model=Tokens,
    responses=errors(ChallengeExpired, CodeRefused, TooManyRequests),
)
def second_login_step(
    runtime: RuntimeDep, visitor: VisitorDep, step: SecondStep, client: ClientDep, response: Response
) -> Tokens:
    """The second half of a login: the challenge that the password earned, and a code."""
    response.headers["Cache-Control"] = "no-store"
    return second_step.finish(runtime.database, visitor=visitor, step=step, client=client)


@router.get("/second-factor", response_model=SecondFactorView, responses=errors(Unauthenticated, Forbidden))
def read_second_factor(ctx: Reading) -> SecondFactorView:
    """Whether codes are on, how many recovery codes are left, and which browsers are trusted."""
    return secondfactor.overview(ctx, user_id=access.own_account(ctx))


@router.post(
    "/second-factor",
    status_code=201,
    response_model=Setup,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, AlreadyOn),
)
def begin_second_factor(ctx: Writing, response: Response) -> Setup:
    """A secret for an authenticator application; it counts once a code of it is confirmed."""
    response.headers["Cache-Control"] = "no-store"
    return secondfactor.begin(ctx, user_id=access.own_account(ctx))


@router.post(
    "/second-factor/confirm",
    response_model=RecoveryCodes,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, AlreadyOn, NotOn, CodeRefused, TooManyRequests),
)
def confirm_second_factor(ctx: Writing, given: CodeGiven, client: ClientDep, response: Response) -> RecoveryCodes:
    """Turn codes on with the first one; answers the recovery codes, this once."""
    response.headers["Cache-Control"] = "no-store"
    codes = secondfactor.confirm(ctx, user_id=limited_own(ctx, client), code=given.code)
    if codes is None:
        raise CodeRefused()
    return codes


@router.post(
    "/second-factor/recovery-codes",
    response_model=RecoveryCodes,
    responses=errors(Unauthenticated, Forbidden, NotOn, CodeRefused, TooManyRequests),
)
def renew_recovery_codes(
    ctx: Reading, runtime: RuntimeDep, given: CodeGiven, client: ClientDep, response: Response
) -> RecoveryCodes:
    """New recovery codes; those before end."""
    response.headers["Cache-Control"] = "no-store"
    return second_step.renew_recovery_codes(runtime.database, actor=ctx.actor, code=given.code, client=client)


@router.post(
    "/second-factor/off",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotOn, CodeRefused, TooManyRequests),
)
def turn_second_factor_off(ctx: Reading, runtime: RuntimeDep, given: CodeGiven, client: ClientDep) -> None:
    """Turn codes off with one of them."""
    second_step.turn_off(runtime.database, actor=ctx.actor, code=given.code, client=client)


@router.delete(
    "/devices/{device_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def distrust_device(ctx: Writing, device_id: UUID) -> None:
    """Ask a trusted browser for codes again."""
    trust.end(ctx, user_id=access.own_account(ctx), device_id=device_id)


@router.delete("/sessions", status_code=204, response_model=None, responses=errors(Unauthenticated, Forbidden))
def end_other_sessions(ctx: Writing) -> None:
    """Log out everywhere but here."""
    standing.end_others(ctx)


@router.get("/alerts", response_model=list[AlertView], responses=errors(Unauthenticated, Forbidden))
def list_alerts(ctx: Reading) -> list[AlertView]:
    """What was noticed about one's account: new devices and countries, impossible travel, many wrong passwords."""
    return alerts.own(ctx)


@router.post(
    "/alerts/{alert_id}/acknowledge",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def acknowledge_alert(ctx: Writing, alert_id: UUID) -> None:
    """Say that what was noticed was oneself."""
    alerts.acknowledge(ctx, alert_id=alert_id)


@router.get("/keys", response_model=list[ApiKeyView], responses=errors(Unauthenticated, Forbidden))
def list_keys(ctx: Reading) -> list[ApiKeyView]:
    """One's own API keys, without their secrets."""
    return apikeys.own(ctx)


@router.post(
    "/keys",
    status_code=201,
    response_model=MadeApiKey,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, TooManyKeys),
)
def make_key(ctx: Writing, new: NewApiKey, response: Response) -> MadeApiKey:
    """Make an API key; its secret is answered this once."""
    response.headers["Cache-Control"] = "no-store"
    return apikeys.make(ctx, new=new)


@router.delete(
    "/keys/{key_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, NotFound),
)
def revoke_key(ctx: Writing, key_id: UUID) -> None:
    """End a key at once."""
    apikeys.revoke(ctx, key_id=key_id)
