"""The selects of payments, and rows as views. Locks are taken on the intent first, then on its payment."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import SQLModel

from lms_core.commerce.payments.errors import AccountNotFound, PaymentNotFound
from lms_core.commerce.payments.models import Payment, PaymentIntent, ProviderAccount, Refund
from lms_core.commerce.payments.schemas import IntentView, PaymentView, RefundView
from lms_core.commerce.payments.states import MoveState
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency, Money

Row = TypeVar("Row", bound=SQLModel)


def find(ctx: ReadCtx, table: type[Row], *where: ColumnElement[bool] | bool, lock: bool = False) -> Row | None:
    """The one row, or none. `lock`: nobody else changes it until the transaction ends."""
    wanted = select(table).where(*where)
    if lock:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    row: Row | None = ctx.session.execute(wanted).scalars().one_or_none()
    return row


def get(ctx: ReadCtx, table: type[Row], row_id: UUID, *, lock: bool = False) -> Row:
    """The row by id; PaymentNotFound."""
    row = find(ctx, table, table.id == row_id, lock=lock)
    if row is None:
        raise PaymentNotFound()
    return row


def account(ctx: ReadCtx, account_id: UUID) -> ProviderAccount:
    """An account's row; AccountNotFound."""
    row = find(ctx, ProviderAccount, ProviderAccount.id == account_id)
    if row is None:
        raise AccountNotFound()
    return row


def locked(ctx: WriteCtx, payment_id: UUID) -> tuple[PaymentIntent, Payment]:
    """A payment and its intent, both locked. PaymentNotFound."""
    intent_id = ctx.session.execute(select(Payment.intent_id).where(Payment.id == payment_id)).scalar_one_or_none()
    if intent_id is None:
        raise PaymentNotFound()
    intent = get(ctx, PaymentIntent, intent_id, lock=True)
    return intent, get(ctx, Payment, payment_id, lock=True)


def payments_of(ctx: ReadCtx, intent_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
    """The attempts of each intent, first to last. One statement, none for none."""
    found: dict[UUID, list[Payment]] = {each: [] for each in intent_ids}
    if intent_ids:
        wanted = select(Payment).where(Payment.intent_id.in_(intent_ids)).order_by(Payment.number)
        for row in ctx.session.execute(wanted).scalars():
            found[row.intent_id].append(row)
    return found


def asked_back(ctx: ReadCtx, payment_id: UUID) -> int:
    """How much of a payment went back, or is on its way (minor units)."""
    wanted = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.payment_id == payment_id, Refund.state != MoveState.FAILED
    )
    return int(ctx.session.execute(wanted).scalar_one())


def money(amount: int, currency: Currency | str) -> Money:
    """An amount of a row."""
    return Money(amount=amount, currency=Currency(currency))


def payment_view(row: Payment) -> PaymentView:
    """A payment as it is shown."""
    amounts = {name: money(getattr(row, name), row.currency) for name in ("amount", "fee", "refunded")}
    said = {name: getattr(row, name) for name in PaymentView.model_fields if name not in (*amounts, "receipt", "phone")}
    return PaymentView(**said, **amounts, receipt=row.receipt or "", phone=row.phone_hint)


def intent_view(row: PaymentIntent, payments: Iterable[Payment]) -> IntentView:
    """An intent with its attempts."""
    said = {name: getattr(row, name) for name in IntentView.model_fields if name not in ("amount", "payments")}
    return IntentView(
        **said, amount=money(row.amount, row.currency), payments=tuple(payment_view(each) for each in payments)
    )


def intent_views(ctx: ReadCtx, rows: Sequence[PaymentIntent]) -> list[IntentView]:
    """Intents with their attempts. One statement, none for none."""
    inside = payments_of(ctx, [row.id for row in rows])
    return [intent_view(row, inside[row.id]) for row in rows]


def refund_view(row: Refund, payment: Payment, intent: PaymentIntent) -> RefundView:
    """A refund as it is shown."""
    taken = ("amount", "payment_reference", "purpose_kind", "purpose_id")
    said: dict[str, Any] = {name: getattr(row, name) for name in RefundView.model_fields if name not in taken}
    return RefundView(
        **said,
        amount=money(row.amount, row.currency),
        payment_reference=payment.reference,
        purpose_kind=intent.purpose_kind,
        purpose_id=intent.purpose_id,
    )
