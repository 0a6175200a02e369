"""Scheduled work of logins."""

from datetime import timedelta

from sqlalchemy import delete, select

from lms_core.identity.auth.models import AuthSession, RefreshToken
from lms_core.kit.context import Work
from lms_core.kit.jobs import every

KEPT_AFTER_EXPIRY = timedelta(days=7)


@every(timedelta(hours=12), "auth.forget_old_sessions")
def forget_old_sessions(work: Work) -> None:
    """Delete sessions and their tokens a week after they expired, in every institution."""
    with work.write() as ctx:
        old = select(AuthSession.id).where(AuthSession.expires_at < ctx.now - KEPT_AFTER_EXPIRY)
        ctx.session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(old)))
        ctx.session.execute(delete(AuthSession).where(AuthSession.expires_at < ctx.now - KEPT_AFTER_EXPIRY))
