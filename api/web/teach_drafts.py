"""What is not published yet, and what was: drafts of a course, their preview, versions of a lesson and what changed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import REFUSALS
from api.web.framing import allow_frames, embed_hosts
from api.web.lesson import shown_text
from api.web.moments import When
from api.web.rendering import page, redirect, words
from lms_core.content import text
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonSource
from lms_core.content.drafts import service as drafts
from lms_core.content.drafts.errors import DraftNotFound, DraftsInTheWay
from lms_core.content.drafts.schemas import ChosenDraft, DraftView
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Number = Annotated[int, Query(ge=1, le=2_000_000_000)]
SHOWN = 30  # drafts on a page, each with its differences


@router.get("/courses/{slug}/changes")
def changes(request: Request, ctx: Reading, slug: str, cursor: Cursor = "") -> Response:
    """Every draft of a course with what it changes, to be published together."""
    return _changes_page(request, ctx, slug, cursor=cursor, error="", status=200)


@router.post("/courses/{slug}/changes")
def publish(
    request: Request, ctx: Writing, slug: str, draft: Annotated[list[str] | None, Form(max_length=SHOWN)] = None
) -> Response:
    """Publish what is ticked, all or nothing; a tick names a draft and the revision that was looked at."""
    courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    if not draft:
        return redirect(f"/teach/courses/{slug}/changes", notice="nothing-chosen")
    try:
        drafts.publish_drafts(ctx, slug, chosen=[_chosen(each) for each in draft])
    except (DraftsInTheWay, DraftNotFound) as refused:
        told = words(request, ctx.actor).gettext(REFUSALS[refused.code])
        return _changes_page(request, ctx, slug, cursor="", error=told, status=refused.status)
    return redirect(f"/teach/courses/{slug}/changes", notice="drafts-published")


def _chosen(value: str) -> ChosenDraft:
    draft_id, _, revision = value.partition(":")
    known = parse_id(draft_id)
    if known is None or not revision.isdecimal() or not 0 < int(revision[:10]) <= 2_000_000_000:
        raise Invalid("The form is not one of this page. Load the page again.")
    return ChosenDraft(id=known, revision=int(revision))


def _changes_page(request: Request, ctx: ReadCtx, slug: str, *, cursor: str, error: str, status: int) -> Response:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    return page(
        request,
        ctx.actor,
        "teach/changes.html",
        status=status,
        course=card,
        drafts=drafts.drafts_in(ctx, card.id, cursor=cursor, limit=SHOWN),
        errors={"": error} if error else {},
        when=When(request, ctx),
        tab="outline",
    )


@router.post("/lessons/{lesson_id}/draft/discard")
def discard(ctx: Writing, lesson_id: UUID) -> Response:
    """Forget the author's own draft and show what is published."""
    drafts.discard(ctx, lesson_id)
    return redirect(f"/teach/lessons/{lesson_id}", notice="draft-discarded")


@router.get("/lessons/{lesson_id}/preview")
def preview(request: Request, ctx: Reading, lesson_id: UUID) -> Response:
    """A lesson as learners would see it if the author's draft were published now."""
    source = courses.lesson_source(ctx, lesson_id)
    return _preview_page(request, ctx, source, drafts.own_draft(ctx, lesson_id))


@router.get("/drafts/{draft_id}/preview")
def preview_draft(request: Request, ctx: Reading, draft_id: UUID) -> Response:
    """A lesson as learners would see it if somebody's draft were published now."""
    draft = drafts.access_draft(ctx, draft_id)
    return _preview_page(request, ctx, courses.lesson_source(ctx, draft.lesson_id), draft)


def _preview_page(request: Request, ctx: ReadCtx, source: LessonSource, draft: DraftView | None) -> Response:
    title, body = (source.title, source.body) if draft is None else (draft.title or source.title, draft.body)
    made = courses.preview(ctx, body=body, course=source.course_id)
    shown = shown_text(ctx, source.course_id, title=title, html=made.html)
    answer = page(
        request,
        ctx.actor,
        "teach/lesson_preview.html",
        lesson=source,
        draft=draft,
        title=title,
        minutes=made.minutes,
        text=shown,
        course=courses.access_course(ctx, source.course_id, Permission.COURSE_EDIT),
        embed_hosts=embed_hosts(request),
    )
    return allow_frames(request, answer, shown.html)


@router.get("/lessons/{lesson_id}/versions")
def version_list(request: Request, ctx: Reading, lesson_id: UUID) -> Response:
    """What the lesson said before, who wrote it and when."""
    source = courses.lesson_source(ctx, lesson_id)
    found = courses.versions(ctx, lesson_id)
    names = accounts.names_of(ctx, {each.author_id for each in found if each.author_id is not None})
    when = When(request, ctx)
    return page(request, ctx.actor, "teach/versions.html", lesson=source, versions=found, names=names, when=when)


@router.get("/lessons/{lesson_id}/compare")
def compare(request: Request, ctx: Reading, lesson_id: UUID, before: Number, after: Number) -> Response:
    """What changed between two versions of a lesson."""
    old = courses.version_source(ctx, lesson_id, number=before)
    new = courses.version_source(ctx, lesson_id, number=after)
    return page(
        request,
        ctx.actor,
        "teach/compare.html",
        lesson=courses.lesson_source(ctx, lesson_id),
        before=old,
        after=new,
        changes=text.compare(old.body, new.body),
    )


@router.post("/lessons/{lesson_id}/versions/{number}/restore")
def restore(ctx: Writing, lesson_id: UUID, number: int) -> Response:
    """Make an old version the present one again."""
    courses.restore_version(ctx, lesson_id, number=number)
    return redirect(f"/teach/lessons/{lesson_id}", notice="lesson-saved")
