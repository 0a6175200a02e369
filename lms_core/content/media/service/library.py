"""A course's library: what is in it, where it is used, and taking it out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.files import service as files
from lms_core.content.media import names, pictures, queries, quotas
from lms_core.content.media.errors import MediaNotFound, NotRetryable, StillUsed
from lms_core.content.media.film import tools
from lms_core.content.media.models import MediaItem, MediaKind, MediaState
from lms_core.content.media.schemas import CaptionView, ItemView, Library, Place
from lms_core.content.media.service.receiving import DISCARD_FOLDERS, unfinished
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, decode_cursor, page
from lms_core.kit.permissions import Permission

ENCODE = "media.encode"
SCHEMES = {MediaKind.PICTURE: "asset", MediaKind.FILE: "asset", MediaKind.FILM: "video"}
IMAGE = re.compile(r'<img src="/api/v1/courses/(?P<slug>[a-z0-9-]+)/assets/(?P<name>[A-Za-z0-9.-]+)"(?P<rest>[^>]*)>')
STORED = tuple(name for name in ItemView.model_fields if name in MediaItem.model_fields)
# A lesson's column is at most 44rem wide (lesson.css).
SIZES = "(min-width: 48rem) 44rem, 100vw"


@dataclass(frozen=True, slots=True)
class Variant:
    """A smaller picture in storage."""

    key: str
    media_type: str
    size: int


def library(ctx: ReadCtx, course: str | UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Library:
    """A page of the library, for the course's editors. Seven statements whatever its size."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(MediaItem).where(MediaItem.course_id == card.id)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(MediaItem.id < last)
    rows = list(ctx.session.execute(wanted.order_by(MediaItem.id.desc()).limit(limit + 1)).scalars())
    shown = page(rows, limit, key=lambda row: (str(row.id),))
    return Library(
        items=tuple(_views(ctx, card.id, shown.items)),
        next_cursor=shown.next_cursor,
        uploads=tuple(unfinished(ctx, card.id)),
        usage=quotas.usage(ctx, course_id=card.id, user_id=ctx.actor.user_id),
        films_possible=tools.available(),
    )


def read_item(ctx: ReadCtx, item_id: UUID) -> ItemView:
    """An item, for the editors of its course. MediaNotFound for others."""
    row = _editable(ctx, item_id)
    return _views(ctx, row.course_id, [row])[0]


def forget(ctx: WriteCtx, item_id: UUID) -> None:
    """Delete an item and all that is stored for it. StillUsed while lessons show it."""
    row = _editable(ctx, item_id)
    places = _places(ctx, row.course_id, [row]).get(row.id, [])
    if places:
        raise StillUsed([place.title for place in places])
    if row.kind != MediaKind.FILM:
        files.drop(ctx, owner_id=row.course_id, path=row.name)
    ctx.enqueue(DISCARD_FOLDERS, prefixes=[names.item_folder(ctx.tenant_id, row.course_id, row.id)])
    ctx.session.execute(delete(MediaItem).where(MediaItem.id == row.id))


def retry(ctx: WriteCtx, item_id: UUID) -> ItemView:
    """Make a film that failed once more. NotRetryable when it did not fail, or its source is no longer kept."""
    row = _editable(ctx, item_id)
    if row.state != MediaState.FAILED or not row.source_key:
        raise NotRetryable()
    row.state, row.percent, row.code, row.reason = MediaState.PROCESSING, 0, "", ""
    ctx.enqueue(ENCODE, item_id=str(row.id))
    return _views(ctx, row.course_id, [row])[0]


def access_variant(ctx: ReadCtx, course_id: UUID, *, name: str, width: int, accepted: str) -> Variant | None:
    """The stored picture of this width in the best type an `Accept` header takes; None: show the picture itself.

    Whoever calls has decided who may see the course. One statement.
    """
    row = ctx.session.execute(
        select(MediaItem.details).where(MediaItem.course_id == course_id, MediaItem.name == name)
    ).scalar_one_or_none()
    made = (row or {}).get("variants", {}).get(str(width), {})
    kind = pictures.preferred(made, accepted)
    return None if kind is None else Variant(made[kind][0], kind, made[kind][1])


def with_variants(ctx: ReadCtx, course_id: UUID, html: str) -> str:
    """A lesson's rendered HTML, its uploaded pictures with their sizes and smaller variants (`srcset`).

    One statement, none when it shows no picture of the library's form.
    """
    shown = {found["name"] for found in IMAGE.finditer(html)}
    if not shown:
        return html
    rows = ctx.session.execute(
        select(MediaItem.name, MediaItem.width, MediaItem.height, MediaItem.details).where(
            MediaItem.course_id == course_id, MediaItem.name.in_(shown), MediaItem.kind == MediaKind.PICTURE
        )
    )
    known = {row.name: row for row in rows}

    def sized(found: re.Match[str]) -> str:
        row = known.get(found["name"])
        if row is None or "width=" in found["rest"]:
            return found.group()
        address = f"/api/v1/courses/{found['slug']}/assets/{found['name']}"
        widths = sorted(int(width) for width in row.details.get("variants", {}))
        offered = [f"{address}?w={width} {width}w" for width in widths] + [f"{address} {row.width}w"]
        more = f' srcset="{escape(", ".join(offered))}" sizes="{SIZES}"' if widths else ""
        return f'<img src="{address}"{more} width="{row.width}" height="{row.height}"{found["rest"]}>'

    return IMAGE.sub(sized, html)


def _editable(ctx: ReadCtx, item_id: UUID) -> MediaItem:
    row = queries.item(ctx, item_id)
    if not courses.may_edit(ctx, row.course_id):
        raise MediaNotFound()
    return row


def _views(ctx: ReadCtx, course_id: UUID, rows: Sequence[MediaItem]) -> list[ItemView]:
    places = _places(ctx, course_id, rows)
    spoken = queries.caption_languages(ctx, [row.id for row in rows])
    return [
        ItemView(
            **{name: getattr(row, name) for name in STORED},
            markdown=_markdown(row),
            captions=tuple(CaptionView(language=each) for each in spoken.get(row.id, ())),
            used_in=tuple(places.get(row.id, ())),
        )
        for row in rows
    ]


def _markdown(row: MediaItem) -> str:
    """What shows the item in a lesson; its name stands in for a description until the author writes one."""
    described = row.name.rpartition(".")[0] or row.name
    mark = "" if row.kind == MediaKind.FILE else "!"
    return f"{mark}[{described.replace('-', ' ')}]({SCHEMES[row.kind]}:{row.name})"


def _places(ctx: ReadCtx, course_id: UUID, rows: Iterable[MediaItem]) -> dict[UUID, list[Place]]:
    """Which present lessons name each item. One statement."""
    targets = {f"{SCHEMES[row.kind]}:{row.name}": row.id for row in rows}
    found: dict[UUID, list[Place]] = {}
    for lesson_id, title, named in courses.lessons_linking(ctx, course_id, schemes=("asset", "video")):
        for target in named & targets.keys():
            found.setdefault(targets[target], []).append(Place(lesson_id=lesson_id, title=title))
    return found
