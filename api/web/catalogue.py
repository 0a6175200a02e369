"""The landing page, which is the catalogue, and the courses one takes part in."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading, VisitorReading
from api.web.rendering import page
from lms_core.content.courses import service as courses
from lms_core.learning.progress import service as progress

router = APIRouter(include_in_schema=False)

COURSES_A_PAGE = 12
Text = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=400)]


@router.get("/")
def catalogue(
    request: Request,
    ctx: VisitorReading,
    q: Text = "",
    category: Text = "",
    tag: Text = "",
    lang: Text = "",
    cursor: Cursor = "",
) -> Response:
    """Published courses, searched and filtered; three statements, four for someone signed in."""
    found = courses.browse(ctx, q=q, category=category, tag=tag, language=lang, cursor=cursor, limit=COURSES_A_PAGE)
    asked = {"q": q, "category": category, "tag": tag, "lang": lang, "cursor": found.next_cursor or ""}
    return page(
        request,
        ctx.actor,
        "catalogue.html",
        courses=found,
        categories=courses.categories(ctx),
        q=q,
        category=category,
        tag=tag,
        landing=not (q or category or tag or lang or cursor or ctx.actor.user_id),
        more="/?" + urlencode({name: value for name, value in asked.items() if value}),
    )


@router.get("/my-courses")
def my_courses(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """The courses of the person signed in, with how far they are; five statements."""
    mine = progress.my_courses(ctx, cursor=cursor, limit=COURSES_A_PAGE)
    return page(request, ctx.actor, "my_courses.html", mine=mine)
