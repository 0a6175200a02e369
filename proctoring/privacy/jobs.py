"""Retention: once an hour, pictures whose time is over leave."""

from datetime import timedelta

import structlog
from sqlalchemy import or_, select

from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every
from proctoring.privacy import service
from proctoring.privacy.models import DeletionRequest
from proctoring.sessions.models import Session

AT_ONCE = 500

log = structlog.get_logger(__name__)


@every(timedelta(hours=1), "proctoring.retention")
def retention(work: Work) -> None:
    """Delete what is due, a session in a transaction; what a dispute holds waits for the next hour."""
    last = None
    deleted = 0
    while True:
        with work.read() as view:
            wanted = (
                select(Session.id, Session.tenant_id)
                .outerjoin(DeletionRequest, DeletionRequest.session_id == Session.id)
                .where(
                    Session.pictures_deleted_at.is_(None),
                    or_(
                        Session.retain_until <= view.now,
                        DeletionRequest.granted.is_(None) & DeletionRequest.asked_at.is_not(None),
                    ),
                )
                .order_by(Session.id)
                .limit(AT_ONCE)
            )
            rows = view.session.execute(wanted if last is None else wanted.where(Session.id > last)).all()
        for row in rows:
            work.check_stop()
            with work.database.write(system_actor(row.tenant_id)) as ctx:
                deleted += service.delete_when_due(ctx, row.id)
        if len(rows) < AT_ONCE:
            break
        last = rows[-1].id
    if deleted:
        log.info("proctoring.pictures_deleted", sessions=deleted)
