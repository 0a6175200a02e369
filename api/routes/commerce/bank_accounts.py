"""`/finance/bank-accounts`: the institution's own accounts at banks, which payers are shown."""

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import BankAccountNotFound
from lms_core.commerce.payments.schemas import BankAccountIn, BankAccountView
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.money import Currency

router = APIRouter(prefix="/finance/bank-accounts", tags=["payment accounts"])

WHO = (Unauthenticated, Forbidden)


@router.get("", response_model=list[BankAccountView], responses=errors(*WHO))
def list_all(ctx: Reading) -> list[BankAccountView]:
    """The accounts, one for each currency at most."""
    return payments.bank_accounts(ctx)


@router.put("/{currency}", response_model=BankAccountView, responses=errors(*WHO, ConfirmFirst, Invalid))
def save(ctx: Writing, currency: Currency, account: BankAccountIn) -> BankAccountView:
    """Say where money of a currency is transferred to. Asks for a proof of the last 15 minutes."""
    return payments.set_bank_account(ctx, currency, account=account)


@router.delete(
    "/{currency}", status_code=204, response_model=None, responses=errors(*WHO, ConfirmFirst, BankAccountNotFound)
)
def remove(ctx: Writing, currency: Currency) -> None:
    """Show payers no account for a currency any more."""
    payments.forget_bank_account(ctx, currency)
