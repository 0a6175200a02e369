"""Background work on files: bytes that nothing refers to any more leave storage."""

from sqlalchemy import select

from lms_core.content.files.models import Asset
from lms_core.kit.context import Work
from lms_core.kit.jobs import job
from lms_core.kit.storage import Storage

DISCARD = "files.discard"


@job(DISCARD, queue="io")
def discard(work: Work, *, keys: list[str]) -> None:
    """Delete each stored object that no asset row names; safe to repeat."""
    with work.read() as ctx:
        used = set(ctx.session.execute(select(Asset.storage_key).where(Asset.storage_key.in_(keys))).scalars())
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    for key in keys:
        if key not in used:
            storage.delete(key)
