"""Paths as learners find, join and follow them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseAccess, CourseStatus
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.courses.slugs import containing, folded
from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView
from lms_core.content.media import service as media
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Activity, Notice
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import Page, decode_cursor, page
from lms_core.learning.enrolments import gates
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.enrolments.errors import ForSale
from lms_core.learning.enrolments.models import EnrollmentStatus
from lms_core.learning.paths import covers, queries
from lms_core.learning.paths.covers import COVER
from lms_core.learning.paths.errors import PathNotFound
from lms_core.learning.paths.events import PathCompleted, PathEnrolled
from lms_core.learning.paths.models import LearningPath, PathCourse, PathEnrollment, PathStatus
from lms_core.learning.paths.policies import may_edit, require_editor
from lms_core.learning.paths.schemas import MyPath, PathCard, PathDetail, PathStep, StepState
from lms_core.learning.paths.steps import Step, state_of, tally, to_join, waits_for
from lms_core.learning.progress import service as progress
from lms_core.learning.release import service as release

PATHS_A_PAGE = 24
MAXIMUM_WORDS = 8
FOLLOWED = 50

_PUBLISHED = select(LearningPath).where(LearningPath.status == PathStatus.PUBLISHED)


def _newest(wanted: Select[Any]) -> Select[Any]:
    return wanted.order_by(LearningPath.id.desc()).limit(bindparam("rows", type_=Integer))


_NEWEST = prepared(_newest(_PUBLISHED))


def browse(ctx: ReadCtx, *, q: str = "", cursor: str = "", limit: int = PATHS_A_PAGE) -> Page[PathCard]:
    """Published paths, newest first, with every word of `q`. Three statements, five when courses are not known yet."""
    limit = min(max(limit, 1), PATHS_A_PAGE)
    words = folded(q.replace("\0", " ")).split()[:MAXIMUM_WORDS]
    wanted = _PUBLISHED
    for word in words:
        wanted = wanted.where(LearningPath.search_text.like(containing(word), escape="\\"))
    if cursor:
        wanted = wanted.where(LearningPath.id < after(cursor))
    ordered = _newest(wanted) if words or cursor else _NEWEST
    rows = list(ctx.session.execute(ordered, {"rows": limit + 1}).scalars())
    return page(queries.cards(ctx, rows), limit, key=lambda card: (str(card.id),))


def access_path(ctx: ReadCtx, path: str | UUID) -> PathDetail:
    """A path with its courses as they stand for the actor. PathNotFound: a draft, for who neither edits nor follows it.

    Courses that the actor cannot find are left out, but for the path's editors. Eight statements at most.
    """
    row = queries.path(ctx, path)
    own = queries.enrolment(ctx, row.id, ctx.actor.user_id)
    edits = may_edit(ctx.actor, row)
    if row.status != PathStatus.PUBLISHED and not edits and own is None:
        raise PathNotFound()
    inside = queries.courses_of(ctx, [row.id])[row.id]
    known = courses.cards(ctx, [each.course_id for each in inside])
    inside = [each for each in inside if each.course_id in known]
    steps = _steps(ctx, inside, known, user_id=ctx.actor.user_id)
    done, counted = tally(steps)
    percents = progress.percents(ctx, list(known.values())) if ctx.actor.user_id is not None else {}
    shown = tuple(
        _step(step, known, place=place, steps=steps, sequential=row.sequential, percents=percents)
        for place, step in enumerate(steps)
        if step.takeable or edits
    )
    return PathDetail(
        **dict(queries.card(row, list(known.values()))),
        steps=shown,
        may_edit=edits,
        enrolled=own is not None,
        percent=progress.percent_of(done, counted),
        completed_at=own.completed_at if own is not None else None,
    )


def access_building(ctx: ReadCtx, path: str | UUID) -> PathDetail:
    """A path with all of its courses, for who may change it. PathNotFound, Forbidden. Statements as `access_path`."""
    require_editor(ctx.actor, queries.path(ctx, path))
    return access_path(ctx, path)


def cover_of(ctx: ReadCtx, path: str | UUID, *, width: int = 0, accepted: str = "") -> AssetView:
    """A path's picture, for who sees the path: of this width where there is one, in a type `Accept` takes.

    PathNotFound, NotFound.
    """
    row = queries.path(ctx, path)
    hidden = row.status != PathStatus.PUBLISHED and not may_edit(ctx.actor, row)
    if hidden and queries.enrolment(ctx, row.id, ctx.actor.user_id) is None:
        raise PathNotFound()
    kept = {each.path: each for each in files.of_owner(ctx, owner_id=row.id)} if width else {}
    kinds = {each.media_type for name, each in kept.items() if name == covers.variant(width, each.media_type)}
    kind = media.preferred(kinds, accepted)
    return files.find(ctx, owner_id=row.id, path=COVER) if kind is None else kept[covers.variant(width, kind)]


def enrol(ctx: WriteCtx, path: str | UUID) -> PathDetail:
    """Let the actor follow a published path, and join its open courses: those whose turn it is. Again: no change."""
    user_id = enrolments.learner_of(ctx)
    row = queries.path(ctx, path)
    known = queries.enrolment(ctx, row.id, user_id)
    if known is None:
        if row.status != PathStatus.PUBLISHED:
            raise PathNotFound()
        if not may_edit(ctx.actor, row) and gates.standing(ctx, [row.id], user_id=user_id).closed(row.id):
            raise ForSale()
        _follow(ctx, row, user_id)
    settle(ctx, row, user_id=user_id)
    return access_path(ctx, row.id)


def enrol_person(ctx: WriteCtx, *, user_id: UUID, path_id: UUID) -> bool:
    """Let somebody follow a path, published or not, and join what is open for them. The caller has authorised.

    False when they followed it before, or there is no such path any more.
    """
    row = ctx.session.execute(queries.named(path_id)).scalar_one_or_none()
    if row is None:
        return False
    fresh = queries.enrolment(ctx, path_id, user_id) is None and _follow(ctx, row, user_id)
    settle(ctx, row, user_id=user_id)
    return fresh


def take_out(ctx: WriteCtx, *, user_id: UUID, path_id: UUID) -> bool:
    """Let somebody follow a path no longer; its courses are not touched. The caller has authorised."""
    own = queries.enrolment(ctx, path_id, user_id)
    if own is None:
        return False
    ctx.session.delete(own)
    ctx.session.flush()
    return True


def courses_in(ctx: ReadCtx, path_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The courses of each path, in order, for callers who have authorised. One statement, none without paths."""
    inside = queries.courses_of(ctx, path_ids)
    return {path_id: [each.course_id for each in rows] for path_id, rows in inside.items()}


def leave(ctx: WriteCtx, path: str | UUID) -> None:
    """Let the actor follow a path no longer; their courses stay theirs. Not following it is fine."""
    user_id = enrolments.learner_of(ctx)
    row = queries.path(ctx, path)
    own = queries.enrolment(ctx, row.id, user_id)
    if own is None and row.status != PathStatus.PUBLISHED:
        raise PathNotFound()
    if own is not None:
        ctx.session.delete(own)
        ctx.session.flush()


def mine(ctx: ReadCtx) -> list[MyPath]:
    """The paths the actor follows, latest first, fifty at most. Seven statements at most, one for none."""
    user_id = enrolments.learner_of(ctx)
    wanted = select(PathEnrollment, LearningPath).join(LearningPath, LearningPath.id == PathEnrollment.path_id)
    rows = ctx.session.execute(
        wanted.where(PathEnrollment.user_id == user_id).order_by(PathEnrollment.id.desc()).limit(FOLLOWED)
    ).all()
    if not rows:
        return []
    inside = queries.courses_of(ctx, [row.id for _, row in rows])
    every = [each for found in inside.values() for each in found]
    known = courses.cards(ctx, sorted({each.course_id for each in every}))
    facts = {step.course_id: step for step in _steps(ctx, every, known, user_id=user_id)}
    return [_mine(own, row, inside[row.id], known, facts) for own, row in rows]


def settle(ctx: WriteCtx, path: LearningPath, *, user_id: UUID) -> None:
    """Join what is open now for somebody who follows the path, and note when it is completed. Safe to repeat."""
    wanted = select(PathEnrollment).where(PathEnrollment.path_id == path.id, PathEnrollment.user_id == user_id)
    own: PathEnrollment | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    if own is None:
        return
    inside = queries.courses_of(ctx, [path.id])[path.id]
    known = courses.cards(ctx, [each.course_id for each in inside])
    steps = _steps(ctx, inside, known, user_id=user_id)
    for course_id in to_join(steps, sequential=path.sequential):
        enrolments.enrol_person(ctx, user_id=user_id, course_id=course_id, source="path")
    done, counted = tally(steps)
    if done == counted > 0 and own.completed_at is None:
        own.completed_at = ctx.now
        ctx.session.flush()
        notice = Notice(
            recipients=(user_id,), kind="paths.completed", variables={"path": path.title, "slug": path.slug}
        )
        activity = Activity(user_id=user_id, verb="completed_path", object_id=path.id)
        ctx.emit(PathCompleted(user_id=user_id, path_id=path.id, notice=notice, activity=activity))


def after(cursor: str) -> UUID:
    """The id that a list goes on after. Invalid for a cursor of another list."""
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last


def _steps(
    ctx: ReadCtx, inside: Sequence[PathCourse], known: dict[UUID, CourseCard], *, user_id: UUID | None
) -> list[Step]:
    """The courses of paths as they are for somebody. Two statements and one a gate, without the two for a visitor."""
    ids = sorted({each.course_id for each in inside} & known.keys())
    ever, completed = dict[UUID, EnrollmentStatus](), frozenset[UUID]()
    stands = gates.standing(ctx, ids, user_id=user_id)
    if user_id is not None:
        ever = enrolments.ever_in(ctx, ids, user_id=user_id)
        completed = release.completed_courses(ctx, ids, user_id=user_id)
    steps = []
    for each in inside:
        card = known.get(each.course_id)
        if card is None:
            continue
        published = card.status == CourseStatus.PUBLISHED
        within = ever.get(card.id) == EnrollmentStatus.ACTIVE
        steps.append(
            Step(
                course_id=each.course_id,
                optional=each.optional,
                takeable=published or (within and card.status != CourseStatus.DRAFT),
                open=published
                and not stands.closed(card.id)
                and (card.access == CourseAccess.OPEN or card.id in stands.granted),
                enrolled=within,
                left=ever.get(card.id) == EnrollmentStatus.LEFT,
                completed=each.course_id in completed,
            )
        )
    return steps


def _step(
    step: Step,
    known: dict[UUID, CourseCard],
    *,
    place: int,
    steps: Sequence[Step],
    sequential: bool,
    percents: dict[UUID, int],
) -> PathStep:
    state = state_of(steps, place, sequential=sequential)
    awaited = waits_for(steps, place, sequential=sequential) if state == StepState.LOCKED else None
    return PathStep(
        course=known[step.course_id],
        optional=step.optional,
        state=state,
        percent=percents.get(step.course_id, 0),
        waits_for=known[awaited].title if awaited is not None else "",
    )


def _mine(
    own: PathEnrollment,
    row: LearningPath,
    inside: Sequence[PathCourse],
    known: dict[UUID, CourseCard],
    facts: dict[UUID, Step],
) -> MyPath:
    steps = [replace(facts[each.course_id], optional=each.optional) for each in inside if each.course_id in facts]
    done, counted = tally(steps)
    open_states = (StepState.UNDER_WAY, StepState.OPEN)
    following = next(
        (
            known[step.course_id]
            for place, step in enumerate(steps)
            if step.takeable and state_of(steps, place, sequential=row.sequential) in open_states
        ),
        None,
    )
    return MyPath(
        path=queries.card(row, [known[each.course_id] for each in inside if each.course_id in known]),
        percent=progress.percent_of(done, counted),
        completed=done,
        required=counted,
        next_slug=following.slug if following is not None else None,
        next_title=following.title if following is not None else None,
        completed_at=own.completed_at,
    )


def _follow(ctx: WriteCtx, path: LearningPath, user_id: UUID) -> bool:
    if not _insert(ctx, path.id, user_id):
        return False
    activity = Activity(user_id=user_id, verb="enrolled", object_id=path.id)
    ctx.emit(PathEnrolled(user_id=user_id, path_id=path.id, activity=activity))
    return True


def _insert(ctx: WriteCtx, path_id: UUID, user_id: UUID) -> bool:
    try:
        with ctx.session.begin_nested():
            ctx.add(PathEnrollment(path_id=path_id, user_id=user_id, enrolled_at=ctx.now))
            return True
    except IntegrityError:  # the same person pressed the button twice, on PostgreSQL
        return False
