"""Verbs on exports: ask for one, list one's own, fetch one. All for the owner alone, logged in as themselves."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.accounts.models import User
from lms_core.identity.audit import service as audit
from lms_core.identity.portability import jobs
from lms_core.identity.portability.errors import ExportGone, ExportTooSoon
from lms_core.identity.portability.models import DataExport, ExportStatus
from lms_core.identity.portability.schemas import ExportView
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.storage import Storage

ONE_EVERY = timedelta(days=1)


def request(ctx: WriteCtx) -> ExportView:
    """Have an archive of one's data made; a letter tells when it is there. ExportTooSoon, Forbidden, ConfirmFirst."""
    user_id = reauthentication.proven_account(ctx)
    # The account's row is the lock: two requests of one moment make one archive.
    ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True)).one()
    last = ctx.session.execute(
        select(DataExport.requested_at)
        .where(DataExport.user_id == user_id)
        .order_by(DataExport.requested_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last is not None and ctx.now < last + ONE_EVERY:
        wait = last + ONE_EVERY - ctx.now
        raise ExportTooSoon("There is one archive a day. Try again tomorrow.", retry_after=int(wait.total_seconds()))
    row = ctx.add(DataExport(user_id=user_id, requested_at=ctx.now))
    ctx.enqueue(jobs.MAKE, export_id=str(row.id))
    audit.record(ctx, action="data_export.requested", object=("user", user_id))
    return ExportView.model_validate(row)


def mine(ctx: ReadCtx) -> list[ExportView]:
    """One's own last archives, newest first."""
    rows = ctx.session.execute(
        select(DataExport)
        .where(DataExport.user_id == access.own_account(ctx))
        .order_by(DataExport.requested_at.desc())
        .limit(10)
    ).scalars()
    return [ExportView.model_validate(row) for row in rows]


def content(ctx: WriteCtx, *, export_id: UUID) -> Iterator[bytes]:
    """The archive in pieces, for its owner; written down. ExportGone for everybody else, ConfirmFirst."""
    owner = reauthentication.proven_account(ctx)
    row = ctx.session.execute(
        select(DataExport).where(DataExport.id == export_id, DataExport.user_id == owner)
    ).scalar_one_or_none()
    if row is None or row.status != ExportStatus.READY or row.expires_at <= ctx.now:
        raise ExportGone("Ask for a new one; an archive is kept for 7 days.")
    storage = ctx.resources.get(Storage)  # type: ignore[type-abstract]
    storage.size(row.storage_key)  # NotFound now, and not in the middle of an answer
    audit.record(ctx, action="data_export.fetched", object=("data_export", row.id))
    return storage.stream(row.storage_key)
