"""A course's library once more, for a copy of the course: bytes first, outside any transaction, then the rows.

The copy of an item has an id made from the two, so doing it again writes the same objects. What was never finished
(a film being made, or one that failed) stays behind. Whose copy it is pays for it: sizes count for their quota.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import select

from lms_core.content.media import names, quotas
from lms_core.content.media.models import Caption, MediaItem, MediaKind, MediaState
from lms_core.content.media.storing import moved_keys
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.copies import copied
from lms_core.kit.storage import Storage

OF_FILM = ("master.m3u8", "video.mp4", "poster.jpg")
OF_RENDITION = ("index.m3u8", "stream.mp4")


@dataclass(frozen=True, slots=True)
class Bytes:
    """One stored object and the key of its copy."""

    key: str
    copy_key: str


def require_room_for_copy(ctx: ReadCtx, source: UUID, *, user_id: UUID) -> None:
    """QuotaExceeded when the library of a course, once more, does not fit its copier's or the institution's quota."""
    sizes = ctx.session.execute(select(MediaItem.size).where(MediaItem.course_id == source)).scalars()
    quotas.require_room(ctx, course_id=UUID(int=0), user_id=user_id, size=sum(sizes))


def objects_of(ctx: ReadCtx, source: UUID, target: UUID) -> list[Bytes]:
    """Everything stored for the items of a course, with where it goes for the course `target`. One statement."""
    return [each for item in _items(ctx, source) for each in _objects(ctx, item, target)]


def copy_object(resources: Resources, each: Bytes) -> None:
    """Copy one object within the storage. NotFound when it lost it."""
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    storage.copy(each.key, each.copy_key)


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID]) -> None:
    """The rows of a library whose bytes are copied, captions included; names stay, so lessons show the same."""
    for item in _items(ctx, source):
        new_id = ids[item.id] = _copy_id(item, target)
        folders = [
            names.item_folder(ctx.tenant_id, course, each) for course, each in ((source, item.id), (target, new_id))
        ]
        details = moved_keys(item.details, old=folders[0], new=folders[1])
        row = copied(
            item, id=new_id, course_id=target, uploaded_by=ctx.actor.user_id, details=details, created_at=ctx.now
        )
        ctx.add(row)
        for caption in ctx.session.execute(select(Caption).where(Caption.item_id == item.id)).scalars().all():
            ctx.add(copied(caption, item_id=new_id))


def _items(ctx: ReadCtx, course_id: UUID) -> list[MediaItem]:
    wanted = select(MediaItem).where(MediaItem.course_id == course_id, MediaItem.state == MediaState.READY)
    return list(ctx.session.execute(wanted.order_by(MediaItem.id)).scalars())


def _copy_id(item: MediaItem, target: UUID) -> UUID:
    return uuid5(target, str(item.id))


def _objects(ctx: ReadCtx, item: MediaItem, target: UUID) -> Iterator[Bytes]:
    old = names.item_folder(ctx.tenant_id, item.course_id, item.id)
    new = names.item_folder(ctx.tenant_id, target, _copy_id(item, target))
    if item.kind == MediaKind.FILM:
        parts = list(OF_FILM)
        parts += [f"{rendition[0]}/{part}" for rendition in item.details.get("renditions", ()) for part in OF_RENDITION]
        for part in parts:
            yield Bytes(f"{old}/{part}", f"{new}/{part}")
    for made in item.details.get("variants", {}).values():
        for key, _size in made.values():
            yield Bytes(key, key.replace(old, new, 1))
