"""Seats of a subscription: how many, whom they are given to, and the page a seat's letter leads to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api.deps import VisitorReading, Writing
from api.web.rendering import page, redirect
from api.web.subscriptions import HERE, Line, Refused, refused
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.schemas import SeatsGivenIn, SeatsIn
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

Addresses = Annotated[str, Form(max_length=40_000)]
Token = Annotated[str, Query(min_length=20, max_length=100)]


@router.post("/subscription/seats")
def set_seats(request: Request, ctx: Writing, seats: Line = "", own_seat: Line = "") -> Response:
    """Have so many seats; more of them once they are paid."""
    try:
        given = {"seats": seats, "own_seat": own_seat == "yes" if own_seat else None}
        made = subscriptions.set_seats(ctx, given=SeatsIn.model_validate(given))
    except Refused as error:
        return refused(request, ctx, error)
    return redirect(f"{HERE}#due" if made.due else f"{HERE}#seats", notice=None if made.due else "saved")


@router.post("/subscription/seats/give")
def give_seats(request: Request, ctx: Writing, emails: Addresses = "") -> Response:
    """Give seats to addresses, one a line or between commas."""
    try:
        listed = emails.replace(",", " ").replace(";", " ").split()
        subscriptions.give_seats(ctx, given=SeatsGivenIn.model_validate({"emails": listed}))
    except Refused as error:
        return refused(request, ctx, error)
    return redirect(f"{HERE}#seats", notice="seats-given")


@router.post("/subscription/seats/{seat_id}/withdraw")
def withdraw_seat(request: Request, ctx: Writing, seat_id: UUID) -> Response:
    """Take a seat back."""
    try:
        subscriptions.withdraw_seat(ctx, seat_id)
    except DomainError as error:
        return refused(request, ctx, error)
    return redirect(f"{HERE}#seats", notice="saved")


@router.get("/seats")
def seat_offer(request: Request, ctx: VisitorReading, token: Token) -> Response:
    """What a letter's link opens: a seat of which plan, and from whom; five statements."""
    return page(request, ctx.actor, "seat.html", offer=subscriptions.seat_offer(ctx, token=token), token=token)


@router.post("/seats")
def take_seat(ctx: Writing, token: Annotated[str, Form(min_length=20, max_length=100)]) -> Response:
    """Take the seat."""
    subscriptions.take_seat(ctx, token=token)
    return redirect(HERE, notice="enrolled")
