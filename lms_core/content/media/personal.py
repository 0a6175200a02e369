"""What the library holds about a person: uploads on their way, and what they brought into courses."""

from uuid import UUID

from sqlalchemy import select

from lms_core.content.media import names
from lms_core.content.media.models import MediaItem, Upload, UploadPiece
from lms_core.kit.context import ReadCtx
from lms_core.kit.personal import Act, Mine, declare


def _on_their_way(ctx: ReadCtx, user_id: UUID) -> list[str]:
    """What uploads that are no items yet have in storage: pieces, what was sent straight there, what is infected."""
    uploads = list(ctx.session.execute(select(Upload).where(Upload.user_id == user_id)).scalars())
    ids = [row.id for row in uploads]
    pieces = select(UploadPiece.storage_key).where(UploadPiece.upload_id.in_(ids))
    keys = list(ctx.session.execute(pieces).scalars())
    for row in uploads:
        keys.append(names.direct_key(row.tenant_id, row.course_id, row.id))
        keys.append(names.quarantine_key(row.tenant_id, row.id))
    return keys


declare(
    "media",
    Mine(Upload.user_id),
    Act(MediaItem.uploaded_by, only=("id", "course_id", "name", "media_type", "size", "created_at")),
    files=_on_their_way,
)
