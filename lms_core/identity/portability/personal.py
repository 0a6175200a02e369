"""What exports hold about a person."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.portability.models import DataExport
from lms_core.kit.context import ReadCtx
from lms_core.kit.personal import Mine, declare


def _archives(ctx: ReadCtx, user_id: UUID) -> list[str]:
    kept = select(DataExport.storage_key).where(DataExport.user_id == user_id, DataExport.storage_key != "")
    return list(ctx.session.execute(kept).scalars())


declare("data_exports", Mine(DataExport.user_id, without=frozenset({"storage_key"})), files=_archives)
