"""Making a copy, in steps that can be repeated: the bytes of its library, all of its rows at once, its texts.

Between the steps nothing is held open. A job that is killed begins its step anew: bytes are written to the same keys,
rows are there or not, and lessons that are rendered stay rendered.
"""

from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.files import service as files
from lms_core.content.media import service as media
from lms_core.kit.context import Actor, Interrupted, Work, WriteCtx
from lms_core.kit.copies import Shift
from lms_core.kit.errors import DomainError
from lms_core.kit.events import Notice
from lms_core.kit.jobs import LeaseLost, job
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assignments import service as assignments
from lms_core.learning.certificates import service as certificates
from lms_core.learning.copying.events import CopyFailed, CopyReady, CourseCopied
from lms_core.learning.copying.models import CopyState, CourseCopy
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.release import service as release

COPY = "copying.copy"
ATTEMPTS = 4
TOLD_EVERY = 10  # objects
RENDERED_AT_ONCE = 20
GONE = "The course it is copied from was deleted meanwhile. Delete the empty draft."
BROKEN = "Copying did not succeed. Delete the empty draft and try again."

log = structlog.get_logger(__name__)


@job(COPY, queue="io", attempts=ATTEMPTS)
def copy(work: Work, *, copy_id: str, days: int = 0, zone: str = "UTC") -> None:
    """Fill the draft of a copy, its dates so many days later; it is said to have failed when that is not possible."""
    with work.read() as view:
        row = view.session.get(CourseCopy, UUID(copy_id))
    if row is None or row.state in (CopyState.DONE, CopyState.FAILED):
        return
    actor = replace(work.actor, user_id=row.by)
    try:
        if row.source_id is None:
            _fail(work, actor, row.id, GONE)
            return
        if row.state in (CopyState.WAITING, CopyState.FILES):
            _copy_bytes(work, actor, row.id, row.source_id, row.target_id)
            with work.database.write(actor) as ctx:
                if not _copy_rows(ctx, row.id, Shift(days, zone)):
                    return
        _render(work, actor, row.id, row.target_id)
    except (Interrupted, LeaseLost):
        raise
    except DomainError as refusal:
        _fail(work, actor, row.id, refusal.detail)
    except Exception:
        if work.job.attempts >= ATTEMPTS:
            _fail(work, actor, row.id, BROKEN)
        raise


def _copy_bytes(work: Work, actor: Actor, copy_id: UUID, source: UUID, target: UUID) -> None:
    with work.read() as view:
        objects = media.objects_of(view, source, target)
    _tell(work, actor, copy_id, state=CopyState.FILES, done=0, total=len(objects))
    for number, each in enumerate(objects, start=1):
        work.check_stop()
        media.copy_object(work.resources, each)
        if number % TOLD_EVERY == 0:
            _tell(work, actor, copy_id, done=number)


def _copy_rows(ctx: WriteCtx, copy_id: UUID, shift: Shift) -> bool:
    """Write the whole copy. False when it was written, or its draft deleted, meanwhile."""
    row = _locked(ctx, copy_id)
    if row is None or row.source_id is None or row.state != CopyState.FILES:
        return False
    source, target = row.source_id, row.target_id
    ids: dict[UUID, UUID] = {}
    courses.copy_to(ctx, source, target, ids=ids)
    files.copy_to(ctx, source, target)
    media.copy_to(ctx, source, target, ids=ids)
    assessments.copy_to(ctx, source, target, ids=ids, shift=shift)
    assignments.copy_to(ctx, source, target, ids=ids, shift=shift)
    release.copy_to(ctx, source, target, ids=ids, shift=shift)
    gradebook.copy_to(ctx, source, target, ids=ids, shift=shift)
    certificates.copy_to(ctx, source, target)
    courses.relink(ctx, source, target, ids=ids)
    quizzes = {quiz: ids[quiz] for quiz in assessments.marked_in(ctx, source) if quiz in ids}
    ctx.emit(CourseCopied(source_id=source, target_id=target, quizzes=quizzes))
    row.state, row.total = CopyState.TEXTS, row.total + courses.pending(ctx, target)
    ctx.session.flush()
    return True


def _render(work: Work, actor: Actor, copy_id: UUID, target: UUID) -> None:
    while True:
        work.check_stop()
        with work.database.write(actor) as ctx:
            row = _locked(ctx, copy_id)
            if row is None:
                return
            rendered = courses.render_pending(ctx, target, limit=RENDERED_AT_ONCE)
            row.done = min(row.total, row.done + rendered)
            if not rendered:
                row.state, row.done, row.finished_at = CopyState.DONE, row.total, ctx.now
                card = courses.cards(ctx, [target])[target]
                notice = _notice(row, "copying.ready", course=card.title, slug=card.slug)
                ctx.emit(CopyReady(target_id=target, notice=notice))
                work.finish(ctx)
                return


def _tell(
    work: Work, actor: Actor, copy_id: UUID, *, done: int, state: CopyState | None = None, total: int | None = None
) -> None:
    with work.database.write(actor) as ctx:
        row = _locked(ctx, copy_id)
        if row is None:
            return
        row.state = state or row.state
        row.total = row.total if total is None else total
        row.done = done


def _fail(work: Work, actor: Actor, copy_id: UUID, reason: str) -> None:
    with work.database.write(actor) as ctx:
        row = _locked(ctx, copy_id)
        if row is None:
            return
        row.state, row.reason, row.finished_at = CopyState.FAILED, reason, ctx.now
        card = courses.cards(ctx, [row.target_id])[row.target_id]
        notice = _notice(row, "copying.failed", course=card.title, slug=card.slug, reason=reason)
        ctx.emit(CopyFailed(source_id=row.source_id, target_id=row.target_id, notice=notice))
    log.warning("copying.failed", copy_id=str(copy_id), reason=reason)


def _notice(row: CourseCopy, kind: str, **variables: str) -> Notice | None:
    return None if row.by is None else Notice(recipients=(row.by,), kind=kind, variables=variables)


def _locked(ctx: WriteCtx, copy_id: UUID) -> CourseCopy | None:
    wanted = select(CourseCopy).where(CourseCopy.id == copy_id).with_for_update(key_share=True)
    row: CourseCopy | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row
