"""The reviews of a course as a page: how it is rated, what people wrote, one's own, and answers."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import VisitorReading, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.reviews import service as reviews
from lms_core.learning.reviews.schemas import ReplyIn, ReportIn, ReviewIn

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=400)]
Words = Annotated[str, Form(max_length=8000)]
Cursor = Annotated[str, Query(max_length=600)]
A_PAGE = 15
PAGE = "/courses/{slug}/reviews"


@router.get(PAGE)
def reviews_page(
    request: Request,
    ctx: VisitorReading,
    slug: str,
    stars: Annotated[str, Query(max_length=1)] = "",
    cursor: Cursor = "",
) -> Response:
    """What people think of a course."""
    return _page(request, ctx, slug, stars=stars, cursor=cursor, errors={}, status=200)


@router.post(PAGE)
def put(
    request: Request, ctx: Writing, slug: str, stars: Line = "", text: Words = "", shown_as: Line = "first_name"
) -> Response:
    """Keep one's own review."""
    given = {"stars": stars, "text": text, "shown_as": shown_as}
    try:
        reviews.put(ctx, slug, review=ReviewIn.model_validate(given))
    except ValidationError as error:
        told = errors_told(words(request, ctx.actor), error)
        return _page(request, ctx, slug, stars="", cursor="", errors=told, status=422, given=given)
    return redirect(f"/courses/{slug}/reviews", notice="review-kept")


@router.post(PAGE + "/delete")
def delete(ctx: Writing, slug: str) -> Response:
    """Delete one's own review."""
    reviews.remove(ctx, slug)
    return redirect(f"/courses/{slug}/reviews", notice="deleted")


@router.post(PAGE + "/{review_id}/reply")
def reply(ctx: Writing, slug: str, review_id: UUID, text: Words = "") -> Response:
    """Answer a review; without words the answer goes."""
    try:
        reviews.reply(ctx, review_id, given=ReplyIn(text=text) if text.strip() else None)
    except ValidationError:
        return redirect(f"/courses/{slug}/reviews", notice="reason-missing")
    return redirect(f"/courses/{slug}/reviews", notice="saved")


@router.post(PAGE + "/{review_id}/report")
def report(ctx: Writing, slug: str, review_id: UUID, reason: Line = "") -> Response:
    """Say that a review should not be there."""
    try:
        reviews.report(ctx, review_id, given=ReportIn(reason=reason))
    except ValidationError:
        return redirect(f"/courses/{slug}/reviews", notice="reason-missing")
    return redirect(f"/courses/{slug}/reviews", notice="reported")


def _page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    stars: str,
    cursor: str,
    errors: Errors,
    status: int,
    given: dict[str, str] | None = None,
) -> Response:
    card = courses.access_course(ctx, slug)
    chosen = int(stars) if stars in {"1", "2", "3", "4", "5"} else None
    found = reviews.reviews(ctx, card.id, stars=chosen, cursor=cursor, limit=A_PAGE)
    signed_in = ctx.actor.user_id is not None
    mine = reviews.mine(ctx, card.id) if signed_in else None
    values = given or (
        {"stars": str(mine.stars), "text": mine.text, "shown_as": mine.shown_as.value}
        if mine is not None
        else {"stars": "", "text": "", "shown_as": "first_name"}
    )
    asked = {"stars": stars if chosen else "", "cursor": found.next_cursor or ""}
    return page(
        request,
        ctx.actor,
        "reviews.html",
        status=status,
        course=card,
        rating=reviews.rating(ctx, card),
        found=found,
        chosen=chosen,
        more=urlencode({name: value for name, value in asked.items() if value}) if found.next_cursor else "",
        mine=mine,
        may_review=signed_in and reviews.may_review(ctx, card),
        may_answer=courses.may_edit(ctx, card.id),
        may_report=enrolments.is_enrolled(ctx, card.id) or courses.is_staff(ctx, card.id),
        values=values,
        errors=errors,
    )
