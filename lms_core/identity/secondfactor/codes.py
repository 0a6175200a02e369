"""Checking codes: an authenticator's, each once, with a pause after many wrong ones; and recovery codes, each once.

Five wrong codes in a row pause the authenticator for a minute, each further one for twice as long, up to an hour, as
with passwords. That leaves some thirty tries a day where three codes of a million are right at a time: somebody who
knows the password finds one with a chance of 1 in 10,000 a day (RFC 4226, 7.3 asks for such a throttle). Recovery
codes are too many to guess and work during a pause.
"""

import secrets
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select, update

from lms_core.identity.accounts import lockout
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.secondfactor import totp
from lms_core.identity.secondfactor.models import RecoveryCode, TotpDevice
from lms_core.identity.secondfactor.schemas import RecoveryCodes
from lms_core.kit.context import WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.ids import token_hash

SECRET_PURPOSE = "totp-secret"  # noqa: S105 - the name of a purpose
RECOVERY_CODES = 10
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that look like another
RECOVERY_LENGTH = 12  # of 32 letters: 60 bits


class Checked(StrEnum):
    """What came of a code. `PAUSED`: it was the wrong one that began a pause."""

    RIGHT = "right"
    WRONG = "wrong"
    PAUSED = "paused"


def check(ctx: WriteCtx, *, user_id: UUID, code: str) -> Checked:
    """Take the authenticator's present code, or an unused recovery code, and use it up; count a wrong one.

    The device's row is held until the transaction ends, so that two requests cannot both take one code.
    """
    device = device_of(ctx, user_id)
    if device is None or device.confirmed_at is None:
        return Checked.WRONG
    if len(code) != totp.DIGITS:
        return Checked.RIGHT if _take_recovery_code(ctx, device, code) else Checked.WRONG
    if device.paused_until is not None and device.paused_until > ctx.now:
        return Checked.WRONG
    if take_code(ctx, device, code):
        return Checked.RIGHT
    device.wrong_codes += 1
    pause = lockout.pause_after(device.wrong_codes)
    device.paused_until = ctx.now + pause if pause is not None else None
    ctx.session.flush()
    return Checked.PAUSED if device.wrong_codes == lockout.ALLOWED_FAILURES else Checked.WRONG


def device_of(ctx: WriteCtx, user_id: UUID) -> TotpDevice | None:
    """The person's authenticator, confirmed or not, held."""
    found: TotpDevice | None = ctx.session.execute(
        select(TotpDevice).where(TotpDevice.user_id == user_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return found


def take_code(ctx: WriteCtx, device: TotpDevice, code: str) -> bool:
    """Whether the code is of a time step near now and later than the last one taken; then it is the last one taken."""
    secret = ctx.resources.get(Keys).decrypt(SECRET_PURPOSE, device.sealed_secret.encode())
    step = totp.matching_step(secret, code, now=ctx.now, after=device.last_step)
    if step is None:
        return False
    device.last_step, device.wrong_codes, device.paused_until = step, 0, None
    ctx.session.flush()
    return True


def _take_recovery_code(ctx: WriteCtx, device: TotpDevice, code: str) -> bool:
    used = ctx.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == device.user_id,
            RecoveryCode.code_hash == token_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=ctx.now)
        .returning(RecoveryCode.id)
    ).first()
    if used is None:
        return False
    device.wrong_codes, device.paused_until = 0, None
    ctx.session.flush()
    audit.record(ctx, action="second_factor.recovery_used", object=("user", device.user_id))
    accounts.send_warning(ctx, user_id=device.user_id, kind="recovery_code_used")
    return True


def new_recovery_codes(ctx: WriteCtx, user_id: UUID) -> RecoveryCodes:
    """Ten recovery codes in place of all before."""
    ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        ctx.add(RecoveryCode(user_id=user_id, code_hash=token_hash(code), created_at=ctx.now))
    return RecoveryCodes(codes=[f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes])
