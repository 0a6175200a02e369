"""Verbs on the second factor: set up, confirm, look at, renew its recovery codes, take away.

Codes are checked in `codes`; `auth.second_step` asks for one before it calls `renew_recovery_codes` or `remove`.
"""

import io
from uuid import UUID

from sqlalchemy import delete, func, select

from lms_core.identity.access import reauthentication
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.secondfactor import codes, totp, trust
from lms_core.identity.secondfactor.errors import AlreadyOn, NotOn
from lms_core.identity.secondfactor.models import RecoveryCode, TotpDevice, TrustedDevice
from lms_core.identity.secondfactor.schemas import RecoveryCodes, SecondFactorView, Setup
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.crypto import Keys

ISSUER = "Mwalimu"


def required_for(ctx: ReadCtx, *, user_id: UUID) -> bool:
    """Whether the person confirmed an authenticator, so that a password alone does not log in."""
    wanted = select(TotpDevice.id).where(TotpDevice.user_id == user_id, TotpDevice.confirmed_at.is_not(None))
    return ctx.session.execute(wanted).first() is not None


def overview(ctx: ReadCtx, *, user_id: UUID) -> SecondFactorView:
    """How the person's second factor stands."""
    since = ctx.session.execute(
        select(TotpDevice.confirmed_at).where(TotpDevice.user_id == user_id, TotpDevice.confirmed_at.is_not(None))
    ).scalar_one_or_none()
    left = ctx.session.execute(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    ).scalar_one()
    return SecondFactorView(
        on=since is not None,
        since=since,
        recovery_codes_left=left,
        trusted_devices=trust.devices(ctx, user_id=user_id),
    )


def begin(ctx: WriteCtx, *, user_id: UUID) -> Setup:
    """A new secret for an authenticator, replacing one that was never confirmed. AlreadyOn, ConfirmFirst."""
    reauthentication.ensure_fresh(ctx)
    if required_for(ctx, user_id=user_id):
        raise AlreadyOn()
    secret = totp.new_secret()
    sealed = ctx.resources.get(Keys).encrypt(codes.SECRET_PURPOSE, secret).decode()
    ctx.session.execute(delete(TotpDevice).where(TotpDevice.user_id == user_id, TotpDevice.confirmed_at.is_(None)))
    ctx.add(TotpDevice(user_id=user_id, sealed_secret=sealed, created_at=ctx.now))
    return setup_of(secret, account=accounts.account(ctx, user_id=user_id).email)


def setup_of(secret: bytes, *, account: str) -> Setup:
    """The secret as text, as an `otpauth:` address and as a QR code (SVG text)."""
    import segno  # here, since only this page draws QR codes

    address = totp.address(secret, account=account, issuer=ISSUER)
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", scale=5, border=4, xmldecl=False, dark="#000", light="#fff"
    )
    return Setup(secret=totp.base32(secret), address=address, qr_svg=picture.getvalue().decode())


def pending(ctx: ReadCtx, *, user_id: UUID) -> Setup | None:
    """The set-up that waits for its first code, if any. ConfirmFirst."""
    reauthentication.ensure_fresh(ctx)
    sealed = ctx.session.execute(
        select(TotpDevice.sealed_secret).where(TotpDevice.user_id == user_id, TotpDevice.confirmed_at.is_(None))
    ).scalar_one_or_none()
    if sealed is None:
        return None
    secret = ctx.resources.get(Keys).decrypt(codes.SECRET_PURPOSE, sealed.encode())
    return setup_of(secret, account=accounts.account(ctx, user_id=user_id).email)


def confirm(ctx: WriteCtx, *, user_id: UUID, code: str) -> RecoveryCodes | None:
    """Turn the second factor on by its first code; None when the code is not right.

    AlreadyOn, NotOn, ConfirmFirst.
    """
    reauthentication.ensure_fresh(ctx)
    device = codes.device_of(ctx, user_id)
    if device is None:
        raise NotOn()
    if device.confirmed_at is not None:
        raise AlreadyOn()
    if not codes.take_code(ctx, device, code):
        return None
    device.confirmed_at = ctx.now
    ctx.session.flush()
    audit.record(ctx, action="second_factor.on", object=("user", user_id))
    accounts.send_warning(ctx, user_id=user_id, kind="second_factor_on")
    return codes.new_recovery_codes(ctx, user_id)


def renew_recovery_codes(ctx: WriteCtx, *, user_id: UUID) -> RecoveryCodes:
    """New recovery codes in place of all before."""
    audit.record(ctx, action="second_factor.codes_renewed", object=("user", user_id))
    return codes.new_recovery_codes(ctx, user_id)


def remove(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Take the second factor away, as an administrator does for somebody who lost everything."""
    for table in (TotpDevice, RecoveryCode, TrustedDevice):
        ctx.session.execute(delete(table).where(table.user_id == user_id))
    audit.record(ctx, action="second_factor.off", object=("user", user_id))
    accounts.send_warning(ctx, user_id=user_id, kind="second_factor_off")
