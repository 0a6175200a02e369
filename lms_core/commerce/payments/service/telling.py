"""What finance is told: differences, each once, and notices."""

from typing import Any
from uuid import UUID

from lms_core.commerce.payments import queries
from lms_core.commerce.payments.events import MismatchFound
from lms_core.commerce.payments.models import Mismatch, Payment
from lms_core.commerce.payments.states import MismatchKind
from lms_core.identity.access import holders
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.permissions import Permission


def to_finance(ctx: ReadCtx, kind: str, /, *, right: Permission = Permission.FINANCE_READ, **variables: str) -> Notice:
    """A notice to all who read the finances, or hold another `right` in them. Three statements."""
    return Notice(recipients=holders.of(ctx, right), kind=kind, variables=variables)


def note(
    ctx: WriteCtx,
    kind: MismatchKind,
    *,
    account_id: UUID,
    about: str,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    payment_id: UUID | None = None,
    run_id: UUID | None = None,
) -> bool:
    """Write a difference down and tell finance. `about` names what differs; False: it was told before."""
    dedupe = f"{kind}:{account_id}:{about}"[:200]
    if queries.find(ctx, Mismatch, Mismatch.dedupe == dedupe) is not None:
        return False
    row = ctx.add(
        Mismatch(
            kind=kind, account_id=account_id, payment_id=payment_id, run_id=run_id, dedupe=dedupe,
            ours=ours, theirs=theirs, found_at=ctx.now,
        )
    )  # fmt: skip
    ctx.emit(MismatchFound(mismatch_id=row.id, notice=to_finance(ctx, "payments.mismatch", kind=kind.value)))
    return True


def bought_twice(ctx: WriteCtx, payment_id: UUID, *, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Another slice found that a payment was for what is paid for already: finance is told, once.

    PaymentNotFound. A payment by hand has no account to differ from; its refund waits for finance anyhow.
    """
    payment = queries.get(ctx, Payment, payment_id)
    if payment.account_id is not None:
        note(
            ctx, MismatchKind.PAID_TWICE, account_id=payment.account_id, payment_id=payment_id,
            about=payment.reference, ours=ours, theirs=theirs,
        )  # fmt: skip
