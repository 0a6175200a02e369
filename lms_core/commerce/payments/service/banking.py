"""Verbs on the institution's own accounts at banks: one for each currency, shown to payers who transfer money."""

from sqlalchemy import select

from lms_core.commerce.payments import queries
from lms_core.commerce.payments.errors import BankAccountNotFound
from lms_core.commerce.payments.models import BankAccount
from lms_core.commerce.payments.policies import require_manager, require_reader
from lms_core.commerce.payments.schemas import BankAccountIn, BankAccountView
from lms_core.identity.access import reauthentication
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency


def bank_accounts(ctx: ReadCtx) -> list[BankAccountView]:
    """The accounts by currency. One statement. Forbidden without `finance:read`."""
    require_reader(ctx.actor)
    rows = ctx.session.execute(select(BankAccount).order_by(BankAccount.currency)).scalars()
    return [BankAccountView.model_validate(row) for row in rows]


def bank_account_for(ctx: ReadCtx, currency: Currency) -> BankAccountView | None:
    """Where money of a currency is transferred to, for callers who have authorised its payer. One statement."""
    row = queries.find(ctx, BankAccount, BankAccount.currency == currency)
    return BankAccountView.model_validate(row) if row is not None else None


def set_bank_account(ctx: WriteCtx, currency: Currency, *, account: BankAccountIn) -> BankAccountView:
    """Say where money of a currency is transferred to, from now on. Forbidden; ConfirmFirst: it redirects money."""
    require_manager(ctx.actor)
    reauthentication.ensure_fresh(ctx)
    row = queries.find(ctx, BankAccount, BankAccount.currency == currency, lock=True)
    if row is None:
        row = ctx.add(BankAccount(currency=currency, **account.model_dump(), changed_at=ctx.now))
    else:
        for name, value in account.model_dump().items():
            setattr(row, name, value)
        row.changed_at = ctx.now
        ctx.session.flush()
    audit.record(
        ctx, action="bank_account.changed", object=("bank_account", row.id), currency=currency, ends=row.account[-4:]
    )
    return BankAccountView.model_validate(row)


def forget_bank_account(ctx: WriteCtx, currency: Currency) -> None:
    """Show payers no account for a currency any more. Forbidden, ConfirmFirst, BankAccountNotFound."""
    require_manager(ctx.actor)
    reauthentication.ensure_fresh(ctx)
    row = queries.find(ctx, BankAccount, BankAccount.currency == currency, lock=True)
    if row is None:
        raise BankAccountNotFound()
    audit.record(ctx, action="bank_account.removed", object=("bank_account", row.id), currency=currency)
    ctx.session.delete(row)
    ctx.session.flush()
