"""A learner's grades and transcript, and the instructor's table that is looked at before it is taken in."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import refusals
from api.web.grade_rows import groups_of
from api.web.quiz import LocalTime
from api.web.rendering import language_of, page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.errors import SheetRefused
from lms_core.learning.gradebook.schemas import CellIn, ImportDone, ImportIn, ImportPreview
from lms_core.learning.gradebook.tables import MAXIMUM_BYTES

router = APIRouter(include_in_schema=False)

Cells = Annotated[str, Form(max_length=1_000_000)]
Line = Annotated[str, Form(max_length=500)]
NOTHING = "-"
UNREADABLE = "The changes cannot be read. Choose the table again."


@router.get("/courses/{slug}/grades")
def mine(request: Request, ctx: Reading, slug: str) -> Response:
    """One's grades in a course, with what would come of imagined marks."""
    report = gradebook.my_grades(ctx, slug)
    return page(
        request,
        ctx.actor,
        "gradebook/mine.html",
        course=courses.access_course(ctx, slug, even_archived=True),
        report=report,
        cells={cell.item_id: cell for cell in report.row.cells},
        groups=groups_of(report.categories, report.columns),
        local=LocalTime(request, ctx),
    )


@router.get("/grades")
def transcript(request: Request, ctx: Reading) -> Response:
    """One's courses with their results, and the way to the document."""
    return page(
        request,
        ctx.actor,
        "gradebook/transcript.html",
        transcript=gradebook.transcript(ctx),
        document=f"/api/v1/my-transcript/document?language={language_of(request, ctx.actor)}",
    )


@router.get("/teach/courses/{slug}/gradebook/import")
def import_page(request: Request, ctx: Reading, slug: str) -> Response:
    """Where a table is chosen."""
    return _import_page(request, ctx, slug)


@router.post("/teach/courses/{slug}/gradebook/import")
def preview_import(
    request: Request, ctx: Reading, slug: str, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """What a table would change. Nothing is changed."""
    content = file.file.read(MAXIMUM_BYTES + 1) if file is not None else b""
    try:
        preview = gradebook.preview_import(ctx, slug, content=content)
    except SheetRefused as refused:
        return _import_page(request, ctx, slug, error=_in_words(request, ctx, refused), status=422)
    return _import_page(request, ctx, slug, preview=preview)


@router.post("/teach/courses/{slug}/gradebook/import/apply")
def apply_import(request: Request, ctx: Writing, slug: str, cells: Cells = "", reason: Line = "") -> Response:
    """Make the changes that were looked at."""
    try:
        done = gradebook.apply_import(ctx, slug, given=ImportIn(cells=_cells(cells), reason=reason))
    except (ValidationError, Invalid) as error:
        return _import_page(request, ctx, slug, error=_in_words(request, ctx, error), status=422)
    if done.left:
        return _import_page(request, ctx, slug, done=done)
    return redirect(f"/teach/courses/{slug}/gradebook", notice="grades-imported")


def written_cells(preview: ImportPreview) -> str:
    """The changes of a preview as its form carries them: a line each, so that ten thousand fit."""
    return "\n".join(
        f"{each.item_id.hex} {each.user_id.hex} {_number(each.after)} {_number(each.before)}"
        for each in preview.changes
    )


def _cells(text: str) -> list[CellIn]:
    """The lines again; ValidationError and Invalid for what is none."""
    found = []
    for line in text.split("\n"):
        parts = line.split()
        if len(parts) != 4:
            raise Invalid(UNREADABLE)
        item, user, after, before = (None if part == NOTHING else part for part in parts)
        found.append(CellIn.model_validate({"item_id": item, "user_id": user, "points": after, "expected": before}))
    return found


def _in_words(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> str:
    """A refusal in the language of the page."""
    text = error.detail if isinstance(error, DomainError) else UNREADABLE
    return refusals.translated(words(request, ctx.actor), text) or text


def _number(points: float | None) -> str:
    return NOTHING if points is None else repr(points)


def _import_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    preview: ImportPreview | None = None,
    done: ImportDone | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    return page(
        request,
        ctx.actor,
        "gradebook/import.html",
        status=status,
        course=gradebook.access_marking(ctx, slug),
        preview=preview,
        cells=written_cells(preview) if preview else "",
        done=done,
        error=error,
        local=LocalTime(request, ctx),
        tab="gradebook",
        part="import",
    )
