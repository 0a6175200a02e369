"""Drafts of lessons: saved while somebody writes, compared with what readers see, published one by one or together."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from api.routes.content.lessons import VersionNumber
from lms_core.content import text
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.content.courses.schemas import Body, EditingText, VersionSource
from lms_core.content.drafts import service as drafts
from lms_core.content.drafts.errors import DraftMoved, DraftNotFound, DraftsInTheWay
from lms_core.content.drafts.schemas import DraftIn, DraftItem, DraftView, PublishDrafts, PublishedDrafts
from lms_core.content.text import Differences
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page

router = APIRouter(tags=["lessons"])


class TextIn(BaseModel):
    """Markdown to see in blocks; links to files and lessons resolve inside `course` (id or slug)."""

    body: Body
    course: Annotated[str, StringConstraints(max_length=80)]


class OwnDraft(BaseModel):
    """The caller's draft of a lesson, if there is one, and who else has one."""

    draft: DraftView | None
    others: tuple[str, ...]


@router.post(
    "/lessons/blocks", response_model=EditingText, responses=errors(Unauthenticated, Forbidden, CourseNotFound)
)
def read_blocks(ctx: Reading, given: TextIn) -> EditingText:
    """Markdown in the blocks of the editor, which joined are the same text; nothing is stored."""
    return courses.editing_blocks(ctx, body=given.body, course=given.course)


@router.get("/lessons/{lesson_id}/draft", response_model=OwnDraft, responses=errors(Unauthenticated, LessonNotFound))
def read_own(ctx: Reading, lesson_id: UUID) -> OwnDraft:
    """The caller's draft of a lesson they edit."""
    return OwnDraft(draft=drafts.own_draft(ctx, lesson_id), others=drafts.others_drafting(ctx, lesson_id))


@router.put(
    "/lessons/{lesson_id}/draft",
    response_model=DraftView,
    responses=errors(Unauthenticated, LessonNotFound, DraftMoved, Invalid),
)
def save(ctx: Writing, lesson_id: UUID, draft: DraftIn) -> DraftView:
    """Keep what was written so far; readers see nothing of it. Refused when it was saved elsewhere since `revision`."""
    return drafts.save(ctx, lesson_id, draft=draft)


@router.delete(
    "/lessons/{lesson_id}/draft",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, LessonNotFound),
)
def discard(ctx: Writing, lesson_id: UUID) -> None:
    """Forget the caller's draft."""
    drafts.discard(ctx, lesson_id)


@router.get(
    "/courses/{course}/drafts",
    response_model=Page[DraftItem],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def list_drafts(ctx: Reading, course: CourseName, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[DraftItem]:
    """What is not published yet in a course, with what would change, for its editors."""
    return drafts.drafts_in(ctx, course, cursor=cursor, limit=limit)


@router.get("/drafts/{draft_id}", response_model=DraftView, responses=errors(Unauthenticated, DraftNotFound))
def read_draft(ctx: Reading, draft_id: UUID) -> DraftView:
    """A draft, whoever wrote it, for the editors of its course."""
    return drafts.access_draft(ctx, draft_id)


@router.post(
    "/courses/{course}/drafts/publish",
    response_model=PublishedDrafts,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, DraftNotFound, DraftsInTheWay),
)
def publish(ctx: Writing, course: CourseName, given: PublishDrafts) -> PublishedDrafts:
    """Publish drafts of a course, all or none; without a list, every one of them."""
    return drafts.publish_drafts(ctx, course, chosen=given.drafts)


@router.get(
    "/lessons/{lesson_id}/versions/{number}",
    response_model=VersionSource,
    responses=errors(Unauthenticated, LessonNotFound, NotFound),
)
def read_version(ctx: Reading, lesson_id: UUID, number: VersionNumber) -> VersionSource:
    """What a version of a lesson said, for its editors."""
    return courses.version_source(ctx, lesson_id, number=number)


@router.get(
    "/lessons/{lesson_id}/differences",
    response_model=Differences,
    responses=errors(Unauthenticated, LessonNotFound, NotFound),
)
def compare(
    ctx: Reading,
    lesson_id: UUID,
    before: Annotated[int, Query(ge=1, le=2_000_000_000)],
    after: Annotated[int, Query(ge=1, le=2_000_000_000)],
) -> Differences:
    """What changed between two versions of a lesson, for its editors."""
    old = courses.version_source(ctx, lesson_id, number=before)
    return text.compare(old.body, courses.version_source(ctx, lesson_id, number=after).body)
