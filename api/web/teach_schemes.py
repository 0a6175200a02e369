"""Rubrics and marking guides: a form of criteria, and levels of each, that grows when it is full."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.assignments import GONE, AnyForm
from api.web.forms import Errors, errors_of
from api.web.judging import number_in
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.models import SchemeKind
from lms_core.learning.assignments.schemas import MAXIMUM_CRITERIA, MAXIMUM_LEVELS, SchemeIn, SchemeView

router = APIRouter(prefix="/teach", include_in_schema=False)

SPARE_CRITERIA, FIRST_LEVELS = 2, 3


@router.get("/courses/{slug}/schemes/new")
def new(
    request: Request, ctx: Reading, slug: str, kind: SchemeKind = SchemeKind.RUBRIC, copy: UUID | None = None
) -> Response:
    """An empty form, or one filled with a copy."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    source = assignments.read_scheme(ctx, copy) if copy is not None else None
    draft = _draft_of(source) if source is not None else {"title": "", "criteria": []}
    return _page(request, ctx, card.slug, source.kind if source else kind, draft, scheme=None, errors={}, status=200)


@router.post("/courses/{slug}/schemes")
def add(request: Request, ctx: Writing, slug: str, form: AnyForm, kind: SchemeKind = SchemeKind.RUBRIC) -> Response:
    """Keep a new scheme."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    draft = _draft_in(form)
    try:
        given = SchemeIn.model_validate({**draft, "kind": kind})
    except ValidationError as error:
        told = _told(request, ctx, error, more="more" in form)
        return _page(request, ctx, card.slug, kind, draft, scheme=None, errors=told, status=422 if told else 200)
    if "more" in form:
        return _page(request, ctx, card.slug, kind, draft, scheme=None, errors={}, status=200)
    assignments.add_scheme(ctx, card.id, scheme=given)
    return redirect(f"/teach/courses/{card.slug}/assignments", notice="saved")


@router.get("/schemes/{scheme_id}")
def edit(request: Request, ctx: Reading, scheme_id: UUID) -> Response:
    """A scheme: its form, or how it stands where somebody was marked by it."""
    scheme = assignments.read_scheme(ctx, scheme_id)
    slug = courses.access_course(ctx, scheme.course_id, Permission.COURSE_EDIT).slug
    return _page(request, ctx, slug, scheme.kind, _draft_of(scheme), scheme=scheme, errors={}, status=200)


@router.post("/schemes/{scheme_id}")
def save(request: Request, ctx: Writing, scheme_id: UUID, form: AnyForm) -> Response:
    """Keep a changed scheme."""
    scheme = assignments.read_scheme(ctx, scheme_id)
    slug = courses.access_course(ctx, scheme.course_id, Permission.COURSE_EDIT).slug
    draft, told = _draft_in(form), {}
    try:
        given = SchemeIn.model_validate({**draft, "kind": scheme.kind})
        if "more" not in form:
            with ctx.session.begin_nested():
                assignments.change_scheme(ctx, scheme_id, scheme=given)
            return redirect(f"/teach/courses/{slug}/assignments", notice="saved")
    except (ValidationError, DomainError) as error:
        told = _told(request, ctx, error, more="more" in form)
    return _page(request, ctx, slug, scheme.kind, draft, scheme=scheme, errors=told, status=422 if told else 200)


@router.post("/schemes/{scheme_id}/delete")
def delete(ctx: Writing, scheme_id: UUID) -> Response:
    """Delete a scheme nobody was marked by."""
    scheme = assignments.read_scheme(ctx, scheme_id)
    slug = courses.access_course(ctx, scheme.course_id, Permission.COURSE_EDIT).slug
    assignments.delete_scheme(ctx, scheme_id)
    return redirect(f"/teach/courses/{slug}/assignments", notice="deleted")


def _told(request: Request, ctx: ReadCtx, error: ValidationError | DomainError, *, more: bool) -> Errors:
    """What is wrong with the form; nothing while more rows are asked for."""
    if isinstance(error, DomainError):
        if error.status in GONE:
            raise error
        return errors_of(error, words(request, ctx.actor))
    if more:
        return {}
    text = words(request, ctx.actor).gettext(
        "Please give a title, at least one criterion, points from 0 to 1000, and in a rubric two levels each."
    )
    return {"": text}


def _page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    kind: SchemeKind,
    draft: dict[str, Any],
    *,
    scheme: SchemeView | None,
    errors: Errors,
    status: int,
) -> Response:
    rows = [*draft["criteria"], *({} for _ in range(SPARE_CRITERIA))][:MAXIMUM_CRITERIA]
    levels = max([FIRST_LEVELS, *(len(each.get("levels", ())) + 1 for each in draft["criteria"])])
    return page(
        request,
        ctx.actor,
        "teach/scheme.html",
        status=status,
        course=courses.access_course(ctx, slug, Permission.COURSE_EDIT),
        kind=kind,
        draft=draft,
        rows=rows,
        levels=min(levels, MAXIMUM_LEVELS),
        scheme=scheme,
        errors=errors,
        tab="assignments",
    )


def _draft_of(scheme: SchemeView) -> dict[str, Any]:
    return {"title": scheme.title, "criteria": [each.model_dump() for each in scheme.criteria]}


def _draft_in(form: FormData) -> dict[str, Any]:
    """The form's criteria, as `SchemeIn` takes them; rows without a title are left out."""
    criteria = []
    for row in range(MAXIMUM_CRITERIA):
        if not str(form.get(f"c{row}-title", "")).strip():
            continue
        levels = [
            {
                "id": f"l{place + 1}",
                "title": form.get(f"c{row}-l{place}-title", ""),
                "description": form.get(f"c{row}-l{place}-description", ""),
                "points": number_in(form, f"c{row}-l{place}-points") or 0,
            }
            for place in range(MAXIMUM_LEVELS)
            if str(form.get(f"c{row}-l{place}-title", "")).strip()
        ]
        criteria.append(
            {
                "id": f"c{len(criteria) + 1}",
                "title": form.get(f"c{row}-title", ""),
                "description": form.get(f"c{row}-description", ""),
                "maximum": number_in(form, f"c{row}-maximum") or 0,
                "levels": levels,
            }
        )
    return {"title": form.get("title", ""), "criteria": criteria}
