"""FAQ entries and their vectors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class FaqEntry(TenantOwned, table=True):
    """A question and the answer an instructor stands behind.

    `vector` (float32, unit length) is the question in `space`; empty until its
    job has run.
    """

    __tablename__ = "faq_entry"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", index=True, ondelete="CASCADE")
    question: str = Field(max_length=500)
    answer: str = Field(sa_type=Text)
    language: str = Field(default="en", max_length=10)
    author_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    source_question_id: UUID | None = None
    space: str = Field(default="", max_length=120)
    vector: bytes = Field(default=b"", sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
