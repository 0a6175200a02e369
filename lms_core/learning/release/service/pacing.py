"""Everybody in a course with the dates they learn by, for the slices above that look after them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx
from lms_core.learning.release import queries
from lms_core.learning.release.rules import beginning


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody in a course: since when, in which cohort, and when that begins and ends, if it says so."""

    user_id: UUID
    since: datetime
    cohort: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


def learners(ctx: ReadCtx, course: CourseCard) -> list[Learner]:
    """Everybody in a course whose caller may see them, in the order they joined. Five statements at most."""
    plan = queries.plan(ctx, course.id, revision=course.updated_at)
    found = []
    for row in queries.learners(ctx, course.id):
        cohort = plan.cohorts.get(row.cohort_id) if row.cohort_id is not None else None
        begins = beginning(cohort.starts_on, plan.zone) if cohort and cohort.starts_on else None
        ends = beginning(cohort.ends_on + timedelta(days=1), plan.zone) if cohort and cohort.ends_on else None
        found.append(Learner(row.user_id, row.enrolled_at, cohort.name if cohort else "", begins, ends))
    return found
