"""Object storage: bytes by key, on the local disk or in any S3-compatible bucket.

Keys begin with the tenant's id, so institutions are apart in storage too. A
link lets whoever holds it read or write one object for a while: a bucket signs
its own (SigV4), for the disk `kit.storage_links` does, and `api` serves those.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

from obstore import sign
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from lms_core.kit.errors import NotFound
from lms_core.kit.storage_links import LinkSigner, Method

if TYPE_CHECKING:
    from obstore.store import S3Config

LONGEST_LINK = 7 * 24 * 3600  # seconds; what SigV4 allows


class Storage(Protocol):
    """Where files live."""

    def put(self, key: str, content: bytes) -> None: ...

    def put_file(self, key: str, path: Path) -> None: ...

    def put_stream(self, key: str, pieces: Iterable[bytes]) -> None: ...

    def copy(self, key: str, target: str) -> None: ...

    def get(self, key: str) -> bytes: ...

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> Iterator[bytes]: ...

    def size(self, key: str) -> int: ...

    def delete(self, key: str) -> None: ...

    def delete_under(self, prefix: str) -> None: ...

    def link(self, key: str, *, method: Method = "GET", seconds: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and who opens it; what is empty comes from the `AWS_*` environment."""

    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""

    def config(self) -> dict[str, Any]:
        """As obstore takes it."""
        named = {
            "endpoint": self.endpoint,
            "region": self.region,
            "access_key_id": self.key_id,
            "secret_access_key": self.secret,
        }
        return {name: value for name, value in named.items() if value}


def tenant_key(tenant_id: UUID, *parts: str) -> str:
    """The key of a tenant's object: `<tenant>/<part>/<part>`; parts may not climb."""
    for part in parts:
        if part in ("", ".", "..") or "/" in part or "\\" in part:
            raise ValueError(f"not a storage key part: {part!r}")
    return "/".join((str(tenant_id), *parts))


class ObjectStorage:
    """`Storage` over obstore: local disk, memory, S3 and its kin share one implementation.

    `signer` makes the links of a store that cannot sign its own.
    """

    def __init__(self, store: ObjectStore, *, signer: LinkSigner | None = None) -> None:
        self._store = store
        self._signer = signer

    def put(self, key: str, content: bytes) -> None:
        """Store `content`, replacing what was there."""
        self._store.put(key, content)

    def put_file(self, key: str, path: Path) -> None:
        """Store a file without holding it in memory."""
        self._store.put(key, path)

    def put_stream(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store what comes, a few megabytes in memory at a time; nothing is stored when `pieces` raises."""
        self._store.put(key, iter(pieces))

    def copy(self, key: str, target: str) -> None:
        """Store the object once more, replacing what was there; its bytes stay in the storage. NotFound."""
        with _found():
            self._store.copy(key, target)

    def get(self, key: str) -> bytes:
        """The whole object. NotFound when there is none."""
        with _found():
            return bytes(self._store.get(key).bytes())

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` up to, not including, `end` in pieces of a few hundred kilobytes.

        NotFound when there is no object. An `end` past the object's end is its end; `start` lies inside it.
        """
        with _found():
            if end is not None:
                found = self._store.get(key, options={"range": (start, end)})
            elif start:
                found = self._store.get(key, options={"range": {"offset": start}})
            else:
                found = self._store.get(key)
        for piece in found.stream():
            yield bytes(piece)

    def size(self, key: str) -> int:
        """Bytes of the object. NotFound when there is none."""
        with _found():
            return int(self._store.head(key)["size"])

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is fine."""
        try:
            self._store.delete(key)
        except FileNotFoundError:
            return

    def delete_under(self, prefix: str) -> None:
        """Remove every object whose key begins with `prefix` and a slash."""
        # Listed whole before the first goes: a listing that shrinks meanwhile skips some.
        for keys in [[found["path"] for found in batch] for batch in self._store.list(prefix)]:
            self._store.delete(keys)

    def link(self, key: str, *, method: Method = "GET", seconds: int) -> str:
        """An address that reads (or with PUT writes) this object for so many seconds, for whoever holds it."""
        if not 0 < seconds <= LONGEST_LINK:
            raise ValueError(f"a link lasts up to {LONGEST_LINK} seconds, not {seconds}")
        if self._signer is not None:
            return self._signer.link(key, method=method, seconds=seconds)
        return sign(cast(Any, self._store), method, key, timedelta(seconds=seconds))


def open_storage(
    url: str, *, data_dir: Path, bucket: Bucket | None = None, signer: LinkSigner | None = None
) -> ObjectStorage:
    """Storage by URL: empty for `<data_dir>/files`, `memory:`, else what obstore knows (s3://bucket, ...).

    `bucket` is for S3 and its kin; `signer` for the disk and for memory.
    """
    if not url:
        folder = data_dir / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return ObjectStorage(LocalStore(prefix=folder, automatic_cleanup=True), signer=signer)
    if url.startswith("memory:"):
        return ObjectStorage(MemoryStore(), signer=signer)
    if not url.startswith("s3:"):
        return ObjectStorage(from_url(url))
    config = cast("S3Config", (bucket or Bucket()).config())
    plain = bucket is not None and bucket.endpoint.startswith("http:")
    return ObjectStorage(from_url(url, config=config, client_options={"allow_http": plain}))


@contextmanager
def _found() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("This file is no longer stored.") from error
