"""Where the catalogue is arranged: the tree of categories, and tags renamed or merged."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.catalogue_schemas import CategoryChange, CategoryIn, TagChange
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError

router = APIRouter(prefix="/admin/catalogue", include_in_schema=False)

Line = Annotated[str, Form(max_length=200)]
Cursor = Annotated[str, Query(max_length=600)]
ADDRESS = "/admin/catalogue"


@router.get("")
def arrange(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """Every category and tag; four statements."""
    return _page(request, ctx, cursor=cursor)


@router.post("/categories")
def add_category(request: Request, ctx: Writing, name: Line = "", parent: Line = "") -> Response:
    """A new category."""
    return _done(
        request,
        ctx,
        lambda: courses.add_category(ctx, category=CategoryIn(name=name, parent=parent or None)),
    )


@router.post("/categories/{slug}")
def change_category(
    request: Request,
    ctx: Writing,
    slug: str,
    name: Line = "",
    parent: Annotated[str | None, Form(max_length=60)] = None,
    position: Annotated[int | None, Form()] = None,
) -> Response:
    """Rename a category, or put it elsewhere."""
    return _done(
        request,
        ctx,
        lambda: courses.change_category(
            ctx, slug, change=CategoryChange(name=name or None, parent=parent, position=position)
        ),
    )


@router.post("/categories/{slug}/delete")
def delete_category(request: Request, ctx: Writing, slug: str, to: Line = "") -> Response:
    """Take a category down."""
    return _done(request, ctx, lambda: courses.delete_category(ctx, slug, to=to), notice="deleted")


@router.post("/tags")
def change_tag(request: Request, ctx: Writing, slug: Line = "", name: Line = "") -> Response:
    """Rename a tag, or make it one with another."""
    return _done(request, ctx, lambda: courses.change_tag(ctx, slug, change=TagChange(name=name)))


@router.post("/tags/delete")
def delete_tag(request: Request, ctx: Writing, slug: Line = "") -> Response:
    """Take a tag off every course."""
    return _done(request, ctx, lambda: courses.delete_tag(ctx, slug), notice="deleted")


def _done(request: Request, ctx: WriteCtx, act: Callable[[], object], *, notice: str = "saved") -> Response:
    courses.require_catalogue_editor(ctx.actor)
    try:
        act()
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        shown = {"": next(iter(told.values()))}
        return _page(request, ctx, errors=shown, status=getattr(error, "status", 422))
    return redirect(ADDRESS, notice=notice)


def _page(
    request: Request, ctx: ReadCtx, *, cursor: str = "", errors: Errors | None = None, status: int = 200
) -> Response:
    found = courses.tags(ctx, cursor=cursor)
    tree = courses.categories(ctx)
    siblings: dict[str | None, list[str]] = {}
    for each in tree:
        siblings.setdefault(each.parent, []).append(each.slug)
    return page(
        request,
        ctx.actor,
        "admin/catalogue.html",
        status=status,
        categories=tree,
        siblings=siblings,
        tags=found,
        errors=errors or {},
    )
