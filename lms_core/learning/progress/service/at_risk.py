"""Who in a course may need help, and why: no sign for days, behind the cohort's pace, results not passed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.progress.models import LessonProgress, ProgressState
from lms_core.learning.progress.schemas import AtRisk, AtRiskList, Risk, RiskKind
from lms_core.learning.progress.service.reading import percent_of
from lms_core.learning.release import service as release

INACTIVE_DAYS = 7
BEHIND_POINTS = 20  # percentage points below the pace before somebody is said to be behind
SMALLEST_COHORT = 5  # of fewer people a median says little
SHOWN = 100


def at_risk(ctx: ReadCtx, course: str | UUID, *, inactive_days: int = INACTIVE_DAYS, limit: int = SHOWN) -> AtRiskList:
    """Learners with a reason to look after them, those with most reasons and longest silence first.

    For who sees the course's insights. Who completed the course is left out. The pace of a cohort goes evenly from
    its first day to its last; of one without an end it is the median of its members. Eleven statements at most,
    whatever the number of learners.
    """
    card = courses.access_course(ctx, course, Permission.INSIGHTS_READ, even_archived=True)
    people = release.learners(ctx, card)
    rows = _rows(ctx, card.id)
    percents = {
        each.user_id: percent_of(min(int(rows[each.user_id].completed), card.required_count), card.required_count)
        if each.user_id in rows
        else 0
        for each in people
    }
    paces = _paces(people, percents, ctx.now)
    failing = release.failing(ctx, card.id, user_ids=[each.user_id for each in people])
    found = []
    for each in people:
        if percents[each.user_id] == 100:
            continue
        seen = rows[each.user_id].seen if each.user_id in rows else None
        risks = [_inactive(each, seen, ctx.now, inactive_days), _behind(paces, each, percents[each.user_id])]
        if each.user_id in failing:
            risks.append(Risk(kind=RiskKind.FAILING, result_ids=tuple(failing[each.user_id])))
        told = tuple(risk for risk in risks if risk is not None)
        if told:
            found.append((each, seen, told))
    found.sort(key=lambda row: (-len(row[2]), row[1] or row[0].since))
    shown = found[:limit]
    ids = [each.user_id for each, _, _ in shown]
    names, emails = accounts.names_of(ctx, ids), accounts.emails_of(ctx, ids)
    items = tuple(
        AtRisk(
            user_id=each.user_id,
            name=names.get(each.user_id, ""),
            email=emails.get(each.user_id, ""),
            cohort=each.cohort,
            percent=percents[each.user_id],
            last_active=seen,
            risks=told,
        )
        for each, seen, told in shown
    )
    return AtRiskList(learners=len(people), total=len(found), items=items)


def _rows(ctx: ReadCtx, course_id: UUID) -> dict[UUID, Any]:
    """By person, when they were seen last and how many of the lessons that count they completed. One statement."""
    counts = LessonProgress.lesson_id.in_(courses.countable_lessons([course_id]))
    done = case(((LessonProgress.state == ProgressState.COMPLETED) & counts, 1), else_=0)
    rows = ctx.session.execute(
        select(
            LessonProgress.user_id,
            func.max(LessonProgress.updated_at, type_=LessonProgress.updated_at.type).label("seen"),
            func.sum(done).label("completed"),
        )
        .where(LessonProgress.course_id == course_id)
        .group_by(LessonProgress.user_id)
    )
    return {row.user_id: row for row in rows}


def _inactive(who: release.Learner, seen: datetime | None, now: datetime, days: int) -> Risk | None:
    begun = max(who.since, who.begins) if who.begins is not None else who.since
    silent = (now - max(seen, begun) if seen is not None else now - begun) // timedelta(days=1)
    return Risk(kind=RiskKind.INACTIVE, days=silent) if silent >= days else None


def _behind(paces: Mapping[UUID, int], who: release.Learner, percent: int) -> Risk | None:
    expected = paces.get(who.user_id)
    if expected is None or percent > expected - BEHIND_POINTS:
        return None
    return Risk(kind=RiskKind.BEHIND, expected=expected)


def _paces(people: Iterable[release.Learner], percents: Mapping[UUID, int], now: datetime) -> dict[UUID, int]:
    """By person, the percentage their cohort is expected to have by now."""
    cohorts: dict[str, list[release.Learner]] = {}
    for each in people:
        if each.cohort:
            cohorts.setdefault(each.cohort, []).append(each)
    paces: dict[UUID, int] = {}
    for inside in cohorts.values():
        begins, ends = inside[0].begins, inside[0].ends
        if begins is not None and ends is not None:
            expected = round(100 * min(1.0, max(0.0, (now - begins) / (ends - begins))))
        elif len(inside) >= SMALLEST_COHORT:
            expected = round(median(percents[each.user_id] for each in inside))
        else:
            continue
        paces |= {each.user_id: expected for each in inside}
    return paces
