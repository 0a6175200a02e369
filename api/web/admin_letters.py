"""The institution's letters for grades: the scales there are, and the administrators' own, one line a letter."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from api.web.teach_gradebook import LETTERS
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.schemas import ScaleIn, ScaleView


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=200)]
Lines = Annotated[str, Form(max_length=4000)]
PAGE = "/admin/letters"
EMPTY = {"id": "", "name": "", "bands": "", "is_default": ""}
HELP = _(
    "Give each letter a line of its own: the letter, the percentage from which it is given, and perhaps its points."
)


@router.get(PAGE)
def letters(request: Request, ctx: Reading) -> Response:
    """Every scale, and the form for another."""
    return _page(request, ctx, values=EMPTY, errors={}, status=200)


@router.post(PAGE)
def add(request: Request, ctx: Writing, name: Line = "", bands: Lines = "", is_default: Line = "") -> Response:
    """Keep a new scale."""
    values = {"id": "", "name": name, "bands": bands, "is_default": is_default}
    try:
        with ctx.session.begin_nested():  # a refusal leaves the usual scale as it was
            gradebook.add_scale(ctx, given=_given(values))
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, error, values)
    return redirect(PAGE, notice="saved")


@router.post(PAGE + "/{scale_id}")
def change(
    request: Request, ctx: Writing, scale_id: UUID, name: Line = "", bands: Lines = "", is_default: Line = ""
) -> Response:
    """Put another scale in its place."""
    values = {"id": str(scale_id), "name": name, "bands": bands, "is_default": is_default}
    try:
        with ctx.session.begin_nested():
            gradebook.change_scale(ctx, scale_id, given=_given(values))
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, error, values)
    return redirect(PAGE, notice="saved")


@router.post(PAGE + "/{scale_id}/delete")
def delete(ctx: Writing, scale_id: UUID) -> Response:
    """Take a scale away."""
    gradebook.delete_scale(ctx, scale_id)
    return redirect(PAGE, notice="deleted")


def _given(values: dict[str, str]) -> ScaleIn:
    """The form as the schema takes it; a line that is no letter is left for the schema to refuse."""
    bands: list[dict[str, Any]] = []
    for line in filter(None, (each.strip() for each in values["bands"].splitlines())):
        letter, *numbers = line.replace(",", ".").split()
        named = dict(zip(("from_percent", "points"), numbers, strict=False))
        bands.append({"letter": letter, **named})
    return ScaleIn.model_validate({"name": values["name"], "bands": bands, "is_default": bool(values["is_default"])})


def as_lines(scale: ScaleView) -> str:
    """A scale as its form holds it."""
    return "\n".join(
        f"{band.letter} {band.from_percent:g}" + (f" {band.points:g}" if band.points is not None else "")
        for band in scale.bands
    )


def _refused(request: Request, ctx: WriteCtx, error: ValidationError | DomainError, values: dict[str, str]) -> Response:
    said = words(request, ctx.actor)
    if isinstance(error, ValidationError):
        wrong = {str(each["loc"][0]) if each["loc"] else "" for each in error.errors()}
        told = {"bands": said.gettext(HELP)} if wrong != {"name"} else {"name": said.gettext("Please write a name.")}
    else:
        told = errors_told(said, error)
    return _page(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))


def _page(request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, status: int) -> Response:
    found = gradebook.own_scales(ctx)
    return page(
        request,
        ctx.actor,
        "admin/letters.html",
        status=status,
        presets=[each for each in found if each.id is None],
        own=[(each, as_lines(each)) for each in found if each.id is not None],
        names=LETTERS,
        values=values,
        errors=errors,
    )
