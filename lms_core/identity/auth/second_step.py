"""What takes a code of one's authenticator: the second half of a login, new recovery codes, turning codes off.

The verbs take the database: a wrong code is counted and stored although the request fails.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.alerts import service as alerts
from lms_core.identity.alerts.schemas import Seen
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client, Tokens, WebSession
from lms_core.identity.challenges import service as challenges
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.challenges.models import ChallengePurpose
from lms_core.identity.secondfactor import codes, trust
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor.codes import Checked
from lms_core.identity.secondfactor.errors import CodeRefused, NotOn
from lms_core.identity.secondfactor.schemas import RecoveryCodes, SecondStep
from lms_core.kit.cache import RateLimiter
from lms_core.kit.context import Actor, Database, WriteCtx
from lms_core.kit.settings import Settings

Done = TypeVar("Done")


def finish(database: Database, *, visitor: Actor, step: SecondStep, client: Client) -> Tokens:
    """A program's session. ChallengeExpired, CodeRefused, TooManyRequests."""

    def opened(ctx: WriteCtx, user_id: UUID) -> Tokens:
        return auth.open_api_session(ctx, user_id=user_id, client=client)

    return _finish(database, visitor, step, client, opened)


def finish_web(
    database: Database, *, visitor: Actor, step: SecondStep, client: Client, trusting: bool
) -> tuple[WebSession, str]:
    """A page's session, and the token of the browser when it is to be trusted (else empty).

    ChallengeExpired, CodeRefused, TooManyRequests.
    """

    def opened(ctx: WriteCtx, user_id: UUID) -> tuple[WebSession, str]:
        session = auth.open_web_session(ctx, user_id=user_id, client=client)
        if not trusting:
            return session, ""
        return session, trust.begin(ctx, user_id=user_id, user_agent=client.user_agent, ip=client.ip)

    return _finish(database, visitor, step, client, opened)


def renew_recovery_codes(database: Database, *, actor: Actor, code: str, client: Client) -> RecoveryCodes:
    """New recovery codes of the actor, for a code. Unauthenticated, Forbidden, NotOn, CodeRefused, TooManyRequests."""

    def renewed(ctx: WriteCtx, user_id: UUID) -> RecoveryCodes:
        return secondfactor.renew_recovery_codes(ctx, user_id=user_id)

    return _with_own_code(database, actor, code, client, renewed)


def turn_off(database: Database, *, actor: Actor, code: str, client: Client) -> None:
    """Ask the actor for codes no more, for a code. Unauthenticated, Forbidden, NotOn, CodeRefused, TooManyRequests."""

    def removed(ctx: WriteCtx, user_id: UUID) -> None:
        secondfactor.remove(ctx, user_id=user_id)

    _with_own_code(database, actor, code, client, removed)


def _finish(
    database: Database, visitor: Actor, step: SecondStep, client: Client, then: Callable[[WriteCtx, UUID], Done]
) -> Done:
    auth.limit_attempts(database.resources, what="second-step", tenant_id=visitor.tenant_id, client=client)
    with database.write(visitor) as ctx:
        waiting = challenges.waiting(ctx, token=step.challenge, purpose=ChallengePurpose.SECOND_FACTOR)
        if waiting.user_id is None or not accounts.may_log_in(ctx, user_id=waiting.user_id):
            raise ChallengeExpired()
        if is_right(ctx, waiting.user_id, step.code, client):
            challenges.use(ctx, challenge_id=waiting.id)
            return then(ctx, waiting.user_id)
        challenges.count_try(ctx, challenge_id=waiting.id)
    raise CodeRefused()


def _with_own_code(
    database: Database, actor: Actor, code: str, client: Client, then: Callable[[WriteCtx, UUID], Done]
) -> Done:
    with database.write(actor) as ctx:
        user_id = access.own_account(ctx)
        if not secondfactor.required_for(ctx, user_id=user_id):
            raise NotOn()
        if is_right(ctx, user_id, code, client):
            return then(ctx, user_id)
    raise CodeRefused()


def is_right(ctx: WriteCtx, user_id: UUID, code: str, client: Client) -> bool:
    """Whether the code is a right one of this person; what is to be known about a wrong one is written down.

    TooManyRequests.
    """
    per_minute = ctx.resources.get(Settings).login_attempts_per_minute
    ctx.resources.get(RateLimiter).check(f"code:{ctx.tenant_id}:{user_id}", per_minute=per_minute)
    found = codes.check(ctx, user_id=user_id, code=code)
    if found is Checked.RIGHT:
        return True
    audit.record(ctx, action="login.code_refused", object=("user", user_id), ip=client.ip)
    if found is Checked.PAUSED:
        alerts.note_wrong_codes(ctx, user_id=user_id, seen=Seen(client.user_agent, client.ip, ctx.now))
    return False
