"""The vector-index port: what a point is, how a search is narrowed, and what every adapter must do."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from rag.schemas import FloatArray, SparseVector


class IndexLocked(Exception):
    """Another process has the embedded index open."""


class SpaceMismatch(Exception):
    """Vectors of one embedding space were offered to an index of another."""


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk in the index. `dense` is a unit vector (dim,); `sparse` carries finished BM25 document weights."""

    chunk_id: UUID
    tenant_id: UUID
    course_id: UUID
    lesson_id: UUID
    language: str
    published: bool
    dense: FloatArray
    sparse: SparseVector


@dataclass(frozen=True, slots=True)
class Filter:
    """Which points count. The tenant is never optional; an empty set matches nothing, None all."""

    tenant_id: UUID
    course_id: UUID | None = None
    lessons: frozenset[UUID] | None = None
    without_lessons: frozenset[UUID] = frozenset()
    languages: frozenset[str] | None = None
    published: bool | None = None
    chunks: frozenset[UUID] | None = None
    without_chunks: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Matches:
    """Best points first: by cosine (`dense`) and by the dot product of term weights (`sparse`)."""

    dense: list[tuple[UUID, float]] = field(default_factory=list)
    sparse: list[tuple[UUID, float]] = field(default_factory=list)


class VectorIndex(Protocol):
    """One embedding space's points. Every method may be called from any thread."""

    space: str

    def ensure(self, space: str, dim: int) -> None:
        """Create the space's storage if it is absent. Raises SpaceMismatch if `space` is not this index's."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace by chunk id; visible to the next search. Raises SpaceMismatch on another dimension."""

    def delete(self, where: Filter) -> None:
        """Remove what matches; the next search does not find it."""

    def search(self, *, dense: FloatArray | None, sparse: SparseVector | None, where: Filter, limit: int) -> Matches:
        """The best `limit` points for each vector that is given."""

    def count(self, where: Filter) -> int:
        """How many points match."""

    def spaces(self) -> list[str]:
        """Every space stored at this location, for finding old ones after a switch."""

    def drop(self, space: str) -> None:
        """Delete a space that is no longer used. Raises SpaceMismatch for the space in use."""

    def close(self) -> None:
        """Flush and let go of the storage; closing twice does no harm."""


def storage_name(space: str) -> str:
    """A folder or collection name for `space`: readable, and unique through a digest."""
    readable = "".join(c if c.isalnum() else "-" for c in space.lower())[:40].strip("-")
    return f"chunks-{readable}-{hashlib.sha256(space.encode()).hexdigest()[:8]}"


def check_space(mine: str, offered: str) -> None:
    """Raises SpaceMismatch unless the spaces are equal."""
    if mine != offered:
        raise SpaceMismatch(
            f"This index holds vectors of {mine}, but was offered {offered}. Vectors of two models cannot be compared: "
            "re-index beside the old index by opening it with the new space, then switch."
        )


def check_dims(points: Sequence[Point], dim: int) -> None:
    """Raises SpaceMismatch if a point's dense vector is not `dim` long."""
    for point in points:
        if point.dense.shape != (dim,):
            raise SpaceMismatch(
                f"Chunk {point.chunk_id} has a vector of shape {point.dense.shape}, the index holds ({dim},). "
                "It was made by another embedding model: embed the chunk again."
            )


def payload(point: Point) -> dict[str, str]:
    """The filterable fields of a point, as both adapters store them."""
    return {
        "tenant_id": str(point.tenant_id),
        "course_id": str(point.course_id),
        "lesson_id": str(point.lesson_id),
        "language": point.language,
        "published": published_word(point.published),
    }


def published_word(published: bool) -> str:
    """Published or not, as a keyword: Qdrant Edge 0.9 does not match Python's booleans."""
    return "yes" if published else "no"


KEYWORD_FIELDS = ("tenant_id", "course_id", "lesson_id", "language", "published")
