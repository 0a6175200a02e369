"""What is locked and why; rules of release and completion; cohorts."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, NotFound, Unauthenticated
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assignments import service as assignments
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import CohortNameTaken, CohortNotFound, ConditionRefused, WaitsForItself
from lms_core.learning.release.schemas import (
    CohortDateIn,
    CohortIn,
    CohortView,
    CompletionIn,
    LocksView,
    Marked,
    MembersAdded,
    MembersIn,
    MemberView,
    PlanIn,
    PlanView,
    RuleIn,
)

router = APIRouter(tags=["release"])

OF_COURSE = errors(Unauthenticated, Forbidden, CourseNotFound)
REFUSED = errors(Unauthenticated, Forbidden, ConditionRefused, WaitsForItself)
OF_COHORT = errors(Unauthenticated, CohortNotFound)


@router.get("/courses/{course}/locks", response_model=LocksView, responses=errors(Unauthenticated, CourseNotFound))
def read_locks(ctx: Reading, course: CourseName) -> LocksView:
    """What is locked in a course for the caller, with every condition and whether it is met."""
    return release.locks(ctx, course)


@router.get("/courses/{course}/release", response_model=PlanView, responses=OF_COURSE)
def read_plan(ctx: Reading, course: CourseName) -> PlanView:
    """Every rule of a course, and what looks wrong about them. For its editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    return release.read_plan(ctx, card.id, results=marked_beside(ctx, card.id))


@router.put("/courses/{course}/release", response_model=PlanView, responses={**REFUSED, **OF_COURSE})
def set_plan(ctx: Writing, course: CourseName, plan: PlanIn) -> PlanView:
    """The time zone of a course's dates, and the rule of the course itself."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    return release.set_plan(ctx, card.id, plan=plan, results=marked_beside(ctx, card.id))


@router.get("/courses/{course}/release/preview", response_model=LocksView, responses=OF_COURSE)
def preview(ctx: Reading, course: CourseName, cohort_id: UUID | None = None) -> LocksView:
    """What somebody who joins now would find locked. For the course's editors."""
    return release.preview(ctx, course, cohort_id=cohort_id)


@router.put("/modules/{module_id}/release", response_model=PlanView, responses={**REFUSED, **errors(NotFound)})
def set_module_rule(ctx: Writing, module_id: UUID, rule: RuleIn) -> PlanView:
    """The rule of a module; without conditions it has none."""
    results = marked_beside(ctx, courses.module_course(ctx, module_id))
    return release.set_module_rule(ctx, module_id, rule=rule, results=results)


@router.put("/lessons/{lesson_id}/release", response_model=PlanView, responses={**REFUSED, **errors(LessonNotFound)})
def set_lesson_rule(ctx: Writing, lesson_id: UUID, rule: RuleIn) -> PlanView:
    """The rule of a lesson; without conditions it has none."""
    results = marked_beside(ctx, courses.lesson_course(ctx, lesson_id)[0])
    return release.set_lesson_rule(ctx, lesson_id, rule=rule, results=results)


@router.put("/lessons/{lesson_id}/completion", response_model=PlanView, responses={**REFUSED, **errors(LessonNotFound)})
def set_completion(ctx: Writing, lesson_id: UUID, completion: CompletionIn) -> PlanView:
    """When a lesson is complete, and whether the course needs it."""
    results = marked_beside(ctx, courses.lesson_course(ctx, lesson_id)[0])
    return release.set_completion(ctx, lesson_id, completion=completion, results=results)


@router.get("/courses/{course}/cohorts", response_model=list[CohortView], responses=OF_COURSE)
def list_cohorts(ctx: Reading, course: CourseName) -> list[CohortView]:
    """The cohorts of a course. For its editors."""
    return release.cohorts(ctx, course)


@router.post(
    "/courses/{course}/cohorts",
    status_code=201,
    response_model=CohortView,
    responses={**OF_COURSE, **errors(CohortNameTaken)},
)
def add_cohort(ctx: Writing, course: CourseName, cohort: CohortIn) -> CohortView:
    """Make a cohort."""
    return release.add_cohort(ctx, course, cohort=cohort)


@router.put("/cohorts/{cohort_id}", response_model=CohortView, responses={**OF_COHORT, **errors(CohortNameTaken)})
def change_cohort(ctx: Writing, cohort_id: UUID, cohort: CohortIn) -> CohortView:
    """Name and dates of a cohort."""
    return release.change_cohort(ctx, cohort_id, cohort=cohort)


@router.delete("/cohorts/{cohort_id}", status_code=204, response_model=None, responses=OF_COHORT)
def delete_cohort(ctx: Writing, cohort_id: UUID) -> None:
    """Remove a cohort; its people stay in the course."""
    release.delete_cohort(ctx, cohort_id)


@router.put(
    "/cohorts/{cohort_id}/dates", response_model=CohortView, responses={**OF_COHORT, **errors(ConditionRefused)}
)
def set_date(ctx: Writing, cohort_id: UUID, given: CohortDateIn) -> CohortView:
    """A cohort's own date for a condition that names one."""
    return release.set_date(ctx, cohort_id, given=given)


@router.get("/cohorts/{cohort_id}/members", response_model=list[MemberView], responses=OF_COHORT)
def list_members(ctx: Reading, cohort_id: UUID) -> list[MemberView]:
    """Who is in a cohort."""
    return release.members(ctx, cohort_id)


@router.post("/cohorts/{cohort_id}/members", response_model=MembersAdded, responses=OF_COHORT)
def add_members(ctx: Writing, cohort_id: UUID, given: MembersIn) -> MembersAdded:
    """Put people of the course into a cohort, out of the one they are in."""
    return release.add_members(ctx, cohort_id, given=given)


@router.delete(
    "/cohorts/{cohort_id}/members/{user_id}",
    status_code=204,
    response_model=None,
    responses={**OF_COHORT, **errors(NotFound)},
)
def remove_member(ctx: Writing, cohort_id: UUID, user_id: UUID) -> None:
    """Take somebody out of a cohort."""
    release.remove_member(ctx, cohort_id, user_id=user_id)


def marked_beside(ctx: ReadCtx, course_id: UUID) -> dict[UUID, Marked]:
    """What is marked in a course, for its staff; nothing for others, whom the verb then refuses."""
    if not courses.is_staff(ctx, course_id):
        return {}
    return {**assessments.marked_in(ctx, course_id), **assignments.marked_in(ctx, course_id)}
