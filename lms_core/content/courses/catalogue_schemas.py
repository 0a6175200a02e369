"""Inputs and views of the catalogue's order: categories, tags, facets, and many courses changed at once."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL, Slug, TagName, View

MAXIMUM_AT_ONCE = 500

CategoryName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL)
]
NoSlug = Annotated[str, StringConstraints(max_length=0)]


class CategoryIn(BaseModel):
    """A new category; `parent` is the slug of the one it goes into, at its end."""

    name: CategoryName
    parent: Slug | None = None


class CategoryChange(BaseModel):
    """What to change of a category; what is left out stays. `parent` "": outermost. The slug never changes."""

    name: CategoryName | None = None
    parent: Slug | NoSlug | None = None
    position: int | None = Field(default=None, ge=0, le=10_000)


class CategoryView(View):
    """A category in the tree. `courses` stand directly in it, `total` in it and all inside it; published ones."""

    slug: str
    name: str
    parent: str | None = None
    depth: int = 1
    position: int = 0
    courses: int = 0
    total: int = 0


class LanguageFacet(View):
    """How many courses of a list are in a language (BCP 47)."""

    language: str
    courses: int


class Facets(View):
    """What a search can be narrowed to. Each facet counts under every other filter but its own."""

    total: int
    categories: tuple[CategoryView, ...]
    languages: tuple[LanguageFacet, ...]
    breadcrumbs: tuple[CategoryView, ...]


class TagView(View):
    """A tag, and how many courses carry it, drafts included."""

    slug: str
    name: str
    courses: int


class TagChange(BaseModel):
    """A tag's new name. A name that another tag has makes one of the two."""

    name: TagName


class CoursesAction(BaseModel):
    """Something done to several courses: taken out of the catalogue, or put into a category ("" for none)."""

    courses: list[UUID] = Field(min_length=1, max_length=MAXIMUM_AT_ONCE)
    action: Literal["archive", "categorise"]
    category: Slug | NoSlug = ""


class LessonsAction(BaseModel):
    """Something done to several lessons of one course; `module_id` says where `move` puts them, at the end."""

    lessons: list[UUID] = Field(min_length=1, max_length=MAXIMUM_AT_ONCE)
    action: Literal["move", "publish", "hide", "delete"]
    module_id: UUID | None = None


class ManyChanged(View):
    """How many were not so before."""

    changed: int
