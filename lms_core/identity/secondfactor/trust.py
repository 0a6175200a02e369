"""Browsers that need no code for a month: trust one, ask whether one is trusted, list one's own, end trust."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.audit import service as audit
from lms_core.identity.secondfactor.models import TrustedDevice
from lms_core.identity.secondfactor.schemas import TrustedDeviceView
from lms_core.kit import agents
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.ids import new_token, token_hash
from lms_core.kit.places import Places

LIFETIME = timedelta(days=30)


def begin(ctx: WriteCtx, *, user_id: UUID, user_agent: str, ip: str) -> str:
    """Trust a browser from now on; returns the token it keeps."""
    token = new_token()
    ctx.add(
        TrustedDevice(
            user_id=user_id,
            token_hash=token_hash(token),
            user_agent=agents.printable(user_agent),
            ip=ip[:45],
            created_at=ctx.now,
            expires_at=ctx.now + LIFETIME,
        )
    )
    audit.record(ctx, action="device.trusted", object=("user", user_id), ip=ip)
    return token


def holds(ctx: ReadCtx, *, user_id: UUID, device: str) -> bool:
    """Whether `device` is the token of a browser this person trusts."""
    wanted = select(TrustedDevice.id).where(
        TrustedDevice.token_hash == token_hash(device),
        TrustedDevice.user_id == user_id,
        TrustedDevice.expires_at > ctx.now,
    )
    return ctx.session.execute(wanted).first() is not None


def devices(ctx: ReadCtx, *, user_id: UUID) -> list[TrustedDeviceView]:
    """The browsers this person trusts, newest first."""
    rows = ctx.session.execute(
        select(TrustedDevice)
        .where(TrustedDevice.user_id == user_id, TrustedDevice.expires_at > ctx.now)
        .order_by(TrustedDevice.id.desc())
        .limit(100)
    ).scalars()
    return [_view(ctx, row) for row in rows]


def end(ctx: WriteCtx, *, user_id: UUID, device_id: UUID) -> None:
    """Trust a browser no longer. NotFound."""
    gone = ctx.session.execute(
        delete(TrustedDevice)
        .where(TrustedDevice.id == device_id, TrustedDevice.user_id == user_id)
        .returning(TrustedDevice.id)
    ).first()
    if gone is None:
        raise NotFound("You trust no such device.")
    audit.record(ctx, action="device.distrusted", object=("user", user_id))


def end_all(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Trust no browser any more, as after a change of password."""
    ctx.session.execute(delete(TrustedDevice).where(TrustedDevice.user_id == user_id))


def _view(ctx: ReadCtx, row: TrustedDevice) -> TrustedDeviceView:
    agent, place = agents.named(row.user_agent), ctx.resources.get(Places).of(row.ip)
    return TrustedDeviceView(
        id=row.id,
        user_agent=row.user_agent,
        program=agent.program,
        system=agent.system,
        ip=row.ip,
        country=place.country,
        city=place.city,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
