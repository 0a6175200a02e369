"""The selects of question drafts."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from lms_core.content.courses.models import Lesson, LessonVersion
from lms_core.kit.context import ReadCtx
from rag.drafts.material import Passage, numbered_lines
from rag.drafts.models import Drafting, QuestionDraft
from rag.index.models import Chunk
from rag.schemas import Sentence


def passages(ctx: ReadCtx, course_id: UUID) -> dict[UUID, list[Passage]]:
    """The passages of the present versions of a course's lessons, by lesson in the order of the outline.

    Two statements.
    """
    current = (Lesson.id == LessonVersion.lesson_id) & (Lesson.version == LessonVersion.number)
    bodies = ctx.session.execute(
        select(Lesson.id, LessonVersion.body).join(LessonVersion, current).where(Lesson.course_id == course_id)
    )
    numbered = {row.id: numbered_lines(row.body) for row in bodies}
    rows = ctx.session.execute(
        select(
            Chunk.id,
            Chunk.lesson_id,
            Chunk.version,
            Chunk.language,
            Chunk.text,
            Chunk.spans,
            Chunk.heading_path,
            Chunk.anchor,
        )
        .join(Lesson, (Lesson.id == Chunk.lesson_id) & (Lesson.version == Chunk.version))
        .where(Chunk.course_id == course_id)
        .order_by(Chunk.lesson_id, Chunk.ordinal)
    )
    found: dict[UUID, list[Passage]] = {}
    for row in rows:
        passage = Passage(
            chunk_id=row.id,
            lesson_id=row.lesson_id,
            version=row.version,
            language=row.language,
            text=row.text,
            sentences=tuple(Sentence(*span) for span in row.spans),
            headings=tuple(row.heading_path),
            anchor=row.anchor,
            numbered=numbered.get(row.lesson_id, frozenset()),
        )
        found.setdefault(row.lesson_id, []).append(passage)
    return found


def drafting(ctx: ReadCtx, course_id: UUID) -> Drafting | None:
    """The latest search in a course."""
    found: Drafting | None = ctx.session.execute(
        select(Drafting).where(Drafting.course_id == course_id)
    ).scalar_one_or_none()
    return found


def fingerprints(ctx: ReadCtx, course_id: UUID) -> set[str]:
    """The fingerprints of a course's drafts, whatever became of them: what two lessons say is asked once."""
    wanted = select(QuestionDraft.fingerprint).where(QuestionDraft.course_id == course_id)
    return set(ctx.session.execute(wanted).scalars())


def drafts_with_lesson() -> Select[Any]:
    """Drafts with the title and the present version of their lesson."""
    columns: Select[Any] = select(QuestionDraft, Lesson.title, Lesson.version.label("present"))  # type: ignore[attr-defined]
    return columns.join(Lesson, Lesson.id == QuestionDraft.lesson_id)
