"""The page of the payment provider in the house: a phone to pay on in play money."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.deps import RuntimeDep
from api.web import amounts
from api.web.rendering import language_of, page, redirect
from lms_core.commerce.payments.service import playing
from lms_core.commerce.sandbox.errors import ChargeEnded, WrongPin
from lms_core.commerce.sandbox.models import ChargeState
from lms_core.commerce.sandbox.schemas import Act, ChargeView

router = APIRouter(include_in_schema=False)

PAGE = "/sandbox/pay/{token}"


@router.get(PAGE)
def show(request: Request, runtime: RuntimeDep, token: str) -> Response:
    """What is asked for, and what can be done about it."""
    return _page(request, playing.charge(runtime.database, token))


@router.post(PAGE)
def act(
    request: Request,
    runtime: RuntimeDep,
    token: str,
    act: Annotated[Act, Form()],
    pin: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Pay, cancel, decline, or let it time out; then see how it ended."""
    try:
        playing.press(runtime.database, token, act, pin=pin)
    except WrongPin:
        return _page(request, playing.charge(runtime.database, token), wrong_pin=True, status=422)
    except ChargeEnded:
        return _page(request, playing.charge(runtime.database, token), status=409)
    return redirect(request.url.path)


def _page(request: Request, charge: ChargeView, *, wrong_pin: bool = False, status: int = 200) -> Response:
    payable = charge.state in (ChargeState.OPEN, ChargeState.TIMED_OUT)
    amount = amounts.written(charge.amount.amount, charge.amount.currency, language_of(request, None))
    shown = {"charge": charge, "amount": amount, "payable": payable, "wrong_pin": wrong_pin}
    return page(request, None, "sandbox/pay.html", status=status, **shown)
