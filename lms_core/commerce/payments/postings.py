"""What payments write into the ledger. Each posting has a key of its own, so repeating one changes nothing."""

from uuid import UUID

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.payments.models import Deposit, Dispute, Payment, Payout, Refund
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency

Place = tuple[AccountKind, str]  # an account of the ledger and its owner
RECEIPTS: Place = (AccountKind.RECEIPTS, "")
DEPOSITS: Place = (AccountKind.DEPOSITS, "")


def _move(
    ctx: WriteCtx,
    key: str,
    subject: tuple[str, UUID],
    text: str,
    *,
    amount: int,
    currency: Currency,
    debit: Place,
    credit: Place,
) -> None:
    lines = (
        Line(debit[0], amount, Currency(currency), debit[1]),
        Line(credit[0], -amount, Currency(currency), credit[1]),
    )
    kind = "payments." + key.split(":")[-1]
    ledger.post(ctx, key=key, kind=kind, subject=subject, description=text, lines=lines)


def clearing(account_id: UUID | None) -> Place:
    """Where a provider's money stands; the bank for what finance saw there itself."""
    return (AccountKind.BANK, "") if account_id is None else (AccountKind.CLEARING, str(account_id))


def settled(ctx: WriteCtx, payment: Payment) -> None:
    """The payer's money is at the provider: +CLEARING -RECEIPTS; a second payment goes on to DEPOSITS."""
    subject, key = ("payment", payment.id), f"payment:{payment.id}"
    text = f"Payment {payment.reference}"
    move = {"amount": payment.amount, "currency": payment.currency}
    _move(ctx, f"{key}:settled", subject, text, debit=clearing(payment.account_id), credit=RECEIPTS, **move)
    if payment.surplus:
        _move(ctx, f"{key}:surplus", subject, f"{text}, paid twice", debit=RECEIPTS, credit=DEPOSITS, **move)


def fee(ctx: WriteCtx, payment: Payment) -> None:
    """What the provider kept: +FEES -CLEARING."""
    if payment.fee:
        _move(
            ctx, f"payment:{payment.id}:fee", ("payment", payment.id), f"Fee of {payment.reference}",
            amount=payment.fee, currency=payment.currency,
            debit=(AccountKind.FEES, ""), credit=clearing(payment.account_id),
        )  # fmt: skip


def refunded(ctx: WriteCtx, refund: Refund, payment: Payment, *, out_of: Place) -> None:
    """Money went back: +RECEIPTS (or DEPOSITS, of a surplus) and less where it was."""
    _move(
        ctx, f"refund:{refund.id}:settled", ("refund", refund.id), f"Refund of {payment.reference}",
        amount=refund.amount, currency=refund.currency,
        debit=DEPOSITS if payment.surplus else RECEIPTS, credit=out_of,
    )  # fmt: skip


def reversed_by_provider(ctx: WriteCtx, payment: Payment, amount: int) -> None:
    """The provider took the rest back: +RECEIPTS -CLEARING."""
    _move(
        ctx, f"payment:{payment.id}:reversed", ("payment", payment.id), f"Reversal of {payment.reference}",
        amount=amount, currency=payment.currency,
        debit=DEPOSITS if payment.surplus else RECEIPTS, credit=clearing(payment.account_id),
    )  # fmt: skip


def held_back(ctx: WriteCtx, dispute: Dispute) -> None:
    """The provider holds disputed money back: +DISPUTES -CLEARING."""
    held = (AccountKind.DISPUTES, str(dispute.account_id))
    _dispute(ctx, dispute, "opened", debit=held, credit=clearing(dispute.account_id))


def given_back(ctx: WriteCtx, dispute: Dispute) -> None:
    """A dispute was won: +CLEARING -DISPUTES."""
    held = (AccountKind.DISPUTES, str(dispute.account_id))
    _dispute(ctx, dispute, "won", debit=clearing(dispute.account_id), credit=held)


def lost(ctx: WriteCtx, dispute: Dispute) -> None:
    """A dispute was lost: +RECEIPTS -DISPUTES."""
    held = (AccountKind.DISPUTES, str(dispute.account_id))
    _dispute(ctx, dispute, "lost", debit=RECEIPTS, credit=held)


def _dispute(ctx: WriteCtx, dispute: Dispute, what: str, *, debit: Place, credit: Place) -> None:
    _move(
        ctx, f"dispute:{dispute.id}:{what}", ("dispute", dispute.id), f"Dispute {what}",
        amount=dispute.amount, currency=dispute.currency, debit=debit, credit=credit,
    )  # fmt: skip


def paid_out(ctx: WriteCtx, payout: Payout) -> None:
    """Money reached a phone: +PAYOUTS -CLEARING."""
    _move(
        ctx, f"payout:{payout.id}:settled", ("payout", payout.id), f"Payout for {payout.purpose_kind}",
        amount=payout.amount, currency=payout.currency,
        debit=(AccountKind.PAYOUTS, ""), credit=clearing(payout.account_id),
    )  # fmt: skip


def deposited(ctx: WriteCtx, deposit: Deposit) -> None:
    """Money nobody asked for: +CLEARING -DEPOSITS."""
    _deposit(ctx, deposit, "arrived", debit=clearing(deposit.account_id), credit=DEPOSITS)


def deposit_matched(ctx: WriteCtx, deposit: Deposit) -> None:
    """Its purpose was found: +DEPOSITS -RECEIPTS."""
    _deposit(ctx, deposit, "matched", debit=DEPOSITS, credit=RECEIPTS)


def deposit_returned(ctx: WriteCtx, deposit: Deposit) -> None:
    """Finance sent it back from the bank: +DEPOSITS -BANK."""
    _deposit(ctx, deposit, "returned", debit=DEPOSITS, credit=(AccountKind.BANK, ""))


def _deposit(ctx: WriteCtx, deposit: Deposit, what: str, *, debit: Place, credit: Place) -> None:
    _move(
        ctx, f"deposit:{deposit.id}:{what}", ("deposit", deposit.id), f"Deposit {deposit.receipt} {what}",
        amount=deposit.amount, currency=deposit.currency, debit=debit, credit=credit,
    )  # fmt: skip
