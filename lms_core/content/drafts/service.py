"""The verbs of drafts; `from lms_core.content.drafts import service as drafts`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from lms_core.content import text
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import AuthoredEdit, LessonEdit, LessonSource, LessonView
from lms_core.content.drafts.errors import DraftMoved, DraftNotFound, DraftsInTheWay, Obstacle, obstacle
from lms_core.content.drafts.models import LessonDraft
from lms_core.content.drafts.schemas import ChosenDraft, DraftIn, DraftItem, DraftView, PublishedDrafts
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, Unauthenticated
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission

RENDER = "drafts.render"


def own_draft(ctx: ReadCtx, lesson_id: UUID) -> DraftView | None:
    """The actor's draft of a lesson they edit, if there is one. LessonNotFound for others. Two statements."""
    source = courses.lesson_source(ctx, lesson_id)
    row = ctx.session.execute(_own(ctx, lesson_id)).scalar_one_or_none()
    return None if row is None else _view(row, source.version)


def access_draft(ctx: ReadCtx, draft_id: UUID) -> DraftView:
    """A draft, whoever wrote it, for the editors of its course. DraftNotFound for others."""
    row = ctx.session.execute(select(LessonDraft).where(LessonDraft.id == draft_id)).scalar_one_or_none()
    if row is None or not courses.may_edit(ctx, row.course_id):
        raise DraftNotFound()
    return _view(row, courses.lesson_source(ctx, row.lesson_id).version)


def save(ctx: WriteCtx, lesson_id: UUID, *, draft: DraftIn) -> DraftView:
    """Keep what the actor has written so far; a text that says what is published is not kept. Three statements.

    An outdated draft is kept too: the answer tells that it is. LessonNotFound; DraftMoved when it was saved elsewhere
    since `revision`; Invalid for a base version that is yet to come.
    """
    source = courses.lesson_source(ctx, lesson_id)
    if draft.base_version > source.version:
        raise Invalid("There is no such version to begin from yet. Load the lesson again.")
    row = ctx.session.execute(_own(ctx, lesson_id).with_for_update(key_share=True)).scalar_one_or_none()
    if draft.revision != (row.revision if row is not None else 0):
        raise DraftMoved(row.revision if row is not None else 0)
    if row is None:
        row = _begin(ctx, source, draft)
    else:
        for name, value in draft.model_dump(exclude={"revision"}).items():
            setattr(row, name, value)
        row.revision, row.updated_at = row.revision + 1, ctx.now
    said = (draft.title, draft.body, draft.status)
    if said == (source.title, source.body, source.status) and draft.base_version == source.version:
        ctx.session.delete(row)
        row.revision = 0
    kept = _view(row, source.version)
    ctx.session.flush()
    return kept


def discard(ctx: WriteCtx, lesson_id: UUID) -> None:
    """Forget the actor's draft of a lesson; none is fine. LessonNotFound."""
    courses.lesson_source(ctx, lesson_id)
    ctx.session.execute(
        delete(LessonDraft).where(LessonDraft.lesson_id == lesson_id, LessonDraft.author_id == _author(ctx))
    )


def publish(ctx: WriteCtx, lesson_id: UUID, *, edit: LessonEdit, revision: int) -> LessonView:
    """Make a text of the actor the lesson's next version, in place of their draft as it was at `revision`.

    As `courses.edit_lesson`; DraftMoved when the draft was saved elsewhere since: it would go unseen.
    """
    row = ctx.session.execute(_own(ctx, lesson_id).with_for_update(key_share=True)).scalar_one_or_none()
    if row is not None and row.revision != revision:
        raise DraftMoved(row.revision)
    published = courses.edit_lesson(ctx, lesson_id, edit=edit)
    discard(ctx, lesson_id)
    return published


def drafts_in(ctx: ReadCtx, course: str | UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[DraftItem]:
    """The drafts of a course, oldest first, each compared with what readers see now; for the course's editors.

    Four statements and those of the access, however many there are.
    """
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(LessonDraft).where(LessonDraft.course_id == card.id)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(LessonDraft.id > last)
    rows = list(ctx.session.execute(wanted.order_by(LessonDraft.id).limit(limit + 1)).scalars())
    shown = page(rows, limit, key=lambda row: (str(row.id),))
    return Page(items=_items(ctx, shown.items), next_cursor=shown.next_cursor)


def others_drafting(ctx: ReadCtx, lesson_id: UUID) -> tuple[str, ...]:
    """Names of the others who have a draft of a lesson; the caller edits it. Two statements, one when nobody has."""
    others = select(LessonDraft.author_id).where(
        LessonDraft.lesson_id == lesson_id, LessonDraft.author_id != _author(ctx)
    )
    found = accounts.names_of(ctx, ctx.session.execute(others).scalars())
    return tuple(sorted(found.values()))


def publish_drafts(
    ctx: WriteCtx, course: str | UUID, *, chosen: Sequence[ChosenDraft] | None = None
) -> PublishedDrafts:
    """Publish the chosen drafts of a course (all without a choice) in this transaction, one event for each lesson.

    Versions carry their authors' names, whoever publishes. CourseNotFound, Forbidden; DraftNotFound for a chosen one
    that is not there; DraftsInTheWay, naming each that is outdated, changed since, untitled, or one of two of a lesson.
    """
    card = courses.editing(ctx, course)
    wanted = select(LessonDraft).where(LessonDraft.course_id == card.id).order_by(LessonDraft.id)
    if chosen is not None:
        wanted = wanted.where(LessonDraft.id.in_([each.id for each in chosen]))
    rows = list(ctx.session.execute(wanted.with_for_update(key_share=True)).scalars())
    seen = None if chosen is None else {each.id: each.revision for each in chosen}
    if seen is not None and len(rows) != len(seen):
        raise DraftNotFound()
    sources = courses.lesson_sources(ctx, [row.lesson_id for row in rows])
    obstacles = _obstacles(rows, sources, seen)
    if obstacles:
        raise DraftsInTheWay(obstacles)
    courses.edit_lessons(ctx, card.id, edits=[_edit(row) for row in rows])
    ctx.session.execute(delete(LessonDraft).where(LessonDraft.id.in_([row.id for row in rows])))
    if rows:
        ctx.enqueue(RENDER, course_id=str(card.id))
    return PublishedDrafts(lessons=tuple(row.lesson_id for row in rows))


def _obstacles(
    rows: Sequence[LessonDraft], sources: Mapping[UUID, LessonSource], seen: Mapping[UUID, int] | None
) -> list[Obstacle]:
    of_lesson = Counter(row.lesson_id for row in rows)
    found = []
    for row in rows:
        source = sources[row.lesson_id]
        about = (row.id, row.lesson_id, row.title or source.title)
        if seen is not None and seen[row.id] != row.revision:
            found.append(obstacle(*about, "changed"))
        elif not row.title:
            found.append(obstacle(*about, "untitled"))
        elif row.base_version != source.version:
            found.append(obstacle(*about, "outdated"))
        elif of_lesson[row.lesson_id] > 1:
            found.append(obstacle(*about, "rival"))
    return found


def _edit(row: LessonDraft) -> AuthoredEdit:
    edit = LessonEdit(base_version=row.base_version, title=row.title, body=row.body, status=row.status, note=row.note)
    return AuthoredEdit(lesson_id=row.lesson_id, edit=edit, author_id=row.author_id)


def _begin(ctx: WriteCtx, source: LessonSource, draft: DraftIn) -> LessonDraft:
    row = LessonDraft(
        **draft.model_dump(exclude={"revision"}),
        course_id=source.course_id,
        lesson_id=source.id,
        author_id=_author(ctx),
        updated_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            return ctx.add(row)
    except IntegrityError as error:  # another window of the same author was first, on PostgreSQL
        raise DraftMoved(1) from error


def _items(ctx: ReadCtx, rows: Sequence[LessonDraft]) -> list[DraftItem]:
    lessons = {row.lesson_id for row in rows}
    sources = courses.lesson_sources(ctx, list(lessons))
    names = accounts.names_of(ctx, {row.author_id for row in rows})
    counted = select(LessonDraft.lesson_id, func.count()).where(LessonDraft.lesson_id.in_(lessons))
    numbers = dict(ctx.session.execute(counted.group_by(LessonDraft.lesson_id)).tuples().all())
    return [
        DraftItem(
            id=row.id,
            lesson_id=row.lesson_id,
            author_id=row.author_id,
            author=names.get(row.author_id, ""),
            title=row.title,
            revision=row.revision,
            outdated=row.base_version < source.version,
            rivals=numbers.get(row.lesson_id, 1) - 1,
            status=row.status,
            present_title=source.title,
            present_status=source.status,
            note=row.note,
            updated_at=row.updated_at,
            changes=text.compare(source.body, row.body),
        )
        for row in rows
        if (source := sources.get(row.lesson_id)) is not None
    ]


def _own(ctx: ReadCtx, lesson_id: UUID) -> Any:
    return select(LessonDraft).where(LessonDraft.lesson_id == lesson_id, LessonDraft.author_id == _author(ctx))


def _author(ctx: ReadCtx) -> UUID:
    if ctx.actor.user_id is None:
        raise Unauthenticated("A draft is somebody's: log in as its author.")
    return ctx.actor.user_id


def _view(row: LessonDraft, current_version: int) -> DraftView:
    kept = {name: getattr(row, name) for name in DraftView.model_fields if name in LessonDraft.model_fields}
    outdated = row.base_version < current_version
    return DraftView(**kept, current_version=current_version, outdated=outdated)
