"""Several sessions at once: the queue, one exam's sessions side by side, the live wall, the figures."""

from datetime import datetime
from statistics import fmean, median
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from proctoring.anomalies import service as anomalies
from proctoring.anomalies.rules import TABLE
from proctoring.evidence import service as evidence
from proctoring.review import queries
from proctoring.review.schemas import Comparison, LiveRow, QueueFilter, QueueRow, Stats
from proctoring.sessions.models import Session
from proctoring.sessions.states import RUNNING

MOST_COMPARED = 2000
MOST_LIVE = 500


def queue(ctx: ReadCtx, *, wanted: QueueFilter, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[QueueRow]:
    """Sessions the actor may review, the highest risk first, then the latest. Forbidden for who reviews nothing.

    At most three statements, whatever the page's size.
    """
    _require_reviewer(ctx)
    statement = queries.filtered(queries.rows(), wanted).where(queries.may_review(ctx), queries.BEGUN)
    if cursor:
        risk, text = decode_cursor(cursor, [int, str])
        last = parse_id(text)
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        below = (risk == queries.RISK) & (Session.id < last)
        statement = statement.where((risk > queries.RISK) | below)
    statement = statement.order_by(queries.RISK.desc(), Session.id.desc()).limit(limit + 1)
    rows = [queries.row_view(row) for row in ctx.session.execute(statement)]
    return page(rows, limit, lambda row: [row.risk, str(row.session_id)])


def compare(ctx: WriteCtx, quiz_id: UUID) -> Comparison:
    """One exam's sessions side by side, the highest risk first. QuizNotFound for who does not review it."""
    title = queries.reviewed_quiz(ctx, quiz_id)
    statement = (
        queries.rows()
        .where(Session.quiz_id == quiz_id, queries.may_review(ctx), queries.BEGUN)
        .order_by(queries.RISK.desc(), Session.id)
        .limit(MOST_COMPARED)
    )
    rows = tuple(queries.row_view(row) for row in ctx.session.execute(statement))
    audit.record(ctx, action="proctoring.exam_compared", object=("quiz", quiz_id), sessions=len(rows))
    present = {kind for row in rows for kind in row.counts}
    risks = [row.risk for row in rows] or [0]
    return Comparison(
        quiz_id=quiz_id,
        quiz_title=title,
        sessions=rows,
        kinds=tuple(rule.kind.value for rule in TABLE if rule.kind in present),
        mean_risk=round(fmean(risks), 1),
        median_risk=float(median(risks)),
        mean_watched_percent=round(fmean([row.watched_percent for row in rows] or [0]), 1),
    )


def live_rows(ctx: ReadCtx, *, quiz_id: UUID | None = None) -> tuple[LiveRow, ...]:
    """Every running session the actor may review: those with something going on first, then by risk.

    Forbidden for who reviews nothing. Four statements, however many sessions run.
    """
    _require_reviewer(ctx)
    statement = queries.rows().where(queries.may_review(ctx), Session.state.in_(RUNNING))
    if quiz_id is not None:
        statement = statement.where(Session.quiz_id == quiz_id)
    statement = statement.order_by(queries.RISK.desc(), Session.id).limit(MOST_LIVE)
    found = ctx.session.execute(statement).all()
    shown = [row[3].last_snapshot_id for row in found if row[3] is not None and row[3].last_snapshot_id is not None]
    links = evidence.links_for(ctx, shown)
    rows = []
    for row in found:
        session, summary = row[0], row[3]
        link = links.get(summary.last_snapshot_id) if summary is not None else None
        rows.append(
            LiveRow(
                **queries.row_view(row).model_dump(),
                ongoing=tuple(summary.ongoing) if summary is not None else (),
                silent_seconds=_silence(session.last_seen_at, ctx.now),
                thumbnail_url=link.thumbnail_url if link is not None else "",
                last_snapshot_id=summary.last_snapshot_id if summary is not None else None,
            )
        )
    return tuple(sorted(rows, key=_urgency))


def course_ids(ctx: ReadCtx, *, quiz_id: UUID | None = None) -> tuple[UUID, ...]:
    """The courses whose running sessions the actor watches. Forbidden for who reviews nothing."""
    _require_reviewer(ctx)
    statement = select(Session.course_id).where(queries.may_review(ctx), Session.state.in_(RUNNING))
    if quiz_id is not None:
        statement = statement.where(Session.quiz_id == quiz_id)
    return tuple(ctx.session.execute(statement.distinct()).scalars())


def stats(ctx: ReadCtx) -> Stats:
    """How far reviewers agreed with each detector, over the institution. Forbidden for who reviews nothing."""
    _require_reviewer(ctx)
    sessions, reviewed = queries.counted(ctx)
    return Stats(sessions=sessions, reviewed=reviewed, detectors=anomalies.precision(ctx))


def _require_reviewer(ctx: ReadCtx) -> None:
    if not queries.reviews_any(ctx):
        raise Forbidden("Reviewing is for instructors of a course with supervised exams, and those named for it.")


def _silence(last: datetime, now: datetime) -> float:
    return round(max(0.0, (now - last).total_seconds()), 1)


def _urgency(row: LiveRow) -> tuple[int, int, int, str]:
    return (-len(row.ongoing), -row.risk, -row.incidents, str(row.session_id))
