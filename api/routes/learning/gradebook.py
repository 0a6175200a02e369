"""A course's gradebook for who marks and edits: opening, changing grades, setting up, history, import and export."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, UploadFile
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Conflict, Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.errors import (
    CategoryNotFound,
    ColumnNotFound,
    GradeLocked,
    GradeMoved,
    LearnerNotFound,
    NotByHand,
    ScaleNotFound,
    SheetRefused,
)
from lms_core.learning.gradebook.schemas import (
    CategoryIn,
    CategoryView,
    CellView,
    ChangeView,
    ColumnIn,
    ColumnReport,
    ColumnView,
    GradebookView,
    GradeIn,
    ImportDone,
    ImportIn,
    ImportPreview,
    LearnerReport,
    RebuildView,
    SettingsIn,
    SettingsView,
    SetupView,
)
from lms_core.learning.gradebook.service.reading import LEARNERS_A_PAGE
from lms_core.learning.gradebook.tables import MAXIMUM_BYTES, MEDIA_TYPES, Format
from lms_core.learning.release.errors import CohortNotFound

router = APIRouter(prefix="/courses/{course}/gradebook", tags=["gradebook"])

REFUSED = errors(Unauthenticated, Forbidden, CourseNotFound)
TABLE = {200: {"content": {media: {} for media in MEDIA_TYPES.values()}}}
Name = Annotated[str, Query(max_length=100)]


@router.get(
    "",
    response_model=GradebookView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CohortNotFound, Invalid),
)
def read(
    ctx: Reading,
    course: CourseName,
    q: Name = "",
    cohort_id: UUID | None = None,
    cursor: Cursor = "",
    limit: Limit = LEARNERS_A_PAGE,
) -> Response:
    """Columns, categories, one page of learners by name, and the distribution of their totals; of a cohort if given."""
    return as_json(gradebook.open_book(ctx, course, q=q, cohort_id=cohort_id, cursor=cursor, limit=limit))


@router.get("/setup", response_model=SetupView, responses=REFUSED)
def read_setup(ctx: Reading, course: CourseName) -> SetupView:
    """Rules, categories and columns without anybody's grades."""
    return gradebook.open_setup(ctx, course)


@router.put(
    "/settings",
    response_model=SettingsView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, ScaleNotFound),
)
def save_settings(ctx: Writing, course: CourseName, given: SettingsIn) -> SettingsView:
    """Replace the rules of the outermost level and the choice of letters."""
    return gradebook.save_settings(ctx, course, given=given)


@router.post(
    "/categories",
    status_code=201,
    response_model=CategoryView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CategoryNotFound, Conflict, Invalid),
)
def add_category(ctx: Writing, course: CourseName, given: CategoryIn) -> CategoryView:
    """A new category."""
    return gradebook.add_category(ctx, course, given=given)


@router.put(
    "/categories/{category_id}",
    response_model=CategoryView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CategoryNotFound, Conflict, Invalid),
)
def change_category(ctx: Writing, course: CourseName, category_id: UUID, given: CategoryIn) -> CategoryView:
    """Replace a category's name, place and rules."""
    return gradebook.change_category(ctx, course, category_id, given=given)


@router.delete(
    "/categories/{category_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CategoryNotFound),
)
def delete_category(ctx: Writing, course: CourseName, category_id: UUID) -> None:
    """Take a category away; its columns stand in none then."""
    gradebook.delete_category(ctx, course, category_id)


@router.post(
    "/columns",
    status_code=201,
    response_model=ColumnView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CategoryNotFound, Invalid),
)
def add_column(ctx: Writing, course: CourseName, given: ColumnIn) -> ColumnView:
    """A new column that is filled by hand."""
    return gradebook.add_column(ctx, course, given=given)


@router.get(
    "/columns/{item_id}",
    response_model=ColumnReport,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, ColumnNotFound),
)
def read_column(ctx: Reading, course: CourseName, item_id: UUID) -> ColumnReport:
    """A column with the distribution of its marks."""
    return gradebook.open_column(ctx, course, item_id)


@router.put(
    "/columns/{item_id}",
    response_model=ColumnView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, ColumnNotFound, CategoryNotFound, Invalid),
)
def change_column(ctx: Writing, course: CourseName, item_id: UUID, given: ColumnIn) -> ColumnView:
    """Replace what is decided about a column; title, points and date of a quiz's column are the quiz's."""
    return gradebook.change_column(ctx, course, item_id, given=given)


@router.delete(
    "/columns/{item_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, ColumnNotFound, NotByHand),
)
def delete_column(ctx: Writing, course: CourseName, item_id: UUID) -> None:
    """Take a column that is filled by hand away, with its grades."""
    gradebook.delete_column(ctx, course, item_id)


@router.get(
    "/learners/{user_id}",
    response_model=LearnerReport,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, LearnerNotFound),
)
def read_learner(ctx: Reading, course: CourseName, user_id: UUID) -> LearnerReport:
    """Everything one learner has, hidden columns included."""
    return gradebook.open_learner(ctx, course, user_id)


@router.patch(
    "/learners/{user_id}/columns/{item_id}",
    response_model=CellView,
    responses=errors(
        Unauthenticated, Forbidden, CourseNotFound, ColumnNotFound, LearnerNotFound, GradeLocked, GradeMoved, Invalid
    ),
)
def change_grade(ctx: Writing, course: CourseName, user_id: UUID, item_id: UUID, given: GradeIn) -> CellView:
    """Change what is sent of one grade; in a quiz's column points are an override and need a reason."""
    return gradebook.change_grade(ctx, course, item_id=item_id, user_id=user_id, given=given)


@router.get(
    "/history",
    response_model=Page[ChangeView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def read_history(
    ctx: Reading,
    course: CourseName,
    user_id: UUID | None = None,
    item_id: UUID | None = None,
    by_people: bool = False,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ChangeView]:
    """Every change, newest first: who, when, from what to what, and why."""
    return gradebook.history(
        ctx, course, user_id=user_id, item_id=item_id, by_people=by_people, cursor=cursor, limit=limit
    )


@router.post("/rebuild", response_model=RebuildView, responses=REFUSED)
def rebuild(ctx: Writing, course: CourseName) -> RebuildView:
    """Read every quiz again: what was missing or different is put right, and counted."""
    return gradebook.rebuild(ctx, course)


@router.get("/export", response_model=None, responses={**TABLE, **REFUSED})
def export(ctx: Reading, course: CourseName, form: Format = "csv") -> Response:
    """Everybody's points and totals as CSV or XLSX, safe to open in a spreadsheet."""
    content, name = gradebook.export(ctx, course, form=form)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


@router.post(
    "/import/preview",
    response_model=ImportPreview,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, SheetRefused),
)
def preview_import(ctx: Reading, course: CourseName, file: Annotated[UploadFile, File()]) -> ImportPreview:
    """What a CSV or XLSX would change, cell by cell. Nothing is changed."""
    return gradebook.preview_import(ctx, course, content=file.file.read(MAXIMUM_BYTES + 1))


@router.post(
    "/import",
    response_model=ImportDone,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, ColumnNotFound, LearnerNotFound, Invalid),
)
def apply_import(ctx: Writing, course: CourseName, given: ImportIn) -> ImportDone:
    """Make the changes of a preview in one transaction; what was changed meanwhile is left and told."""
    return gradebook.apply_import(ctx, course, given=given)
