"""Object storage: bytes by key, on the local disk or in any S3-compatible bucket.

Keys begin with the tenant's id, so institutions are apart in storage too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from lms_core.kit.errors import NotFound


class Storage(Protocol):
    """Where files live."""

    def put(self, key: str, content: bytes) -> None: ...

    def put_file(self, key: str, path: Path) -> None: ...

    def get(self, key: str) -> bytes: ...

    def stream(self, key: str) -> Iterator[bytes]: ...

    def size(self, key: str) -> int: ...

    def delete(self, key: str) -> None: ...


def tenant_key(tenant_id: UUID, *parts: str) -> str:
    """The key of a tenant's object: `<tenant>/<part>/<part>`; parts may not climb."""
    for part in parts:
        if part in ("", ".", "..") or "/" in part or "\\" in part:
            raise ValueError(f"not a storage key part: {part!r}")
    return "/".join((str(tenant_id), *parts))


class ObjectStorage:
    """`Storage` over obstore: local disk, memory, S3 and its kin share one implementation."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, key: str, content: bytes) -> None:
        """Store `content`, replacing what was there."""
        self._store.put(key, content)

    def put_file(self, key: str, path: Path) -> None:
        """Store a file without holding it in memory."""
        self._store.put(key, path)

    def get(self, key: str) -> bytes:
        """The whole object. NotFound when there is none."""
        try:
            return bytes(self._store.get(key).bytes())
        except FileNotFoundError as error:
            raise NotFound("This file is no longer stored.") from error

    def stream(self, key: str) -> Iterator[bytes]:
        """The object in pieces of a few hundred kilobytes. NotFound when there is none."""
        try:
            found = self._store.get(key)
        except FileNotFoundError as error:
            raise NotFound("This file is no longer stored.") from error
        for piece in found.stream():
            yield bytes(piece)

    def size(self, key: str) -> int:
        """Bytes of the object. NotFound when there is none."""
        try:
            return int(self._store.head(key)["size"])
        except FileNotFoundError as error:
            raise NotFound("This file is no longer stored.") from error

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is fine."""
        try:
            self._store.delete(key)
        except FileNotFoundError:
            return


def open_storage(url: str, *, data_dir: Path) -> ObjectStorage:
    """Storage by URL: empty for `<data_dir>/files`, `memory:`, else what obstore knows (s3://bucket, ...)."""
    if not url:
        folder = data_dir / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return ObjectStorage(LocalStore(prefix=folder))
    if url.startswith("memory:"):
        return ObjectStorage(MemoryStore())
    return ObjectStorage(from_url(url))
