"""The institution's own accounts at banks: shown to payers who transfer money, one for each currency."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_nav import TABS
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import BankAccountIn
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/bank-accounts", include_in_schema=False)

Line = Annotated[str, Form(max_length=200)]
FIELDS = tuple(BankAccountIn.model_fields)


@router.get("")
def read(request: Request, ctx: Reading, currency: Annotated[str, Query(max_length=3)] = "") -> Response:
    """The accounts, and the form for one of them; one statement."""
    return _page(request, ctx, currency, values={}, errors={})


@router.post("")
def save(
    request: Request,
    ctx: Writing,
    currency: Annotated[Currency, Form()],
    holder: Line = "",
    account: Line = "",
    bank: Line = "",
    branch: Line = "",
    swift: Line = "",
) -> Response:
    """Say where money of a currency is transferred to."""
    values = {"holder": holder, "account": account, "bank": bank, "branch": branch, "swift": swift}
    try:
        payments.set_bank_account(ctx, currency, account=BankAccountIn.model_validate(values))
    except ConfirmFirst:
        raise
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        told = errors_told(words(request, ctx.actor), error)
        return _page(request, ctx, currency, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect(router.prefix, notice="saved")


@router.post("/{currency}/remove")
def remove(ctx: Writing, currency: Currency) -> Response:
    """Show payers no account for a currency any more."""
    payments.forget_bank_account(ctx, currency)
    return redirect(router.prefix, notice="deleted")


def _page(
    request: Request, ctx: ReadCtx, chosen: str, *, values: dict[str, str], errors: Errors, status: int = 200
) -> Response:
    found = payments.bank_accounts(ctx)
    known = {each.currency: each for each in found}
    missing = [each for each in Currency if each not in known]
    currency = Currency(chosen) if chosen in set(Currency) else next(iter(missing), Currency.KES)
    kept = known.get(currency)
    held = {name: getattr(kept, name) for name in FIELDS} if kept is not None else {}
    return page(
        request,
        ctx.actor,
        "finance/bank.html",
        status=status,
        tabs=TABS,
        found=found,
        currency=currency,
        kept=kept,
        currencies=[(each.value, each.value) for each in Currency if each in missing or each == currency],
        values={**held, **values},
        errors=errors,
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
    )
