"""Chunks, their vectors, and each course's collection statistics.

SQL is the truth: a point in the vector index without a row here, or whose
lesson has moved on to another version, is never shown.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class Chunk(TenantOwned, table=True):
    """A passage of one version of a lesson. Deleted with its lesson."""

    __tablename__ = "chunk"
    __table_args__ = (Index("ix_chunk_lesson_ordinal", "lesson_id", "ordinal"),)

    id: UUID = Field(primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", index=True, ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE")
    version: int  # the lesson's version that the text comes from
    ordinal: int
    language: str = Field(max_length=10)
    text: str = Field(sa_type=Text)
    prefix: str = Field(sa_type=Text)
    heading_path: list[str] = Field(default_factory=list, sa_type=JSON)
    anchor: str | None = Field(default=None, max_length=300)
    page: int | None = None
    start_seconds: float | None = None
    spans: list[list[Any]] = Field(default_factory=list, sa_type=JSON)  # [start, end, kind] of each sentence
    content_hash: str = Field(max_length=64)


class ChunkEmbedding(TenantOwned, table=True):
    """What one embedding space says of a chunk; arrays as little-endian bytes."""

    __tablename__ = "chunk_embedding"

    chunk_id: UUID = Field(primary_key=True, foreign_key="chunk.id", ondelete="CASCADE")
    space: str = Field(primary_key=True, max_length=120)
    dense: bytes = Field(sa_type=LargeBinary)  # float32
    sentences: bytes = Field(sa_type=LargeBinary)  # int8, one row a sentence
    tokens: bytes = Field(sa_type=LargeBinary)  # int8, one row a word piece
    pieces: bytes = Field(sa_type=LargeBinary)  # int32 word-piece ids
    term_ids: bytes = Field(sa_type=LargeBinary)  # uint32
    term_weights: bytes = Field(sa_type=LargeBinary)  # float32


class CourseIndex(TenantOwned, table=True):
    """One course in one embedding space: its statistics and its refusal threshold.

    `revision` grows with every change, so that a process knows when what it
    remembers is old.
    """

    __tablename__ = "course_index"
    __table_args__ = (UniqueConstraint("course_id", "space"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    space: str = Field(max_length=120)
    chunks: int = 0
    term_ids: bytes = Field(default=b"", sa_type=LargeBinary)  # uint32, sorted
    term_df: bytes = Field(default=b"", sa_type=LargeBinary)  # int32
    piece_ids: bytes = Field(default=b"", sa_type=LargeBinary)  # int32, sorted
    piece_df: bytes = Field(default=b"", sa_type=LargeBinary)  # int32
    words: str = Field(default="", sa_type=Text)  # every word of the course, for loanwords; sorted, by spaces
    threshold: float | None = None
    revision: int = 0
    calibrated_chunks: int = 0
    updated_at: datetime = Field(sa_type=UtcDateTime)
