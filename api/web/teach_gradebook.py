"""The gradebook's pages for instructors: the grid, one learner, one column, the setup and the history."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import refusals
from api.web.charts import bars_of
from api.web.forms import Errors, errors_of
from api.web.grade_rows import cells_html, groups_of
from api.web.local_dates import as_field, from_field
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.schemas import CategoryIn, ColumnIn, Figures, GradeIn, SettingsIn
from lms_core.learning.release import service as release


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


LETTERS = {"kcse": _("KCSE, A to E with 12 points"), "gpa": _("A to F with 4.0 points"), "letters": _("A to F")}

router = APIRouter(prefix="/teach/courses/{slug}/gradebook", include_in_schema=False)

Search = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str, Query(max_length=600)]


class RulesForm(BaseModel):
    """A level of the gradebook as a browser sends it."""

    aggregation: str = "natural"
    empty: str = "ignored"
    drop_lowest: str = "0"
    keep_highest: str = ""

    def given(self) -> dict[str, Any]:
        """What the schema judges: an empty field is none."""
        return {name: value for name, value in self.model_dump().items() if value != ""}


class SettingsForm(RulesForm):
    """The outermost level; `letters` a preset's name, a scale's id, or empty."""

    show_total: str = ""
    letters: str = ""

    def given(self) -> dict[str, Any]:
        found = super().given() | {"show_total": bool(self.show_total)}
        letters = found.pop("letters", "")
        return found | ({"scale_id": letters} if "-" in letters else {"preset": letters})


class CategoryForm(RulesForm):
    """A category."""

    name: str = ""
    parent_id: str = ""
    weight: str = "1"
    position: str = "0"


class ColumnForm(BaseModel):
    """A column."""

    title: str = ""
    category_id: str = ""
    maximum: str = ""
    weight: str = "1"
    due_at: str = ""
    position: str = ""
    extra_credit: str = ""
    excluded: str = ""
    hidden: str = ""
    locked: str = ""

    def given(self, zone: ZoneInfo) -> dict[str, Any]:
        """What the schema judges; a date is in the reader's time zone."""
        found: dict[str, Any] = {name: value for name, value in self.model_dump().items() if value != ""}
        for name in ("extra_credit", "excluded", "hidden", "locked"):
            found[name] = bool(found.get(name))
        for name in ("maximum", "weight"):
            if name in found:
                found[name] = found[name].replace(",", ".")
        if "due_at" in found:
            found["due_at"] = from_field(found["due_at"], zone)
        return found


NEW_COLUMN = ColumnForm().model_dump(exclude={"position"})


class GradeForm(BaseModel):
    """One grade: everything that is on the page of a learner."""

    points: str = ""
    before: str = ""
    reason: str = ""
    comment: str = ""
    excused: str = ""
    locked: str = ""

    def given(self) -> dict[str, Any]:
        """What the schema judges; points only when they were changed."""
        points = self.points.strip().replace(",", ".")
        found: dict[str, Any] = {"comment": self.comment, "reason": self.reason}
        found |= {"excused": bool(self.excused), "locked": bool(self.locked)}
        if points != self.before:
            found |= {"points": points or None, "expected": self.before or None}
        return found


@router.get("")
def grid(
    request: Request, ctx: Reading, slug: str, q: Search = "", cohort: Search = "", cursor: Cursor = ""
) -> Response:
    """One page of learners with all columns, and the distribution of their totals; fourteen statements, two more for
    one cohort.
    """
    card = gradebook.access_marking(ctx, slug)
    cohorts = release.names_of_cohorts(ctx, card.id)
    chosen = next((each for each in cohorts if str(each) == cohort), None)
    book = gradebook.open_book(ctx, slug, q=q, cohort_id=chosen, cursor=cursor)
    kept = {"q": q, "cohort": str(chosen) if chosen is not None else ""}
    groups = groups_of(book.categories, book.columns)
    return page(
        request,
        ctx.actor,
        "gradebook/grid.html",
        course=card,
        book=book,
        groups=groups,
        rows=[(row, cells_html(row, groups)) for row in book.rows],
        bars=histogram(book.totals),
        q=q,
        cohorts=cohorts,
        chosen=chosen,
        kept=urlencode({name: value for name, value in kept.items() if value}),
        cursor=cursor,
        tab="gradebook",
        part="grid",
    )


@router.get("/learners/{user_id}")
def learner_page(request: Request, ctx: Reading, slug: str, user_id: UUID) -> Response:
    """Everything one learner has, each with its form: also the way without a mouse or a wide screen."""
    return _learner_page(request, ctx, slug, user_id)


@router.post("/learners/{user_id}/columns/{item_id}")
def change_grade(
    request: Request, ctx: Writing, slug: str, user_id: UUID, item_id: UUID, form: Annotated[GradeForm, Form()]
) -> Response:
    """Keep what was changed of one grade."""
    try:
        given = GradeIn.model_validate(form.given())
        gradebook.change_grade(ctx, slug, item_id=item_id, user_id=user_id, given=given)
    except (ValidationError, DomainError) as error:
        told = {str(item_id): next(iter(_told(request, ctx, error).values()))}
        return _learner_page(request, ctx, slug, user_id, errors=told, status=getattr(error, "status", 422))
    return redirect(f"/teach/courses/{slug}/gradebook/learners/{user_id}#c-{item_id}", notice="saved")


@router.get("/columns/{item_id}")
def column_page(request: Request, ctx: Reading, slug: str, item_id: UUID) -> Response:
    """A column's settings and the distribution of its marks."""
    return _column_page(request, ctx, slug, item_id)


@router.post("/columns/{item_id}")
def change_column(
    request: Request, ctx: Writing, slug: str, item_id: UUID, form: Annotated[ColumnForm, Form()]
) -> Response:
    """Keep a column's settings."""
    try:
        given = ColumnIn.model_validate(form.given(LocalTime(request, ctx).zone))
        gradebook.change_column(ctx, slug, item_id, given=given)
    except (ValidationError, DomainError) as error:
        told = _told(request, ctx, error)
        return _column_page(request, ctx, slug, item_id, values=form.model_dump(), errors=told, status=422)
    return redirect(f"/teach/courses/{slug}/gradebook/columns/{item_id}", notice="saved")


@router.post("/columns/{item_id}/delete")
def delete_column(ctx: Writing, slug: str, item_id: UUID) -> Response:
    """Take a column that is filled by hand away."""
    gradebook.delete_column(ctx, slug, item_id)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="deleted")


@router.get("/setup")
def setup_page(request: Request, ctx: Reading, slug: str) -> Response:
    """Rules, letters, categories and columns."""
    return _setup_page(request, ctx, slug)


@router.post("/settings")
def save_settings(request: Request, ctx: Writing, slug: str, form: Annotated[SettingsForm, Form()]) -> Response:
    """Keep the rules of the outermost level."""
    try:
        gradebook.save_settings(ctx, slug, given=SettingsIn.model_validate(form.given()))
    except (ValidationError, DomainError) as error:
        return _setup_page(request, ctx, slug, errors=_told(request, ctx, error), status=422)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="saved")


@router.post("/categories")
def add_category(request: Request, ctx: Writing, slug: str, form: Annotated[CategoryForm, Form()]) -> Response:
    """A new category."""
    try:
        gradebook.add_category(ctx, slug, given=CategoryIn.model_validate(form.given()))
    except (ValidationError, DomainError) as error:
        return _setup_page(request, ctx, slug, errors=_told(request, ctx, error), status=422)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="saved")


@router.post("/categories/{category_id}")
def change_category(
    request: Request, ctx: Writing, slug: str, category_id: UUID, form: Annotated[CategoryForm, Form()]
) -> Response:
    """Keep a category."""
    try:
        gradebook.change_category(ctx, slug, category_id, given=CategoryIn.model_validate(form.given()))
    except (ValidationError, DomainError) as error:
        return _setup_page(request, ctx, slug, errors=_told(request, ctx, error), status=422)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="saved")


@router.post("/categories/{category_id}/delete")
def delete_category(ctx: Writing, slug: str, category_id: UUID) -> Response:
    """Take a category away."""
    gradebook.delete_category(ctx, slug, category_id)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="deleted")


@router.post("/columns")
def add_column(request: Request, ctx: Writing, slug: str, form: Annotated[ColumnForm, Form()]) -> Response:
    """A new column that is filled by hand."""
    try:
        given = ColumnIn.model_validate(form.given(LocalTime(request, ctx).zone))
        gradebook.add_column(ctx, slug, given=given)
    except (ValidationError, DomainError) as error:
        told = _told(request, ctx, error)
        return _setup_page(request, ctx, slug, errors=told, values=form.model_dump(exclude={"position"}), status=422)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="saved")


@router.post("/rebuild")
def rebuild(ctx: Writing, slug: str) -> Response:
    """Read every quiz again."""
    gradebook.rebuild(ctx, slug)
    return redirect(f"/teach/courses/{slug}/gradebook/setup", notice="gradebook-rebuilt")


@router.get("/history")
def history_page(
    request: Request, ctx: Reading, slug: str, learner: UUID | None = None, column: UUID | None = None,
    people: bool = False, cursor: Cursor = "",
) -> Response:  # fmt: skip
    """Every change, newest first."""
    card = gradebook.access_marking(ctx, slug)
    changes = gradebook.history(ctx, slug, user_id=learner, item_id=column, by_people=people, cursor=cursor, limit=50)
    return page(
        request,
        ctx.actor,
        "gradebook/history.html",
        course=card,
        changes=changes,
        learner=learner,
        column=column,
        people=people,
        local=LocalTime(request, ctx),
        tab="gradebook",
        part="history",
    )


def histogram(figures: Figures) -> list[Any]:
    """The bars of a distribution, labelled by where they begin."""
    return bars_of([(str(each.low), each.count) for each in figures.bins])


def _told(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> Errors:
    """What a form says beside its fields; who may not see the page is refused."""
    if isinstance(error, DomainError) and error.status in (403, 404):
        raise error
    spoken = words(request, ctx.actor)
    found = errors_of(error, spoken)
    return {field: refusals.translated(spoken, text) or text for field, text in found.items()}


def _learner_page(
    request: Request, ctx: ReadCtx, slug: str, user_id: UUID, *, errors: Errors | None = None, status: int = 200
) -> Response:
    card = gradebook.access_marking(ctx, slug)
    report = gradebook.open_learner(ctx, slug, user_id)
    return page(
        request,
        ctx.actor,
        "gradebook/learner.html",
        status=status,
        course=card,
        report=report,
        cells={cell.item_id: cell for cell in report.row.cells},
        groups=groups_of(report.categories, report.columns),
        errors=errors or {},
        tab="gradebook",
        part="grid",
    )


def _column_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    item_id: UUID,
    *,
    values: dict[str, Any] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    card = gradebook.access_marking(ctx, slug)
    report = gradebook.open_column(ctx, slug, item_id)
    zone = LocalTime(request, ctx).zone
    return page(
        request,
        ctx.actor,
        "gradebook/column.html",
        status=status,
        course=card,
        column=report.column,
        figures=report.figures,
        bars=histogram(report.figures),
        setup=gradebook.open_setup(ctx, slug),
        values=values or _as_values(report.column.model_dump(), zone),
        errors=errors or {},
        zone=zone.key,
        tab="gradebook",
        part="setup",
    )


def _setup_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    values: dict[str, Any] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    setup = gradebook.open_setup(ctx, slug)
    return page(
        request,
        ctx.actor,
        "gradebook/setup.html",
        status=status,
        course=gradebook.access_setup(ctx, slug),
        setup=setup,
        groups=groups_of(setup.categories, setup.columns),
        scales=gradebook.scales(ctx),
        letters=LETTERS,
        values=NEW_COLUMN | (values or {}),
        errors=errors or {},
        zone=LocalTime(request, ctx).zone.key,
        tab="gradebook",
        part="setup",
    )


def _as_values(column: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A column as its form shows it: a quiz's own points stay empty."""
    due, scaled = column["due_at"], column["kind"] == "manual" or column["scaled"]
    numbers = {"maximum": f"{column['maximum']:g}" if scaled else "", "weight": f"{column['weight']:g}"}
    return column | numbers | {"due_at": as_field(due, zone)}
