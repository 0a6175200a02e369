"""Showing a film: the addresses a player needs, and the files behind them."""

import re
from collections.abc import Collection
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses.schemas import CourseCard
from lms_core.content.media import links, queries
from lms_core.content.media.errors import FilmNotReady, MediaNotFound
from lms_core.content.media.links import FilmLink
from lms_core.content.media.models import MediaItem, MediaKind, MediaState
from lms_core.content.media.schemas import FilmFacts, Playback, Track
from lms_core.kit.context import ReadCtx, Resources
from lms_core.kit.crypto import Keys
from lms_core.kit.storage_links import LinkSigner

FILE = re.compile(r"master\.m3u8|video\.mp4|poster\.jpg|\d{1,4}p/(?:index\.m3u8|stream\.mp4)")
TYPES = {"m3u8": "application/vnd.apple.mpegurl", "mp4": "video/mp4", "jpg": "image/jpeg"}


def playback(ctx: ReadCtx, card: CourseCard, *, name: str) -> Playback:
    """What plays the film `name` of a course whose reader the caller was found to be. Two statements.

    MediaNotFound; FilmNotReady while it is made.
    """
    row = queries.named(ctx, card.id, name)
    if row.kind != MediaKind.FILM:
        raise MediaNotFound()
    if row.state != MediaState.READY:
        raise FilmNotReady()
    link = FilmLink(ctx.tenant_id, card.id, row.id, ctx.now + links.LIFE)
    base = f"/api/v1/media/{links.write(ctx.resources.get(Keys), link)}"
    address = f"/api/v1/courses/{card.slug}/videos/{quote(name)}/captions"
    spoken = queries.caption_languages(ctx, [row.id]).get(row.id, [])
    return Playback(
        id=row.id,
        name=row.name,
        hls_url=f"{base}/master.m3u8",
        mp4_url=f"{base}/video.mp4",
        poster_url=f"{base}/poster.jpg",
        seconds=row.seconds,
        width=row.width,
        height=row.height,
        captions=tuple(Track(language=each, url=f"{address}/{each}") for each in spoken),
        expires_at=link.expires_at,
    )


def film_facts(ctx: ReadCtx, course_id: UUID, *, name: str) -> FilmFacts:
    """The film `name` of a course. MediaNotFound when there is none to watch. One statement."""
    row = queries.named(ctx, course_id, name)
    if row.kind != MediaKind.FILM or row.state != MediaState.READY:
        raise MediaNotFound()
    return FilmFacts(id=row.id, seconds=row.seconds)


def films_named(ctx: ReadCtx, course_id: UUID, *, names: Collection[str]) -> list[FilmFacts]:
    """Those of a course's films that can be watched and have one of these names. One statement."""
    wanted = select(MediaItem.id, MediaItem.seconds).where(
        MediaItem.course_id == course_id,
        MediaItem.name.in_(names),
        MediaItem.kind == MediaKind.FILM,
        MediaItem.state == MediaState.READY,
    )
    return [FilmFacts(id=row.id, seconds=row.seconds) for row in ctx.session.execute(wanted)]


def file_of(resources: Resources, token: str, path: str) -> tuple[str, str]:
    """The storage key and media type of a film's file; asks no database. StorageLinkOver, MediaNotFound."""
    link = links.read(resources.get(Keys), token, now=resources.get(LinkSigner).now())
    if FILE.fullmatch(path) is None:
        raise MediaNotFound()
    return f"{link.folder}/{path}", TYPES[path.rpartition(".")[2]]
