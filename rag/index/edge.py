"""The embedded index: a Qdrant Edge shard per space, in a folder that one process owns.

`optimize()` is never called: it holds the interpreter lock for seconds to
minutes. Filters on indexed payload keep unoptimised segments fast.
"""

import fcntl
import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from rag.index import ports
from rag.index.ports import Filter, IndexLocked, Matches, Point, SpaceMismatch
from rag.schemas import FloatArray, SparseVector

_META = "space.json"


class EdgeIndex:
    """See ports.VectorIndex. The folder `location/<storage name>` holds one space."""

    def __init__(self, location: Path, space: str) -> None:
        self.space = space
        self._location = location
        self._folder = location / ports.storage_name(space)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock_file = _locked(self._folder)
        self._write_lock = threading.Lock()
        self._shard: Any = None
        self._dim = 0
        if (self._folder / _META).exists():
            self._open()

    def ensure(self, space: str, dim: int) -> None:
        """See the port. A shard whose creation was interrupted is made anew: it had no points yet."""
        ports.check_space(self.space, space)
        with self._write_lock:
            if self._shard is None:
                self._create(dim)
        if dim != self._dim:
            raise SpaceMismatch(f"The index of {space} holds vectors of {self._dim} dimensions, not {dim}.")

    def upsert(self, points: Sequence[Point]) -> None:
        """See the port."""
        if not points:
            return
        import qdrant_edge as qe

        shard = self._opened()
        ports.check_dims(points, self._dim)
        stored = [
            qe.Point(
                p.chunk_id,
                {
                    "dense": p.dense.tolist(),
                    "sparse": qe.SparseVector(p.sparse.ids.tolist(), p.sparse.weights.tolist()),
                },
                ports.payload(p),
            )
            for p in points
        ]
        with self._write_lock:
            shard.update(qe.UpdateOperation.upsert_points(stored))

    def delete(self, where: Filter) -> None:
        """See the port."""
        if self._shard is None:
            return
        import qdrant_edge as qe

        with self._write_lock:
            self._shard.update(qe.UpdateOperation.delete_points_by_filter(_condition(where)))

    def search(self, *, dense: FloatArray | None, sparse: SparseVector | None, where: Filter, limit: int) -> Matches:
        """See the port."""
        if self._shard is None or limit < 1:
            return Matches()
        import qdrant_edge as qe

        found: dict[str, list[tuple[UUID, float]]] = {"dense": [], "sparse": []}
        queries: dict[str, Any] = {}
        if dense is not None:
            queries["dense"] = dense.tolist()
        if sparse is not None and len(sparse.ids):
            queries["sparse"] = qe.SparseVector(sparse.ids.tolist(), sparse.weights.tolist())
        for name, vector in queries.items():
            request = qe.QueryRequest(
                limit=limit, query=qe.Query.Nearest(vector, using=name), filter=_condition(where), with_payload=False
            )
            found[name] = [(UUID(str(hit.id)), float(hit.score)) for hit in self._shard.query(request)]
        return Matches(dense=found["dense"], sparse=found["sparse"])

    def count(self, where: Filter) -> int:
        """See the port."""
        if self._shard is None:
            return 0
        import qdrant_edge as qe

        return int(self._shard.count(qe.CountRequest(exact=True, filter=_condition(where))))

    def spaces(self) -> list[str]:
        """See the port."""
        metas = sorted(self._location.glob(f"*/{_META}"))
        return sorted(str(json.loads(meta.read_text("utf-8"))["space"]) for meta in metas)

    def drop(self, space: str) -> None:
        """See the port."""
        if space == self.space:
            raise SpaceMismatch(f"{space} is in use by this index; switch to another space before dropping it.")
        folder = self._location / ports.storage_name(space)
        if folder.exists():
            with _locked(folder):
                shutil.rmtree(folder)

    def close(self) -> None:
        """See the port."""
        with self._write_lock:
            if self._shard is not None:
                self._shard.flush()
                self._shard.close()
                self._shard = None
            self._lock_file.close()

    def _opened(self) -> Any:
        if self._shard is None:
            raise SpaceMismatch(f"The index of {self.space} is not open for writing: call ensure(space, dim) first.")
        return self._shard

    def _open(self) -> None:
        import qdrant_edge as qe

        self._dim = int(json.loads((self._folder / _META).read_text("utf-8"))["dim"])
        self._shard = qe.EdgeShard.load(str(self._folder / "shard"))

    def _create(self, dim: int) -> None:
        import qdrant_edge as qe

        shard_folder = self._folder / "shard"
        shutil.rmtree(shard_folder, ignore_errors=True)
        shard_folder.mkdir()
        config = qe.EdgeConfig(
            vectors={"dense": qe.EdgeVectorParams(size=dim, distance=qe.Distance.Cosine)},
            sparse_vectors={"sparse": qe.EdgeSparseVectorParams()},
        )
        shard = qe.EdgeShard.create(str(shard_folder), config)
        for name in ports.KEYWORD_FIELDS:
            keyword = qe.KeywordIndexParams(is_tenant=name == "tenant_id")
            shard.update(qe.UpdateOperation.create_field_index(name, keyword))
        # Written last, by rename: its presence says that the shard is complete.
        draft = self._folder / f"{_META}.new"
        draft.write_text(json.dumps({"space": self.space, "dim": dim}), "utf-8")
        draft.replace(self._folder / _META)
        self._dim, self._shard = dim, shard


def _locked(folder: Path) -> IO[str]:
    """An open file holding the folder's lock; the system lets go of it when the process dies."""
    file = (folder / "owner.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise IndexLocked(
            f"The index in {folder} is open in another process (a running server or worker). "
            "Only one process may open it: stop the other one, or send the command through it."
        ) from error
    return file


def _condition(where: Filter) -> Any:
    import qdrant_edge as qe

    def one(key: str, value: str) -> Any:
        return qe.FieldCondition(key, match=qe.MatchValue(value))

    def any_of(key: str, values: frozenset[Any]) -> Any:
        return qe.FieldCondition(key, match=qe.MatchAny(sorted(str(v) for v in values)))

    must = [one("tenant_id", str(where.tenant_id))]
    if where.course_id is not None:
        must.append(one("course_id", str(where.course_id)))
    if where.lessons is not None:
        must.append(any_of("lesson_id", where.lessons))
    if where.languages is not None:
        must.append(any_of("language", where.languages))
    if where.published is not None:
        must.append(one("published", ports.published_word(where.published)))
    if where.chunks is not None:
        must.append(qe.HasIdCondition(set(where.chunks)))
    without = [any_of("lesson_id", where.without_lessons)] if where.without_lessons else []
    if where.without_chunks:
        without.append(qe.HasIdCondition(set(where.without_chunks)))
    return qe.Filter(must=must, must_not=without)
