"""Selects of reviewing: sessions with their quiz, taker, summary and verdict, in one statement a page."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments.errors import QuizNotFound
from lms_core.learning.assessments.models import Quiz
from proctoring.anomalies import coverage
from proctoring.anomalies.models import Anomaly, Decision, RiskLevel, Summary
from proctoring.policies import service as policies
from proctoring.review.models import Outcome, Review, ReviewStep
from proctoring.review.schemas import Person, QueueFilter, QueueRow
from proctoring.sessions.models import Session
from proctoring.sessions.states import BEFORE, SessionState

RISK = func.coalesce(Summary.risk, 0)
BEGUN = Session.state.not_in([*BEFORE, SessionState.EXPIRED])


def rows() -> Select[Any]:
    """Sessions with everything a line about them shows."""
    found: Select[Any] = (
        select(Session, Quiz.title, User.full_name, Summary, Review.outcome)
        .join(Quiz, Quiz.id == Session.quiz_id)
        .join(User, User.id == Session.user_id)
        .outerjoin(Summary, Summary.session_id == Session.id)
        .outerjoin(Review, Review.session_id == Session.id)
    )
    return found


def row_of(session_id: UUID) -> Select[Any]:
    """The line of one session."""
    return rows().where(Session.id == session_id)


def row_view(row: Any) -> QueueRow:
    """A selected row as people see it."""
    session, title, name, summary, outcome = row
    seen = coverage.of_summary(summary)
    counts = summary.counts if summary is not None else {}
    return QueueRow(
        session_id=session.id,
        attempt_id=session.attempt_id,
        quiz_id=session.quiz_id,
        quiz_title=title,
        course_id=session.course_id,
        taker=Person(id=session.user_id, name=name),
        state=session.state,
        outcome=outcome or Outcome.NONE,
        started_at=session.begun_at or session.consented_at or session.created_at,
        ended_at=session.ended_at,
        risk=summary.risk if summary is not None else 0,
        risk_level=summary.risk_level if summary is not None else RiskLevel.LOW,
        counts=counts,
        incidents=sum(counts.values()),
        watched_percent=seen.watched,
        partly_percent=seen.partly,
        last_kind=summary.last_kind if summary is not None else "",
        last_signal_at=summary.last_signal_at if summary is not None else None,
    )


def may_review(ctx: ReadCtx) -> ColumnElement[bool]:
    """The condition for sessions of others that the actor may review; named reviewers replace a course's own.

    One statement; none for those who review everything.
    """
    actor = ctx.actor
    others_session = and_(true(), Session.user_id != actor.user_id) if actor.user_id is not None else true()
    if actor.may(Permission.PROCTOR_REVIEW):
        return others_session
    if actor.user_id is None:
        return false()
    own, foreign = policies.reviewed_by(ctx, actor.user_id)
    usual = and_(Session.course_id.in_(taught(ctx)), Session.quiz_id.not_in(foreign))
    return and_(others_session, or_(usual, Session.quiz_id.in_(own)))


def taught(ctx: ReadCtx) -> list[UUID]:
    """Courses in which the actor reviews by role."""
    return ctx.actor.courses_where(Permission.PROCTOR_REVIEW)


def reviews_any(ctx: ReadCtx) -> bool:
    """Whether the actor is a reviewer of anything at all: by role, or named in a policy. One statement at most."""
    if ctx.actor.may(Permission.PROCTOR_REVIEW) or taught(ctx):
        return True
    return ctx.actor.user_id is not None and bool(policies.reviewed_by(ctx, ctx.actor.user_id)[0])


def filtered(statement: Select[Any], wanted: QueueFilter) -> Select[Any]:
    """The statement with a queue's filters."""
    if wanted.state:
        statement = statement.where(Session.state == wanted.state)
    if wanted.quiz_id is not None:
        statement = statement.where(Session.quiz_id == wanted.quiz_id)
    if wanted.level is not None:
        statement = statement.where(func.coalesce(Summary.risk_level, RiskLevel.LOW.value) == wanted.level)
    if wanted.q:
        statement = statement.where(User.full_name.icontains(wanted.q, autoescape=True))
    if wanted.kind:
        flagged = select(Anomaly.session_id).where(
            Anomaly.kind == wanted.kind, Anomaly.withdrawn_at.is_(None), Anomaly.decision != Decision.DISMISSED
        )
        statement = statement.where(Session.id.in_(flagged))
    return statement


def reviewed_quiz(ctx: ReadCtx, quiz_id: UUID) -> str:
    """The name of an exam whose sessions the actor reviews. QuizNotFound. Two statements at most."""
    row = ctx.session.execute(select(Quiz.title, Quiz.course_id).where(Quiz.id == quiz_id)).first()
    if row is None:
        raise QuizNotFound()
    if not ctx.actor.may(Permission.PROCTOR_REVIEW):
        named = policies.reviewers(ctx, quiz_id)
        in_course = ctx.actor.may(Permission.PROCTOR_REVIEW, course_id=row.course_id)
        if not (ctx.actor.user_id in named if named else in_course):
            raise QuizNotFound()
    return str(row.title)


def quiz_title(ctx: ReadCtx, quiz_id: UUID) -> str:
    """The name of an exam."""
    return ctx.session.execute(select(Quiz.title).where(Quiz.id == quiz_id)).scalar_one_or_none() or ""


def review_of(ctx: ReadCtx, session_id: UUID) -> Review | None:
    """Where the verdict of a session stands, if anybody began."""
    found: Review | None = ctx.session.execute(
        select(Review).where(Review.session_id == session_id)
    ).scalar_one_or_none()
    return found


def history(ctx: ReadCtx, session_id: UUID) -> Sequence[ReviewStep]:
    """Every step of a session's review, oldest first."""
    return list(
        ctx.session.execute(
            select(ReviewStep).where(ReviewStep.session_id == session_id).order_by(ReviewStep.at, ReviewStep.id)
        ).scalars()
    )


def people(ctx: ReadCtx, ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    """Names by id. One statement."""
    wanted = {each for each in ids if each is not None}
    found = ctx.session.execute(select(User.id, User.full_name).where(User.id.in_(wanted))) if wanted else ()
    return {row.id: Person(id=row.id, name=row.full_name) for row in found}


def counted(ctx: ReadCtx) -> tuple[int, int]:
    """Sessions the actor may review, and how many of them have a verdict."""
    row = ctx.session.execute(
        select(func.count(Session.id), func.count(Review.decided_at))
        .outerjoin(Review, Review.session_id == Session.id)
        .where(may_review(ctx), BEGUN)
    ).one()
    return int(row[0]), int(row[1])
