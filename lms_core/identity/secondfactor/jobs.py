"""Scheduled work of the second factor."""

from datetime import timedelta

from sqlalchemy import delete

from lms_core.identity.secondfactor.models import TrustedDevice
from lms_core.kit.context import Work
from lms_core.kit.jobs import every


@every(timedelta(hours=12), "secondfactor.forget_old_trust")
def forget_old_trust(work: Work) -> None:
    """Delete trusted devices whose month is over, in every institution."""
    with work.write() as ctx:
        ctx.session.execute(delete(TrustedDevice).where(TrustedDevice.expires_at < ctx.now))
