"""Background work of exports: making an archive, and deleting it after seven days."""

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.accounts import service as accounts
from lms_core.identity.portability import archive
from lms_core.identity.portability.models import DataExport, ExportStatus
from lms_core.kit import personal
from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job
from lms_core.kit.storage import Storage, tenant_key

MAKE = "portability.make"
KEPT = timedelta(days=7)
PAGE = "/profile/data"
AT_ONCE = 500


@job(MAKE, queue="heavy")
def make(work: Work, *, export_id: str) -> None:
    """Make the archive, a short reading transaction for each slice, and tell its owner by mail."""
    with work.read() as ctx:
        row = ctx.session.execute(select(DataExport).where(DataExport.id == UUID(export_id))).scalar_one_or_none()
        if row is None or row.status != ExportStatus.QUEUED:
            return
        owner = accounts.account(ctx, user_id=row.user_id)
    key = tenant_key(work.actor.tenant_id, "exports", f"{row.id}.zip")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.zip"
        with archive.Archive(path, owner=owner, made_at=row.requested_at) as made:
            for name in sorted(personal.DECLARED):
                work.check_stop()
                with work.read() as ctx:
                    tables = personal.export(ctx, personal.DECLARED[name], owner.id)
                made.add(name, tables)
        size = path.stat().st_size
        work.resources.get(Storage).put_file(key, path)  # type: ignore[type-abstract]
    with work.write() as ctx:
        kept = ctx.session.execute(select(DataExport).where(DataExport.id == row.id)).scalar_one_or_none()
        if kept is None:  # the account was deleted meanwhile
            return
        kept.status, kept.storage_key, kept.size = ExportStatus.READY, key, size
        kept.ready_at, kept.expires_at = ctx.now, ctx.now + KEPT
        accounts.send_letter(ctx, user_id=owner.id, kind="export_ready", path=PAGE)
        work.finish(ctx)


@every(timedelta(hours=6), "portability.forget")
def forget(work: Work) -> None:
    """Delete archives whose seven days are over: the file first, so that none is left behind."""
    with work.read() as view:
        due = view.session.execute(
            select(DataExport.id, DataExport.tenant_id, DataExport.storage_key)
            .where(DataExport.status == ExportStatus.READY, DataExport.expires_at <= view.now)
            .limit(AT_ONCE)
        ).all()
    for row in due:
        work.resources.get(Storage).delete(row.storage_key)  # type: ignore[type-abstract]
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            kept = ctx.session.execute(select(DataExport).where(DataExport.id == row.id)).scalar_one_or_none()
            if kept is not None:
                kept.status, kept.storage_key = ExportStatus.EXPIRED, ""
