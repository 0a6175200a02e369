"""A film's captions: put, read, dropped."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.media import captions, queries
from lms_core.content.media.errors import MediaNotFound
from lms_core.content.media.models import Caption, MediaKind
from lms_core.content.media.schemas import CaptionView
from lms_core.kit.context import ReadCtx, WriteCtx


def caption(ctx: WriteCtx, item_id: UUID, *, language: str, content: bytes) -> CaptionView:
    """Give a film words in a language, in place of those it had. CaptionRefused; MediaNotFound unless one edits it."""
    _require_film(ctx, item_id)
    text = captions.clean(content)
    row = _row(ctx, item_id, language)
    if row is None:
        ctx.add(Caption(item_id=item_id, language=language, text=text, created_at=ctx.now))
    else:
        row.text = text
    return CaptionView(language=language)


def drop_caption(ctx: WriteCtx, item_id: UUID, *, language: str) -> None:
    """Take the words in a language away; none there is fine."""
    _require_film(ctx, item_id)
    ctx.session.execute(delete(Caption).where(Caption.item_id == item_id, Caption.language == language))


def caption_file(ctx: ReadCtx, course_id: UUID, *, name: str, language: str) -> str:
    """WebVTT of a film in a course whose reader the caller was found to be. MediaNotFound."""
    row = _row(ctx, queries.named(ctx, course_id, name).id, language)
    if row is None:
        raise MediaNotFound()
    return row.text


def _require_film(ctx: WriteCtx, item_id: UUID) -> None:
    row = queries.item(ctx, item_id)
    if row.kind != MediaKind.FILM or not courses.may_edit(ctx, row.course_id):
        raise MediaNotFound()


def _row(ctx: ReadCtx, item_id: UUID, language: str) -> Caption | None:
    found: Caption | None = ctx.session.execute(
        select(Caption).where(Caption.item_id == item_id, Caption.language == language)
    ).scalar_one_or_none()
    return found
