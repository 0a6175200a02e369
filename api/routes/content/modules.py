"""`/courses/{course}/modules`: the parts of a course."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import ModuleChange, ModuleIn, ModuleView
from lms_core.kit.errors import Forbidden, NotFound, Unauthenticated

router = APIRouter(prefix="/courses/{course}/modules", tags=["courses"])


@router.post(
    "",
    status_code=201,
    response_model=ModuleView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def add(ctx: Writing, course: CourseName, module: ModuleIn) -> ModuleView:
    """Add a module at the end of the course."""
    return courses.add_module(ctx, course, module=module)


@router.patch(
    "/{module_id}",
    response_model=list[ModuleView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound),
)
def change(ctx: Writing, course: CourseName, module_id: UUID, change: ModuleChange) -> list[ModuleView]:
    """Rename, describe or move a module; answers with the outline."""
    return courses.change_module(ctx, course, module_id=module_id, change=change)


@router.delete(
    "/{module_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound),
)
def delete(ctx: Writing, course: CourseName, module_id: UUID) -> None:
    """Delete a module with its lessons."""
    courses.delete_module(ctx, course, module_id=module_id)
