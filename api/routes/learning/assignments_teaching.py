"""Making assignments and marking what is handed in, for instructors."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.errors import (
    AssignmentInUse,
    AssignmentNotFound,
    GroupNotFound,
    NothingToRelease,
    ReviewsNotDrawable,
    SchemeInUse,
    SchemeNotFound,
    SubmissionNotFound,
)
from lms_core.learning.assignments.schemas import (
    AssignmentDetail,
    AssignmentIn,
    AssignmentRow,
    ExtensionIn,
    ExtensionView,
    GroupIn,
    GroupView,
    SchemeIn,
    SchemeView,
)
from lms_core.learning.assignments.service import MarkFilter
from lms_core.learning.assignments.sheets import Count, MarkIn, MarkView, MissingRow, SubmissionRow, SubmissionSheet

router = APIRouter(tags=["assignments"])

OF_COURSE = errors(Unauthenticated, Forbidden, CourseNotFound)
REFUSED = errors(Unauthenticated, Forbidden, AssignmentNotFound)
SCHEME_REFUSED = errors(Unauthenticated, Forbidden, SchemeNotFound)
Only = Annotated[MarkFilter, Query(description="Which submissions")]


@router.get("/courses/{course}/assignments/overview", response_model=list[AssignmentRow], responses=OF_COURSE)
def read_overview(ctx: Reading, course: CourseName) -> list[AssignmentRow]:
    """The assignments of a course with how much was handed in and waits for a mark."""
    return assignments.rows_of(ctx, course)


@router.post(
    "/courses/{course}/assignments",
    status_code=201,
    response_model=AssignmentDetail,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, SchemeNotFound, Invalid),
)
def create(ctx: Writing, course: CourseName, assignment: AssignmentIn) -> AssignmentDetail:
    """A new assignment, as a draft."""
    return assignments.create(ctx, course, assignment=assignment)


@router.get("/assignments/{assignment_id}/source", response_model=AssignmentDetail, responses=REFUSED)
def read_source(ctx: Reading, assignment_id: UUID) -> AssignmentDetail:
    """An assignment with all of its rules."""
    return assignments.read_source(ctx, assignment_id)


@router.put(
    "/assignments/{assignment_id}",
    response_model=AssignmentDetail,
    responses=errors(Forbidden, AssignmentNotFound, SchemeNotFound, AssignmentInUse, Invalid),
)
def change(ctx: Writing, assignment_id: UUID, assignment: AssignmentIn) -> AssignmentDetail:
    """Replace the rules of an assignment; released marks keep what they were given by."""
    return assignments.change(ctx, assignment_id, assignment=assignment)


@router.post("/assignments/{assignment_id}/publish", response_model=AssignmentDetail, responses=REFUSED)
def publish(ctx: Writing, assignment_id: UUID) -> AssignmentDetail:
    """Let learners see the assignment."""
    return assignments.publish(ctx, assignment_id)


@router.post("/assignments/{assignment_id}/unpublish", response_model=AssignmentDetail, responses=REFUSED)
def unpublish(ctx: Writing, assignment_id: UUID) -> AssignmentDetail:
    """Hide the assignment; what was handed in is kept."""
    return assignments.unpublish(ctx, assignment_id)


@router.delete(
    "/assignments/{assignment_id}",
    status_code=204,
    response_model=None,
    responses=errors(Forbidden, AssignmentNotFound, AssignmentInUse),
)
def delete(ctx: Writing, assignment_id: UUID) -> None:
    """Delete an assignment nobody began."""
    assignments.delete_assignment(ctx, assignment_id)


@router.get("/courses/{course}/marking-schemes", response_model=list[SchemeView], responses=OF_COURSE)
def list_schemes(ctx: Reading, course: CourseName) -> list[SchemeView]:
    """The rubrics and marking guides of a course."""
    return assignments.schemes_of(ctx, course)


@router.post("/courses/{course}/marking-schemes", status_code=201, response_model=SchemeView, responses=OF_COURSE)
def add_scheme(ctx: Writing, course: CourseName, scheme: SchemeIn) -> SchemeView:
    """A new rubric or marking guide."""
    return assignments.add_scheme(ctx, course, scheme=scheme)


@router.get("/marking-schemes/{scheme_id}", response_model=SchemeView, responses=SCHEME_REFUSED)
def read_scheme(ctx: Reading, scheme_id: UUID) -> SchemeView:
    """A rubric or marking guide."""
    return assignments.read_scheme(ctx, scheme_id)


@router.put(
    "/marking-schemes/{scheme_id}",
    response_model=SchemeView,
    responses=errors(Forbidden, SchemeNotFound, SchemeInUse),
)
def change_scheme(ctx: Writing, scheme_id: UUID, scheme: SchemeIn) -> SchemeView:
    """Replace a scheme nobody was marked by."""
    return assignments.change_scheme(ctx, scheme_id, scheme=scheme)


@router.delete(
    "/marking-schemes/{scheme_id}",
    status_code=204,
    response_model=None,
    responses=errors(Forbidden, SchemeNotFound, SchemeInUse),
)
def delete_scheme(ctx: Writing, scheme_id: UUID) -> None:
    """Delete a scheme nobody was marked by."""
    assignments.delete_scheme(ctx, scheme_id)


@router.get("/assignments/{assignment_id}/extensions", response_model=list[ExtensionView], responses=REFUSED)
def list_extensions(ctx: Reading, assignment_id: UUID) -> list[ExtensionView]:
    """Who has later dates."""
    return assignments.extensions_of(ctx, assignment_id)


@router.put(
    "/assignments/{assignment_id}/extensions",
    response_model=ExtensionView,
    responses=errors(Forbidden, AssignmentNotFound, Invalid),
)
def set_extension(ctx: Writing, assignment_id: UUID, given: ExtensionIn) -> ExtensionView:
    """Give a learner later dates; marks they have already are settled anew."""
    return assignments.set_extension(ctx, assignment_id, given=given)


@router.delete(
    "/assignments/{assignment_id}/extensions/{user_id}", status_code=204, response_model=None, responses=REFUSED
)
def take_extension(ctx: Writing, assignment_id: UUID, user_id: UUID) -> None:
    """Take an extension back."""
    assignments.take_extension(ctx, assignment_id, user_id=user_id)


@router.get("/assignments/{assignment_id}/groups", response_model=list[GroupView], responses=REFUSED)
def list_groups(ctx: Reading, assignment_id: UUID) -> list[GroupView]:
    """The groups of an assignment."""
    return assignments.groups_of(ctx, assignment_id)


@router.post(
    "/assignments/{assignment_id}/groups",
    status_code=201,
    response_model=GroupView,
    responses=errors(Forbidden, AssignmentNotFound, Invalid),
)
def add_group(ctx: Writing, assignment_id: UUID, group: GroupIn) -> GroupView:
    """A new group."""
    return assignments.add_group(ctx, assignment_id, group=group)


@router.put(
    "/assignments/{assignment_id}/groups/{group_id}",
    response_model=GroupView,
    responses=errors(Forbidden, AssignmentNotFound, GroupNotFound, Invalid),
)
def change_group(ctx: Writing, assignment_id: UUID, group_id: UUID, group: GroupIn) -> GroupView:
    """Rename a group and make its members these."""
    return assignments.change_group(ctx, assignment_id, group_id=group_id, group=group)


@router.delete(
    "/assignments/{assignment_id}/groups/{group_id}",
    status_code=204,
    response_model=None,
    responses=errors(Forbidden, AssignmentNotFound, GroupNotFound, AssignmentInUse),
)
def delete_group(ctx: Writing, assignment_id: UUID, group_id: UUID) -> None:
    """Delete a group that wrote nothing yet."""
    assignments.delete_group(ctx, assignment_id, group_id=group_id)


@router.get("/assignments/{assignment_id}/submissions", response_model=Page[SubmissionRow], responses=REFUSED)
def list_submissions(
    ctx: Reading,
    assignment_id: UUID,
    only: Only = MarkFilter.ALL,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[SubmissionRow]:
    """Everybody's latest submission, first handed in first."""
    return assignments.submissions_at(ctx, assignment_id, only=only, cursor=cursor, limit=limit)


@router.get("/assignments/{assignment_id}/missing", response_model=Page[MissingRow], responses=REFUSED)
def list_missing(
    ctx: Reading, assignment_id: UUID, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[MissingRow]:
    """Learners who have not handed in, by name; nobody where marking is anonymous."""
    return assignments.not_handed_in(ctx, assignment_id, cursor=cursor, limit=limit)


@router.get(
    "/submissions/{submission_id}",
    response_model=SubmissionSheet,
    responses=errors(Forbidden, SubmissionNotFound),
)
def read_submission(ctx: Reading, submission_id: UUID) -> SubmissionSheet:
    """A submission with everything to mark it by."""
    return assignments.read_submission(ctx, submission_id)


@router.put(
    "/submissions/{submission_id}/mark",
    response_model=MarkView,
    responses=errors(Forbidden, SubmissionNotFound, NothingToRelease, Invalid),
)
def save_mark(ctx: Writing, submission_id: UUID, mark: MarkIn) -> MarkView:
    """Write the mark of a submission; learners see it once it is released."""
    return assignments.save_mark(ctx, submission_id, mark=mark)


@router.post(
    "/submissions/{submission_id}/mark/release",
    response_model=MarkView,
    responses=errors(Forbidden, SubmissionNotFound, NothingToRelease),
)
def release(ctx: Writing, submission_id: UUID) -> MarkView:
    """Show the mark to those whose work it is."""
    return assignments.release(ctx, submission_id)


@router.post("/assignments/{assignment_id}/release", response_model=Count, responses=REFUSED)
def release_all(ctx: Writing, assignment_id: UUID) -> Count:
    """Release every complete mark that is not yet."""
    return assignments.release_all(ctx, assignment_id)


@router.post(
    "/assignments/{assignment_id}/peer-reviews",
    status_code=201,
    response_model=Count,
    responses=errors(Forbidden, AssignmentNotFound, ReviewsNotDrawable),
)
def draw_reviews(ctx: Writing, assignment_id: UUID) -> Count:
    """Give each learner who handed in the work of others to review."""
    return Count(count=assignments.draw_reviews(ctx, assignment_id))


@router.post("/assignments/{assignment_id}/peer-reviews/medians", response_model=Count, responses=REFUSED)
def adopt_medians(ctx: Writing, assignment_id: UUID) -> Count:
    """Make the median of its reviews the draft mark of every submission without one."""
    return assignments.adopt_medians(ctx, assignment_id)
