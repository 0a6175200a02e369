"""`/categories`, `/tags`, `/catalogue/facets`: how the catalogue is ordered and narrowed; many courses at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import Reading, VisitorReading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Filter
from lms_core.content.courses import service as courses
from lms_core.content.courses.catalogue_schemas import (
    CategoryChange,
    CategoryIn,
    CategoryView,
    CoursesAction,
    Facets,
    LessonsAction,
    ManyChanged,
    TagChange,
    TagView,
)
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.content.courses.schemas import ModuleView
from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["courses"])

Slug = Annotated[str, Path(max_length=60)]


@router.get("/catalogue/facets", response_model=Facets)
def read_facets(
    ctx: VisitorReading, q: Filter = "", category: Filter = "", tag: Filter = "", language: Filter = ""
) -> Facets:
    """What a search of the catalogue can be narrowed to, with the number of courses of each choice."""
    return courses.facets(ctx, q=q, category=category, tag=tag, language=language)


@router.get("/categories", response_model=list[CategoryView])
def list_categories(ctx: VisitorReading) -> list[CategoryView]:
    """The tree of categories, each before those inside it, with the number of published courses in each."""
    return courses.categories(ctx)


@router.post(
    "/categories",
    status_code=201,
    response_model=CategoryView,
    responses=errors(Unauthenticated, Forbidden, Conflict, Invalid, NotFound),
)
def add_category(ctx: Writing, category: CategoryIn) -> CategoryView:
    """Add a category to the catalogue, perhaps inside another."""
    return courses.add_category(ctx, category=category)


@router.patch(
    "/categories/{slug}",
    response_model=CategoryView,
    responses=errors(Unauthenticated, Forbidden, NotFound, Invalid),
)
def change_category(ctx: Writing, slug: Slug, change: CategoryChange) -> CategoryView:
    """Rename a category or put it elsewhere, with all inside it."""
    return courses.change_category(ctx, slug, change=change)


@router.delete(
    "/categories/{slug}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound, Invalid),
)
def delete_category(ctx: Writing, slug: Slug, to: Filter = "") -> None:
    """Take a category down; its courses go to the category `to`, or to none."""
    courses.delete_category(ctx, slug, to=to)


@router.get("/tags/suggestions", response_model=list[TagView], responses=errors(Unauthenticated))
def suggest_tags(ctx: Reading, q: Annotated[str, Query(max_length=60)] = "") -> list[TagView]:
    """Tags that hold what was typed, best first."""
    return courses.suggest_tags(ctx, q=q)


@router.get("/tags", response_model=Page[TagView], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_tags(ctx: Reading, cursor: Cursor = "") -> Page[TagView]:
    """Every tag with its number of courses, for who arranges the catalogue."""
    return courses.tags(ctx, cursor=cursor)


@router.patch(
    "/tags/{slug:path}", response_model=TagView, responses=errors(Unauthenticated, Forbidden, NotFound, Invalid)
)
def change_tag(ctx: Writing, slug: Slug, change: TagChange) -> TagView:
    """Rename a tag; with the name of another one, the two become one."""
    return courses.change_tag(ctx, slug, change=change)


@router.delete(
    "/tags/{slug:path}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def delete_tag(ctx: Writing, slug: Slug) -> None:
    """Take a tag off every course."""
    courses.delete_tag(ctx, slug)


@router.post(
    "/my-teaching/changes",
    response_model=ManyChanged,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def change_courses(ctx: Writing, act: CoursesAction) -> ManyChanged:
    """Archive several courses, or put them into a category: all of them, or none."""
    return ManyChanged(changed=courses.change_courses(ctx, act=act))


@router.post(
    "/courses/{course}/lessons/changes",
    response_model=list[ModuleView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, LessonNotFound, Invalid),
)
def change_lessons(ctx: Writing, course: CourseName, act: LessonsAction) -> list[ModuleView]:
    """Move, publish, hide or delete several lessons at once; answers with the outline."""
    return list(courses.change_lessons(ctx, course, act=act))
