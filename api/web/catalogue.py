"""The landing page, which is the catalogue, and the courses one takes part in."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from api.deps import Reading, VisitorReading
from api.web.rendering import language_of, macros, page
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.recent import Recent
from lms_core.learning.paths import service as paths
from lms_core.learning.progress import service as progress

router = APIRouter(include_in_schema=False)

COURSES_A_PAGE = 12
PATHS_SHOWN = 3
EAGER = 3  # pictures that are on the screen at once
_CARDS: Recent[Markup] = Recent(capacity=2_000)
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
    sort: Text = "",
    cursor: Cursor = "",
) -> Response:
    """Published courses, searched and filtered, with what that can be narrowed to, and on the first page the newest
    learning paths. Four statements, five with a category, and one more for someone signed in, if all are known.
    """
    by_rating = sort == "rating"
    found = courses.browse(
        ctx,
        q=q,
        category=category,
        tag=tag,
        language=lang,
        by_rating=by_rating,
        cursor=cursor,
        limit=COURSES_A_PAGE,
    )
    begins = not (q or category or tag or lang or by_rating or cursor)
    asked = {"q": q, "category": category, "tag": tag, "lang": lang, "sort": "rating" if by_rating else ""}
    return page(
        request,
        ctx.actor,
        "catalogue.html",
        cards=cards(found.items, language_of(request, ctx.actor)),
        facets=courses.facets(ctx, q=q, category=category, tag=tag, language=lang),
        paths=paths.browse(ctx, limit=PATHS_SHOWN).items if begins else [],
        narrowed=partial(_narrowed, asked),
        lang=lang,
        q=q,
        category=category,
        tag=tag,
        landing=begins and ctx.actor.user_id is None,
        by_rating=by_rating,
        other_order=_narrowed(asked, sort="" if by_rating else "rating"),
        more=_narrowed(asked, cursor=found.next_cursor) if found.next_cursor else "",
    )


def _narrowed(asked: dict[str, str], **other: str) -> str:
    """The address of the same search with other filters."""
    wanted = urlencode({name: value for name, value in (asked | other).items() if value})
    return f"/?{wanted}" if wanted else "/"


def cards(found: Sequence[CourseCard], language: str) -> Markup:
    """The courses as the grid shows them; a card is drawn once for each revision of its course."""
    return Markup("").join(_card(course, language, eager=place < EAGER) for place, course in enumerate(found))


def _card(course: CourseCard, language: str, *, eager: bool) -> Markup:
    key = (course.id, course.updated_at, language, eager)
    kept = _CARDS.get(key)
    if kept is None:
        kept = macros(language, "parts/course_card.html").course_card(course, 3, eager=eager)
        _CARDS.keep(key, kept)
    return kept


@router.get("/my-courses")
def my_courses(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """The courses of the person signed in, with how far they are, where to go on, their paths, and their week.

    Nine statements, six more for who follows paths.
    """
    mine = progress.my_courses(ctx, cursor=cursor, limit=COURSES_A_PAGE)
    return page(
        request,
        ctx.actor,
        "my_courses.html",
        mine=mine,
        resume=progress.resume(ctx, known=[each.course for each in mine.items]) if not cursor else None,
        week=progress.week(ctx),
        paths=paths.mine(ctx) if not cursor else [],
    )
