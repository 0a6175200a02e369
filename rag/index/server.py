"""The index on a Qdrant server, one collection per space; ":memory:" runs the client's own imitation in process."""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rag.index import ports
from rag.index.ports import Filter, Matches, Point, SpaceMismatch
from rag.schemas import FloatArray, SparseVector

_POINTS_PER_REQUEST = 500


class ServerIndex:
    """See ports.VectorIndex."""

    def __init__(self, location: str, space: str, *, api_key: str | None = None) -> None:
        # Imported here: the client pulls in its HTTP stack and all of the API's models.
        from qdrant_client import QdrantClient

        self.space = space
        self._collection = ports.storage_name(space)
        self._in_memory = location == ":memory:"
        self._client = QdrantClient(location=location, api_key=api_key, timeout=30)
        # The in-memory imitation is not safe from threads; a server needs no lock.
        self._lock = threading.RLock()
        self._dim = self._stored_dim()

    def ensure(self, space: str, dim: int) -> None:
        """See the port."""
        from qdrant_client import models

        ports.check_space(self.space, space)
        if not self._dim:
            self._client.create_collection(
                self._collection,
                vectors_config={"dense": models.VectorParams(size=dim, distance=models.Distance.COSINE)},
                sparse_vectors_config={"sparse": models.SparseVectorParams()},
                metadata={"space": space},
            )
            self._index_fields()
            self._dim = dim
        if dim != self._dim:
            raise SpaceMismatch(f"The index of {space} holds vectors of {self._dim} dimensions, not {dim}.")

    def upsert(self, points: Sequence[Point]) -> None:
        """See the port."""
        if not points:
            return
        if not self._dim:
            raise SpaceMismatch(f"The index of {self.space} is not open for writing: call ensure(space, dim) first.")
        ports.check_dims(points, self._dim)
        for first in range(0, len(points), _POINTS_PER_REQUEST):
            stored = [_stored(p) for p in points[first : first + _POINTS_PER_REQUEST]]
            with self._guard():
                self._client.upsert(self._collection, points=stored, wait=True)

    def delete(self, where: Filter) -> None:
        """See the port."""
        from qdrant_client import models

        if self._dim:
            with self._guard():
                selector = models.FilterSelector(filter=_condition(where))
                self._client.delete(self._collection, points_selector=selector, wait=True)

    def search(self, *, dense: FloatArray | None, sparse: SparseVector | None, where: Filter, limit: int) -> Matches:
        """See the port."""
        from qdrant_client import models

        if not self._dim or limit < 1:
            return Matches()
        queries: dict[str, Any] = {}
        if dense is not None:
            queries["dense"] = dense.tolist()
        if sparse is not None and len(sparse.ids):
            queries["sparse"] = models.SparseVector(indices=sparse.ids.tolist(), values=sparse.weights.tolist())
        requests = [
            models.QueryRequest(query=vector, using=name, filter=_condition(where), limit=limit, with_payload=False)
            for name, vector in queries.items()
        ]
        with self._guard():
            answers = self._client.query_batch_points(self._collection, requests=requests) if requests else []
        found = {
            name: [(UUID(str(hit.id)), float(hit.score)) for hit in answer.points]
            for name, answer in zip(queries, answers, strict=True)
        }
        return Matches(dense=found.get("dense", []), sparse=found.get("sparse", []))

    def count(self, where: Filter) -> int:
        """See the port."""
        if not self._dim:
            return 0
        with self._guard():
            return int(self._client.count(self._collection, count_filter=_condition(where), exact=True).count)

    def spaces(self) -> list[str]:
        """See the port."""
        found = []
        for collection in self._client.get_collections().collections:
            metadata = self._client.get_collection(collection.name).config.metadata or {}
            if collection.name.startswith("chunks-") and "space" in metadata:
                found.append(str(metadata["space"]))
        return sorted(found)

    def drop(self, space: str) -> None:
        """See the port."""
        if space == self.space:
            raise SpaceMismatch(f"{space} is in use by this index; switch to another space before dropping it.")
        self._client.delete_collection(ports.storage_name(space))

    def close(self) -> None:
        """See the port."""
        self._client.close()

    def _guard(self) -> Any:
        from contextlib import nullcontext

        return self._lock if self._in_memory else nullcontext()

    def _stored_dim(self) -> int:
        if not self._client.collection_exists(self._collection):
            return 0
        vectors: Any = self._client.get_collection(self._collection).config.params.vectors
        return int(vectors["dense"].size)

    def _index_fields(self) -> None:
        from qdrant_client import models

        if self._in_memory:
            return
        for name in ports.KEYWORD_FIELDS:
            keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=name == "tenant_id")
            self._client.create_payload_index(self._collection, name, field_schema=keyword)


def _stored(point: Point) -> Any:
    from qdrant_client import models

    sparse = models.SparseVector(indices=point.sparse.ids.tolist(), values=point.sparse.weights.tolist())
    return models.PointStruct(
        id=str(point.chunk_id), vector={"dense": point.dense.tolist(), "sparse": sparse}, payload=ports.payload(point)
    )


def _condition(where: Filter) -> Any:
    from qdrant_client import models

    def one(key: str, value: str) -> Any:
        return models.FieldCondition(key=key, match=models.MatchValue(value=value))

    def any_of(key: str, values: frozenset[Any]) -> Any:
        return models.FieldCondition(key=key, match=models.MatchAny(any=sorted(str(v) for v in values)))

    must: list[Any] = [one("tenant_id", str(where.tenant_id))]
    if where.course_id is not None:
        must.append(one("course_id", str(where.course_id)))
    if where.lessons is not None:
        must.append(any_of("lesson_id", where.lessons))
    if where.languages is not None:
        must.append(any_of("language", where.languages))
    if where.published is not None:
        must.append(one("published", ports.published_word(where.published)))
    if where.chunks is not None:
        must.append(models.HasIdCondition(has_id=[str(chunk) for chunk in sorted(where.chunks)]))
    without: list[Any] = [any_of("lesson_id", where.without_lessons)] if where.without_lessons else []
    if where.without_chunks:
        without.append(models.HasIdCondition(has_id=[str(chunk) for chunk in sorted(where.without_chunks)]))
    return models.Filter(must=must, must_not=without)
