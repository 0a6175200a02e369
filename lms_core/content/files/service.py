"""Verbs on files: upload bytes, attach them to a path, find, list and drop them.

Bytes go to storage before the transaction (`upload`), the row inside it
(`attach`): no transaction waits for a bucket. An upload that is never attached
costs its space only; the next upload of the same bytes reuses it.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlalchemy import select

from lms_core.content.files import jobs
from lms_core.content.files.models import Asset
from lms_core.content.files.schemas import AssetView, StoredFile
from lms_core.content.files.sniffing import HEAD_BYTES, may_show, media_type, policy_for
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.copies import copied
from lms_core.kit.errors import Invalid, NotFound
from lms_core.kit.storage import Storage, tenant_key

MAXIMUM_PATH = 500


def upload(resources: Resources, *, tenant_id: UUID, owner_id: UUID, source: bytes | Path) -> StoredFile:
    """Put bytes (or a file, never held in memory) into storage. Call it outside a transaction."""
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = source.stat().st_size
    else:
        head, digest, size = source[:HEAD_BYTES], hashlib.sha256(source).hexdigest(), len(source)
    key = tenant_key(tenant_id, "assets", str(owner_id), digest)
    if isinstance(source, Path):
        storage.put_file(key, source)
    else:
        storage.put(key, source)
    return StoredFile(storage_key=key, media_type=media_type(head), size=size, sha256=digest)


def attach(ctx: WriteCtx, *, owner_id: UUID, path: str, stored: StoredFile) -> AssetView:
    """Make stored bytes the file at `path` of `owner_id`, in place of what was there."""
    path = normal_path(path)
    asset = _at(ctx, owner_id, path)
    if asset is None:
        asset = Asset(owner_id=owner_id, path=path, created_at=ctx.now, **stored.model_dump())
    elif asset.storage_key != stored.storage_key:
        ctx.enqueue(jobs.DISCARD, keys=[asset.storage_key])
        for name, value in stored.model_dump().items():
            setattr(asset, name, value)
    return _view(ctx.add(asset))


def store(ctx: WriteCtx, *, owner_id: UUID, path: str, content: bytes) -> AssetView:
    """`upload` and `attach` in one, for small files written where a transaction is open anyway."""
    stored = upload(ctx.resources, tenant_id=ctx.tenant_id, owner_id=owner_id, source=content)
    return attach(ctx, owner_id=owner_id, path=path, stored=stored)


def find(ctx: ReadCtx, *, owner_id: UUID, path: str) -> AssetView:
    """The file at `path`; NotFound when there is none. Whoever calls has decided who may see the owner."""
    asset = _at(ctx, owner_id, path)
    if asset is None:
        raise NotFound("There is no such file in this course.")
    return _view(asset)


def of_owner(ctx: ReadCtx, *, owner_id: UUID) -> list[AssetView]:
    """Every file of an owner, by path."""
    rows = ctx.session.execute(select(Asset).where(Asset.owner_id == owner_id).order_by(Asset.path))
    return [_view(asset) for asset in rows.scalars()]


def copy_to(ctx: WriteCtx, source: UUID, target: UUID) -> None:
    """Let the owner `target` have each file of `source` at the same path. No byte is copied: rows share what is stored.

    What is stored goes when no row names it any more, so neither owner can take it from the other.
    """
    rows = ctx.session.execute(select(Asset).where(Asset.owner_id == source)).scalars().all()
    ctx.session.add_all(copied(asset, owner_id=target, created_at=ctx.now) for asset in rows)
    ctx.session.flush()


def discard(ctx: WriteCtx, *, owner_id: UUID, path: str) -> None:
    """Drop the file at `path` of an owner; none there is fine."""
    asset = _at(ctx, owner_id, path)
    if asset is not None:
        ctx.session.delete(asset)
        ctx.session.flush()
        ctx.enqueue(jobs.DISCARD, keys=[asset.storage_key])


def remove(ctx: WriteCtx, *, owner_id: UUID, keep: Sequence[str] = ()) -> int:
    """Drop every file of an owner but those at the paths in `keep`. Returns how many went."""
    kept = frozenset(keep)
    rows = ctx.session.execute(select(Asset).where(Asset.owner_id == owner_id)).scalars()
    gone = [asset for asset in rows if asset.path not in kept]
    for asset in gone:
        ctx.session.delete(asset)
    ctx.session.flush()
    if gone:
        ctx.enqueue(jobs.DISCARD, keys=sorted({asset.storage_key for asset in gone}))
    return len(gone)


def drop(ctx: WriteCtx, *, owner_id: UUID, path: str) -> None:
    """Drop the file at `path`; none there is fine."""
    asset = _at(ctx, owner_id, path)
    if asset is not None:
        ctx.session.delete(asset)
        ctx.session.flush()
        ctx.enqueue(jobs.DISCARD, keys=[asset.storage_key])


def normal_path(path: str) -> str:
    """A path inside an owner: relative, forward slashes, no climbing. Invalid otherwise."""
    parts = PurePosixPath(path).parts
    unsafe = path.startswith("/") or ".." in parts or "\\" in path or any(ord(each) < 32 for each in path)
    if not parts or unsafe or len(path) > MAXIMUM_PATH:
        raise Invalid(f"A file's path is relative, without '..', below {MAXIMUM_PATH} characters; not {path[:80]!r}.")
    return "/".join(parts)


def _at(ctx: ReadCtx, owner_id: UUID, path: str) -> Asset | None:
    found: Asset | None = ctx.session.execute(
        select(Asset).where(Asset.owner_id == owner_id, Asset.path == path)
    ).scalar_one_or_none()
    return found


def _view(asset: Asset) -> AssetView:
    return AssetView(
        id=asset.id,
        path=asset.path,
        media_type=asset.media_type,
        size=asset.size,
        sha256=asset.sha256,
        storage_key=asset.storage_key,
        inline=may_show(asset.media_type),
        content_security_policy=policy_for(asset.media_type),
    )
