"""Covers: a picture drawn anew from an upload and kept in the course's library, in one piece.

A cover is small and somebody waits for it, so it does not go the way of large uploads. It is looked at like them:
recognised by its bytes, scanned, decoded and drawn anew, before any transaction (`keep_cover`); the rows come after
(`set_cover`). What is never set costs its space until the course goes.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.content.media import names, pictures, queries, quotas, taking
from lms_core.content.media.errors import FileTooLarge, Refused
from lms_core.content.media.models import MediaItem, MediaKind, MediaState
from lms_core.content.media.pictures import Drawn
from lms_core.content.media.scanning import Scanner
from lms_core.content.media.storing import store_variants
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.errors import Unauthenticated
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.kit.storage import Storage

LARGEST_MB = 10
LARGEST = LARGEST_MB * 2**20
NO_PICTURE = ("not_a_picture", "A cover is a PNG, JPEG, WebP, GIF or AVIF picture.")


@dataclass(frozen=True, slots=True)
class KeptCover:
    """A picture in storage that is nobody's yet. `size` in bytes, its smaller variants included."""

    item_id: UUID
    name: str
    stored: StoredFile
    size: int
    width: int
    height: int
    variants: dict[str, dict[str, tuple[str, int]]]


def keep_cover(ctx: ReadCtx, course: str | UUID, *, content: bytes, name: str) -> KeptCover:
    """Draw an uploaded picture anew and store it, for the course's editors; call it outside a transaction.

    FileTooLarge above 10 MB; Refused, saying why, for what is no picture that can be read, or holds a virus;
    QuotaExceeded.
    """
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to upload a cover.")
    quotas.require_room(ctx, course_id=card.id, user_id=ctx.actor.user_id, size=len(content))
    drawn = draw_cover(ctx.resources, content)
    item_id = new_id()
    storage = ctx.resources.get(Storage)  # type: ignore[type-abstract]
    variants = store_variants(storage, names.item_folder(ctx.tenant_id, card.id, item_id), drawn.variants)
    stored = files.upload(ctx.resources, tenant_id=ctx.tenant_id, owner_id=card.id, source=drawn.content)
    small = sum(size for made in variants.values() for _, size in made.values())
    return KeptCover(item_id, name, stored, stored.size + small, drawn.width, drawn.height, variants)


def draw_cover(resources: Resources, content: bytes) -> Drawn:
    """An uploaded picture drawn anew, bounded and without metadata, with its smaller variants. Call it outside a
    transaction. FileTooLarge above 10 MB; Refused, saying why.
    """
    if len(content) > LARGEST:
        raise FileTooLarge(LARGEST_MB)
    with tempfile.TemporaryDirectory(prefix="mwalimu-cover-") as folder:
        path = Path(folder) / "cover"
        path.write_bytes(content)
        virus = resources.get(Scanner).found_in(path)  # type: ignore[type-abstract]
        if virus is not None:
            told = f"A virus was found in the file ({virus}), so nobody can open it. Clean your computer of it."
            raise Refused("virus_found", told)
        found = taking.recognised(path)
        if found.kind != MediaKind.PICTURE:
            raise Refused(*NO_PICTURE)
        return pictures.draw(path, found.media_type)


def set_cover(ctx: WriteCtx, course: str | UUID, *, kept: KeptCover) -> CourseCard:
    """Make a picture that `keep_cover` stored the course's cover, and an item of its library."""
    card = courses.editing(ctx, course)
    taken = queries.names_in(ctx, card.id) | {each.path for each in files.of_owner(ctx, owner_id=card.id)}
    path = names.item_name(kept.name or "cover", kept.stored.media_type, film=False, taken=taken)
    files.attach(ctx, owner_id=card.id, path=path, stored=kept.stored)
    ctx.add(
        MediaItem(
            id=kept.item_id,
            course_id=card.id,
            uploaded_by=ctx.actor.user_id,
            kind=MediaKind.PICTURE,
            name=path,
            media_type=kept.stored.media_type,
            size=kept.size,
            state=MediaState.READY,
            percent=100,
            width=kept.width,
            height=kept.height,
            details={"variants": kept.variants},
            created_at=ctx.now,
        )
    )
    return courses.set_cover(ctx, card.id, path=path)


def drop_cover(ctx: WriteCtx, course: str | UUID) -> CourseCard:
    """Show the drawn cover again; the picture stays in the library."""
    return courses.set_cover(ctx, course, path="")
