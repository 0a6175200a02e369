"""Telling people that a date came: once an hour, and nobody more than once a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, Work, WriteCtx, system_actor
from lms_core.kit.events import Notice
from lms_core.kit.jobs import every
from lms_core.learning.release import queries, rules
from lms_core.learning.release.events import LessonsReleased
from lms_core.learning.release.models import Cohort, ConditionKind, ReleaseCondition, ReleaseRule, ReleaseTold
from lms_core.learning.release.rules import Person, Plan, Tree

ONCE_IN = timedelta(days=1)
AT_ONCE = 200
TITLES_TOLD = 5

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Opened:
    """What opened for one person: courses, and titles of lessons by id."""

    courses: dict[UUID, str] = field(default_factory=dict)
    lessons: dict[UUID, str] = field(default_factory=dict)


@every(timedelta(hours=1), "release.tell")
def tell(work: Work) -> None:
    """Tell learners what dates opened for them since they were told last, a day back at most for the first time."""
    with work.read() as view:
        dated = _dated_courses(view)
    told = 0
    for tenant_id, course_ids in dated.items():
        work.check_stop()
        actor = system_actor(tenant_id)
        with work.database.read(actor) as view:
            opened = _opened(view, course_ids)
        people = sorted(opened)
        for start in range(0, len(people), AT_ONCE):
            with work.database.write(actor) as ctx:
                told += sum(_tell(ctx, each, opened[each]) for each in people[start : start + AT_ONCE])
    if told:
        log.info("release.told", people=told)


def _dated_courses(ctx: ReadCtx) -> dict[UUID, list[UUID]]:
    """Courses in which time opens something, by institution. Two statements."""
    by_rule = select(ReleaseRule.tenant_id, ReleaseRule.course_id).join(
        ReleaseCondition, ReleaseCondition.rule_id == ReleaseRule.id
    )
    by_rule = by_rule.where(ReleaseCondition.kind.in_([ConditionKind.DATE, ConditionKind.DAYS]))
    by_cohort = select(Cohort.tenant_id, Cohort.course_id).where(Cohort.starts_on.is_not(None))
    found: dict[UUID, set[UUID]] = {}
    for wanted in (by_rule, by_cohort):
        for row in ctx.session.execute(wanted.distinct()):
            found.setdefault(row.tenant_id, set()).add(row.course_id)
    return {tenant_id: sorted(course_ids) for tenant_id, course_ids in found.items()}


def _opened(ctx: ReadCtx, course_ids: Iterable[UUID]) -> dict[UUID, _Opened]:
    """By person, what opened since they were told last. A fixed number of statements a course."""
    last = {row.user_id: row.at for row in ctx.session.execute(select(ReleaseTold.user_id, ReleaseTold.at))}
    found: dict[UUID, _Opened] = {}
    for card in courses.cards(ctx, list(course_ids)).values():
        if card.status != CourseStatus.PUBLISHED:
            continue
        for user_id, lessons in _opened_in(ctx, card, last).items():
            mine = found.setdefault(user_id, _Opened())
            mine.courses[card.id] = card.title
            mine.lessons |= lessons
    return found


def _opened_in(ctx: ReadCtx, card: CourseCard, last: dict[UUID, datetime]) -> dict[UUID, dict[UUID, str]]:
    plan = queries.plan(ctx, card.id, revision=card.updated_at)
    tree = queries.tree(ctx, card.id, revision=card.updated_at)
    reached = queries.reached_in(ctx, card.id)
    found = {}
    for row in queries.learners(ctx, card.id):
        before = last.get(row.user_id, ctx.now - ONCE_IN)
        if row.user_id in last and ctx.now - before < ONCE_IN:
            continue
        since = max(before, row.enrolled_at)
        person = Person(ctx.now, row.enrolled_at, row.cohort_id, reached.get(row.user_id, {}))
        lessons = _newly_open(plan, tree, person, since)
        if lessons:
            found[row.user_id] = lessons
    return found


def _newly_open(plan: Plan, tree: Tree, person: Person, since: datetime) -> dict[UUID, str]:
    """Lessons that time alone opened after `since`, by id, with their titles; those of translations left out."""
    moments = (
        rules.moment_of(condition, plan, person)
        for rule in rules.rules_for(plan, person)
        for condition in rule.conditions
    )
    if not any(moment is not None and since < moment <= person.now for moment in moments):
        return {}
    before = rules.locked(plan, tree, replace(person, now=since))
    now = rules.locked(plan, tree, person)
    opened = (each for each in tree.lessons.values() if each.id in before and each.id not in now)
    return {each.id: each.title for each in opened if each.translation_of_id is None}


def _tell(ctx: WriteCtx, user_id: UUID, opened: _Opened) -> bool:
    wanted = select(ReleaseTold).where(ReleaseTold.user_id == user_id).with_for_update(key_share=True)
    row = ctx.session.execute(wanted).scalar_one_or_none()
    if row is not None and ctx.now - row.at < ONCE_IN:  # another worker told them meanwhile
        return False
    row = row or ReleaseTold(user_id=user_id, at=ctx.now)
    row.at = ctx.now
    ctx.add(row)
    variables = {
        "courses": ", ".join(opened.courses.values()),
        "lessons": ", ".join(list(opened.lessons.values())[:TITLES_TOLD]),
        "count": str(len(opened.lessons)),
        "lesson_id": str(next(iter(opened.lessons))),
    }
    notice = Notice(recipients=(user_id,), kind="lessons.released", variables=variables)
    ctx.emit(
        LessonsReleased(
            user_id=user_id, course_ids=tuple(opened.courses), lesson_ids=tuple(opened.lessons), notice=notice
        )
    )
    return True
