"""Verbs on pictures: take one in, show one to who may see it, delete them.

Bytes are sealed and stored before the transaction (`seal`), the row is written
inside it (`keep`): no transaction waits for a bucket.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from io import BytesIO
from typing import Literal
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import NotFound
from lms_core.kit.ids import new_id
from lms_core.kit.storage import Storage, tenant_key
from proctoring.detection.decode import inspect
from proctoring.evidence import links, queries, sealing
from proctoring.evidence.errors import LinkOver, NotAPicture, PictureTooLarge, SnapshotNotFound
from proctoring.evidence.jobs import DISCARD
from proctoring.evidence.models import PictureKey, PictureKind, PictureState, Snapshot
from proctoring.evidence.schemas import Arriving, EvidenceLink, Sealed, SnapshotTaken, SnapshotView
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotFound, SessionOver
from proctoring.sessions.schemas import SessionCard
from proctoring.sessions.states import RECORDING

MAXIMUM_BYTES = 2 * 1024 * 1024
MAXIMUM_SIDE = 4096
END_OF_IMAGE = b"\xff\xd9"  # EOI of ITU-T T.81
TAIL = 4096  # some cameras write a little after the end
THUMBNAIL_PIXELS = 192
LINK_PATH = "/api/v1/proctoring/pictures/"
Purpose = Literal["viewed", "exported"]


def wrapped_key(ctx: ReadCtx, session_id: UUID) -> bytes | None:
    """The session's wrapped key, for `seal`; None: ask `make_key`. The caller has authorised."""
    return queries.wrapped_key(ctx, session_id)


def make_key(ctx: WriteCtx, session_id: UUID) -> bytes:
    """The session's wrapped key, made now unless another picture was faster."""
    try:
        with ctx.session.begin_nested():
            return ctx.add(
                PictureKey(session_id=session_id, wrapped=sealing.new_wrapped(ctx.resources.get(Keys)))
            ).wrapped
    except IntegrityError:
        found = queries.wrapped_key(ctx, session_id)
        if found is None:
            raise
        return found


def seal(resources: Resources, *, tenant_id: UUID, wrapped: bytes, content: bytes) -> Sealed:
    """Look at a picture's header, encrypt it and put it into storage. PictureTooLarge, NotAPicture, PictureRefused.

    Call it outside a transaction. Storage that no row comes to name is taken back by `discard`.
    """
    width, height = _size_of(content)
    picture_id = new_id()
    key = tenant_key(tenant_id, "proctoring", new_id().hex)
    sealed = sealing.seal(resources.get(Keys), wrapped, content, bound_to=picture_id)
    resources.get(Storage).put(key, sealed)  # type: ignore[type-abstract]
    return Sealed(
        id=picture_id,
        width=width,
        height=height,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        storage_key=key,
    )


def discard(resources: Resources, sealed: Sealed) -> None:
    """Take back what `seal` stored and no row names."""
    resources.get(Storage).delete(sealed.storage_key)  # type: ignore[type-abstract]


def arriving(ctx: ReadCtx, session_id: UUID, *, kind: PictureKind, sequence: int) -> Arriving:
    """What is known of a picture of one's own session before its bytes are touched. SessionNotFound, SessionOver.

    Three short statements.
    """
    state = sessions.own_state(ctx, session_id)
    if queries.is_numbered(ctx, session_id, kind, sequence):
        known = queries.at_sequence(ctx, session_id, kind, sequence)
        assert known is not None
        return Arriving(None, _taken(known, sessions.access_own(ctx, session_id), repeated=True))
    if state not in RECORDING:
        raise SessionOver(state)
    return Arriving(queries.wrapped_key(ctx, session_id), None)


def keep(
    ctx: WriteCtx,
    session_id: UUID,
    *,
    kind: PictureKind,
    sequence: int,
    claimed_at: datetime,
    sent_at: datetime | None,
    sealed: Sealed,
) -> SnapshotTaken:
    """A row for a sealed picture. A number that is stored already: the answer it had (`repeated`), no second row.

    SessionNotFound, SessionOver.
    """
    card, at = sessions.note_picture(ctx, session_id, claimed_at=claimed_at, sent_at=sent_at)
    if queries.is_numbered(ctx, session_id, kind, sequence):
        known = queries.at_sequence(ctx, session_id, kind, sequence)
        assert known is not None
        return _taken(known, card, repeated=True)
    row = _add(ctx, session_id, kind=kind, sequence=sequence, at=at, claimed_at=claimed_at, sealed=sealed)
    return _taken(row, card, repeated=False)


def keep_identity(ctx: WriteCtx, session_id: UUID, *, sealed: Sealed, looked_at: bool) -> UUID:
    """A row for an identity photograph, in place of an earlier one. The caller has authorised. Returns its id."""
    earlier = queries.of_session(ctx, session_id, kind=PictureKind.IDENTITY)
    _drop(ctx, earlier)
    number = max((row.sequence for row in earlier), default=0) + 1
    row = _add(ctx, session_id, kind=PictureKind.IDENTITY, sequence=number, at=ctx.now, claimed_at=None, sealed=sealed)
    row.state = PictureState.KEPT if looked_at else PictureState.WAITING_FOR_WEIGHTS
    ctx.session.flush()
    return row.id


def snapshots(ctx: ReadCtx, session_id: UUID, *, kind: PictureKind | None = None) -> tuple[SnapshotView, ...]:
    """A session's pictures by kind and number, for callers who have authorised. One statement."""
    return tuple(queries.view(row) for row in queries.of_session(ctx, session_id, kind=kind))


def last_sequences(ctx: ReadCtx, session_id: UUID) -> dict[str, int]:
    """The highest number stored, by kind, for callers who have authorised. One statement."""
    return queries.last_sequences(ctx, session_id)


def open_picture(ctx: WriteCtx, snapshot_id: UUID, *, thumbnail: bool = False, purpose: Purpose = "viewed") -> bytes:
    """A picture as JPEG, for its taker and for reviewers; the look is written down. SnapshotNotFound."""
    row = queries.snapshot(ctx, snapshot_id)
    if row is None:
        raise SnapshotNotFound()
    _authorise(ctx, row.session_id)
    found = open_pictures(ctx, row.session_id, [snapshot_id], thumbnail=thumbnail, purpose=purpose)
    if snapshot_id not in found:
        raise SnapshotNotFound()
    return found[snapshot_id]


def open_pictures(
    ctx: WriteCtx,
    session_id: UUID,
    snapshot_ids: Collection[UUID],
    *,
    thumbnail: bool = False,
    purpose: Purpose = "viewed",
) -> dict[UUID, bytes]:
    """Pictures of one session by id, those that are deleted left out. The caller has authorised; one audit row."""
    rows = queries.of_session(ctx, session_id, ids=snapshot_ids)
    wrapped = queries.wrapped_key(ctx, session_id)
    if not rows or wrapped is None:
        return {}
    about = ("proctor_snapshot", rows[0].id) if len(rows) == 1 else ("proctor_session", session_id)
    audit.record(
        ctx,
        action=f"proctor_evidence.{purpose}",
        object=about,
        session=str(session_id),
        pictures=len(rows),
        thumbnail=thumbnail,
    )
    opened = {row.id: content_of(ctx.resources, row.id, row.storage_key, wrapped) for row in rows}
    return {each: _small(content) if thumbnail else content for each, content in opened.items() if content is not None}


def content_of(resources: Resources, picture_id: UUID, storage_key: str, wrapped: bytes) -> bytes | None:
    """The bytes of a picture; None when storage has none any more. For callers in proctoring that look at pictures."""
    try:
        sealed = resources.get(Storage).get(storage_key)  # type: ignore[type-abstract]
    except NotFound:
        return None
    return sealing.unseal(resources.get(Keys), wrapped, sealed, bound_to=picture_id)


def seal_face(resources: Resources, *, wrapped: bytes, numbers: bytes, session_id: UUID) -> bytes:
    """An embedding, encrypted under its session's key."""
    return sealing.seal(resources.get(Keys), wrapped, numbers, bound_to=session_id)


def unseal_face(resources: Resources, *, wrapped: bytes, sealed: bytes, session_id: UUID) -> bytes:
    """The embedding again."""
    return sealing.unseal(resources.get(Keys), wrapped, sealed, bound_to=session_id)


def link(ctx: ReadCtx, snapshot_id: UUID) -> EvidenceLink:
    """A short-lived link to a picture, for its taker and for reviewers. SnapshotNotFound."""
    row = queries.snapshot(ctx, snapshot_id)
    if row is None:
        raise SnapshotNotFound()
    _authorise(ctx, row.session_id)
    return links_for(ctx, [snapshot_id])[snapshot_id]


def links_for(ctx: ReadCtx, snapshot_ids: Iterable[UUID]) -> dict[UUID, EvidenceLink]:
    """Links for the actor, by picture. The caller has authorised, and `open_link` checks again. No statement."""
    assert ctx.actor.user_id is not None
    keys, until, person = ctx.resources.get(Keys), ctx.now + links.LIFE, ctx.actor.user_id

    def address(snapshot_id: UUID, *, thumbnail: bool) -> str:
        return LINK_PATH + links.write(keys, links.Link(snapshot_id, person, until, thumbnail))

    return {
        each: EvidenceLink(
            snapshot_id=each,
            url=address(each, thumbnail=False),
            thumbnail_url=address(each, thumbnail=True),
            expires_at=until,
        )
        for each in snapshot_ids
    }


def open_link(ctx: WriteCtx, token: str) -> bytes:
    """The picture of a link, for the person it was made for, if they still may see it. LinkOver, SnapshotNotFound."""
    found = links.read(ctx.resources.get(Keys), token, now=ctx.now)
    if found.user_id != ctx.actor.user_id:
        raise LinkOver()
    return open_picture(ctx, found.snapshot_id, thumbnail=found.thumbnail)


def delete_pictures(ctx: WriteCtx, session_id: UUID) -> int:
    """Delete a session's pictures, faces and key; storage follows by a job. The caller has decided. How many."""
    rows = queries.of_session(ctx, session_id)
    _drop(ctx, rows)
    ctx.session.execute(delete(PictureKey).where(PictureKey.session_id == session_id))
    return len(rows)


def _size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a snapshot. Nothing is decoded, so a bomb is refused before it can go off."""
    if len(content) > MAXIMUM_BYTES:
        raise PictureTooLarge(f"It has {len(content):,} bytes; at most {MAXIMUM_BYTES:,} are taken. Send 640 px JPEGs.")
    header = inspect(content)
    if header.format.upper() != "JPEG":
        raise NotAPicture(f"It is a {header.format.upper()} file. Send snapshots as JPEG, about 640 pixels wide.")
    if max(header.width, header.height) > MAXIMUM_SIDE:
        raise PictureTooLarge(
            f"It is {header.width} x {header.height} pixels; at most {MAXIMUM_SIDE} a side are taken."
        )
    if content.rfind(END_OF_IMAGE, max(0, len(content) - TAIL)) < 0:
        raise NotAPicture("The picture is cut off: its end is missing. Take it again, and send the whole file.")
    return header.width, header.height


def _drop(ctx: WriteCtx, rows: Collection[Snapshot]) -> None:
    if not rows:
        return
    ctx.session.execute(delete(Snapshot).where(Snapshot.id.in_([row.id for row in rows])))
    ctx.enqueue(DISCARD, keys=[row.storage_key for row in rows])


def _authorise(ctx: ReadCtx, session_id: UUID) -> SessionCard:
    try:
        return sessions.access_own(ctx, session_id)
    except SessionNotFound:
        pass
    try:
        return sessions.access_for_review(ctx, session_id)
    except SessionNotFound as error:
        raise SnapshotNotFound() from error


def _add(
    ctx: WriteCtx,
    session_id: UUID,
    *,
    kind: PictureKind,
    sequence: int,
    at: datetime,
    claimed_at: datetime | None,
    sealed: Sealed,
) -> Snapshot:
    return ctx.add(
        Snapshot(
            id=sealed.id,
            session_id=session_id,
            kind=kind,
            sequence=sequence,
            at=at,
            claimed_at=claimed_at,
            received_at=ctx.now,
            width=sealed.width,
            height=sealed.height,
            size=sealed.size,
            sha256=sealed.sha256,
            storage_key=sealed.storage_key,
            state=PictureState.WAITING if kind is PictureKind.CAMERA else PictureState.KEPT,
        )
    )


def _taken(row: Snapshot, card: SessionCard, *, repeated: bool) -> SnapshotTaken:
    return SnapshotTaken(
        id=row.id,
        kind=row.kind,
        sequence=row.sequence,
        captured_at=row.at,
        received_at=row.received_at,
        clock_offset_seconds=card.clock_offset_seconds,
        repeated=repeated,
    )


def _small(content: bytes) -> bytes:
    # Pillow takes a while to import, and only looking at pictures needs it.
    from PIL import Image, ImageOps

    with Image.open(BytesIO(content)) as picture:
        picture.draft("RGB", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
        small = ImageOps.exif_transpose(picture).convert("RGB")
        small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        written = BytesIO()
        small.save(written, "JPEG", quality=75)
    return written.getvalue()
