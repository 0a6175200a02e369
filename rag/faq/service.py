"""Verbs on the FAQ. Writing an entry makes its vector in a job a moment later."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.permissions import Permission
from rag.access import AssistantClosed, access_to_ask, access_to_edit
from rag.faq.models import FaqEntry
from rag.faq.schemas import FaqIn, FaqView

EMBED_JOB = "rag.embed_faq"


class FaqEntryNotFound(NotFound):
    """No such entry for this person."""

    code = "faq_entry_not_found"
    title = "There is no such FAQ entry"


def entries(ctx: ReadCtx, *, course: str) -> list[FaqView]:
    """A course's entries, newest first, for whoever may ask it."""
    found = access_to_ask(ctx, course=course)
    if found.hints_only:
        raise AssistantClosed()
    rows = ctx.session.execute(
        select(FaqEntry, User.full_name)
        .outerjoin(User, User.id == FaqEntry.author_id)
        .where(FaqEntry.course_id == found.course_id)
        .order_by(FaqEntry.id.desc())
        .limit(500)
    ).all()
    return [_view(entry, author) for entry, author in rows]


def write(ctx: WriteCtx, *, course: str, faq_in: FaqIn) -> FaqView:
    """Add an entry in the caller's name."""
    found = access_to_edit(ctx, course=course, permission=Permission.FAQ_EDIT)
    entry = ctx.add(
        FaqEntry(
            course_id=found.course_id,
            question=faq_in.question,
            answer=faq_in.answer,
            language=faq_in.language,
            author_id=ctx.actor.user_id,
            source_question_id=faq_in.question_id,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )
    ctx.enqueue(EMBED_JOB, entry_id=str(entry.id))
    return _view(entry, _name(ctx))


def change(ctx: WriteCtx, *, entry_id: UUID, faq_in: FaqIn) -> FaqView:
    """Replace an entry's wording; it is now the caller's."""
    entry = _access_entry(ctx, entry_id)
    entry.question, entry.answer, entry.language = faq_in.question, faq_in.answer, faq_in.language
    entry.author_id, entry.updated_at = ctx.actor.user_id, ctx.now
    entry.space, entry.vector = "", b""
    ctx.add(entry)
    ctx.enqueue(EMBED_JOB, entry_id=str(entry.id))
    return _view(entry, _name(ctx))


def remove(ctx: WriteCtx, *, entry_id: UUID) -> None:
    """Withdraw an entry: it answers nobody from now on."""
    entry = _access_entry(ctx, entry_id)
    ctx.session.execute(delete(FaqEntry).where(FaqEntry.id == entry.id))


def _access_entry(ctx: ReadCtx, entry_id: UUID) -> FaqEntry:
    entry = ctx.session.execute(select(FaqEntry).where(FaqEntry.id == entry_id)).scalar_one_or_none()
    if entry is None or not ctx.actor.may(Permission.FAQ_EDIT, course_id=entry.course_id):
        raise FaqEntryNotFound
    access_to_edit(ctx, course=str(entry.course_id), permission=Permission.FAQ_EDIT)
    return entry


def _name(ctx: ReadCtx) -> str:
    name = ctx.session.execute(select(User.full_name).where(User.id == ctx.actor.user_id)).scalar_one_or_none()
    return name or ""


def _view(entry: FaqEntry, author: str | None) -> FaqView:
    return FaqView(
        id=entry.id,
        question=entry.question,
        answer=entry.answer,
        language=entry.language,
        author=author or "",
        ready=bool(entry.space),
        updated_at=entry.updated_at,
    )
