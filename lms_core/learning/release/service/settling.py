"""After every change of rules: the course is marked as having some or none, under a new revision."""

from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.kit.context import WriteCtx
from lms_core.learning.release import queries
from lms_core.learning.release.rules import Plan


def settle(ctx: WriteCtx, course_id: UUID) -> Plan:
    """Mark the course, give it its next revision, and return its plan as it is now. The caller may edit it."""
    ctx.session.flush()
    plan = queries.fresh_plan(ctx, course_id)
    begins = any(cohort.starts_on is not None for cohort in plan.cohorts.values())
    courses.set_has_rules(ctx, course_id, has_rules=bool(plan.rules or plan.completion or begins))
    return plan
