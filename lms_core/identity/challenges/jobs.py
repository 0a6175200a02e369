"""Scheduled work of challenges."""

from datetime import timedelta

from sqlalchemy import delete

from lms_core.identity.challenges.models import Challenge
from lms_core.kit.context import Work
from lms_core.kit.jobs import every


@every(timedelta(hours=1), "challenges.forget_old")
def forget_old(work: Work) -> None:
    """Delete challenges that expired an hour ago, in every institution."""
    with work.write() as ctx:
        ctx.session.execute(delete(Challenge).where(Challenge.expires_at < ctx.now - timedelta(hours=1)))
