"""The leaderboard of a quiz: best results, equal ones sharing the rank, names only of those who agreed."""

from uuid import UUID

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.assessments import reviewing, views
from lms_core.learning.assessments.models import Attempt, AttemptStatus, CountingAttempt, LeaderboardName, Quiz
from lms_core.learning.assessments.schemas import BoardEntry, BoardName, Leaderboard
from lms_core.learning.assessments.service.access import readable
from lms_core.learning.enrolments import service as enrolments

PLACES = 50


def leaderboard(ctx: ReadCtx, quiz_id: UUID) -> Leaderboard:
    """The first places and one's own, for who may take the quiz. QuizNotFound. One statement and those of the access.

    Empty, and not `shown`, where the quiz has none or learners may not know results yet.
    """
    quiz, _ = readable(ctx, quiz_id)
    told = reviewing.are_scores_shown(views.conduct_of(quiz), closes_at=quiz.closes_at, now=ctx.now)
    if not quiz.leaderboard or not told:
        return Leaderboard(shown=False, entries=(), mine=None, participants=0)
    best = _results(quiz)
    ranked = select(
        best.c.user_id,
        best.c.percent,
        func.rank().over(order_by=best.c.percent.desc()).label("rank"),
        func.row_number().over(order_by=(best.c.percent.desc(), best.c.user_id)).label("place"),
        func.count().over().label("participants"),
    ).subquery()
    wanted = (
        select(ranked, LeaderboardName.name)
        .outerjoin(
            LeaderboardName,
            (LeaderboardName.user_id == ranked.c.user_id) & (LeaderboardName.course_id == quiz.course_id),
        )
        .where(or_(ranked.c.place <= PLACES, ranked.c.user_id == ctx.actor.user_id))
        .order_by(ranked.c.place)
    )
    rows = ctx.session.execute(wanted).all()
    entries = [
        BoardEntry(rank=row.rank, name=row.name, percent=round(row.percent, 2), me=row.user_id == ctx.actor.user_id)
        for row in rows
    ]
    return Leaderboard(
        shown=True,
        entries=tuple(entries[:PLACES]),
        mine=next((entry for entry in entries if entry.me), None),
        participants=rows[0].participants if rows else 0,
    )


def _results(quiz: Quiz) -> Subquery:
    """Everybody's percentage that counts, by the quiz's rule on several attempts."""
    marked = (Attempt.quiz_id == quiz.id, Attempt.status == AttemptStatus.GRADED, Attempt.voided_at.is_(None))
    if quiz.counts in (CountingAttempt.BEST, CountingAttempt.AVERAGE):
        of_all = func.avg if quiz.counts == CountingAttempt.AVERAGE else func.max
        chosen = select(Attempt.user_id, of_all(Attempt.percent).label("percent")).where(*marked)
        chosen = chosen.group_by(Attempt.user_id)
    else:
        edge = func.min if quiz.counts == CountingAttempt.FIRST else func.max
        numbers = select(Attempt.user_id, edge(Attempt.number).label("number")).where(*marked)
        which = numbers.group_by(Attempt.user_id).subquery()
        its = (Attempt.user_id == which.c.user_id) & (Attempt.number == which.c.number)
        chosen = select(Attempt.user_id, Attempt.percent).join(which, its).where(*marked)
    found: Subquery = chosen.subquery()
    return found


def be_named(ctx: WriteCtx, course: str | UUID, *, name: BoardName | None) -> str | None:
    """Agree to be named on a course's leaderboards (again: by another name), or take it back with None."""
    user_id = enrolments.learner_of(ctx)
    card = enrolments.access_reading(ctx, course)
    row = _own(ctx, user_id, card.id)
    if name is None:
        if row is not None:
            ctx.session.delete(row)
            ctx.session.flush()
        return None
    if row is None:
        row = LeaderboardName(user_id=user_id, course_id=card.id, name=name.name, agreed_at=ctx.now)
    row.name, row.agreed_at = name.name, ctx.now
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError:  # pressed twice, on PostgreSQL: the other press agreed already
        return name.name
    return row.name


def own_board_name(ctx: ReadCtx, course_id: UUID) -> str | None:
    """The name by which the actor agreed to be shown in a course; None: not at all. One statement."""
    row = None if ctx.actor.user_id is None else _own(ctx, ctx.actor.user_id, course_id)
    return None if row is None else row.name


def _own(ctx: ReadCtx, user_id: UUID, course_id: UUID) -> LeaderboardName | None:
    found: LeaderboardName | None = ctx.session.execute(
        select(LeaderboardName).where(LeaderboardName.user_id == user_id, LeaderboardName.course_id == course_id)
    ).scalar_one_or_none()
    return found
