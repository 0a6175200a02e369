"""Verbs of the provider in the house. Each has a transaction of its own, as a call over the network would."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.sandbox.errors import ChargeEnded, ChargeNotFound, TooMuch, WrongPin
from lms_core.commerce.sandbox.models import ChargeState, MovementKind, SandboxCharge, SandboxMovement
from lms_core.commerce.sandbox.schemas import Act, Ask, ChargeView, MovementView
from lms_core.kit.context import Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.db import EVERY_TENANT
from lms_core.kit.ids import new_id, new_token
from lms_core.kit.money import Currency, Money

PIN = re.compile(r"[0-9]{4}")
NOBODY = "000"  # a phone that ends so does not exist: payouts to it fail
LISTED = 1000
RECEIPT_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"

_FROM: dict[Act, frozenset[ChargeState]] = {
    Act.PAY: frozenset({ChargeState.OPEN, ChargeState.TIMED_OUT}),
    Act.APPROVE: frozenset({ChargeState.OPEN, ChargeState.TIMED_OUT}),
    Act.DECLINE: frozenset({ChargeState.OPEN}),
    Act.CANCEL: frozenset({ChargeState.OPEN}),
    Act.TIME_OUT: frozenset({ChargeState.OPEN}),
    Act.REVERSE: frozenset({ChargeState.PAID}),
}
_TO: dict[Act, ChargeState] = {
    Act.PAY: ChargeState.PAID,
    Act.APPROVE: ChargeState.PAID,
    Act.DECLINE: ChargeState.DECLINED,
    Act.CANCEL: ChargeState.CANCELLED,
    Act.TIME_OUT: ChargeState.TIMED_OUT,
    Act.REVERSE: ChargeState.REVERSED,
}


@dataclass(frozen=True, slots=True)
class Bank:
    """The provider, over the installation's database. `tenant_id`, `account`: the merchant's."""

    database: Database

    def open(self, tenant_id: UUID, account: UUID, ask: Ask) -> ChargeView:
        """Open a charge; the same key again gives the first."""
        with self.database.write(system_actor(tenant_id)) as ctx:
            known = _one(ctx, SandboxCharge.account == account, SandboxCharge.key == ask.key)
            return view(known or ctx.add(_new(ctx, account, ask)))

    def charge_saved(self, tenant_id: UUID, account: UUID, ask: Ask, *, method: str) -> ChargeView:
        """Charge a method kept before, which is paid at once. ChargeNotFound: no such method."""
        with self.database.write(system_actor(tenant_id)) as ctx:
            known = _one(ctx, SandboxCharge.account == account, SandboxCharge.key == ask.key)
            if known is not None:
                return view(known)
            kept = select(SandboxCharge.id).where(SandboxCharge.account == account, SandboxCharge.method == method)
            if not method or ctx.session.execute(kept.limit(1)).first() is None:
                raise ChargeNotFound()
            row = _new(ctx, account, ask)
            _pay(row, ctx.now)
            return view(ctx.add(row))

    def find(self, tenant_id: UUID, account: UUID, *, charge_id: UUID | None, reference: str) -> ChargeView | None:
        """A merchant's charge by its id, or by the merchant's reference."""
        by = SandboxCharge.id == charge_id if charge_id is not None else SandboxCharge.reference == reference
        with self.database.read(system_actor(tenant_id)) as ctx:
            row = _one(ctx, SandboxCharge.account == account, by)
            return view(row) if row is not None else None

    def by_token(self, token: str) -> ChargeView:
        """The charge of a page. ChargeNotFound."""
        with self.database.read(system_actor(EVERY_TENANT)) as ctx:
            row = _one(ctx, SandboxCharge.token == token)
            if row is None:
                raise ChargeNotFound()
            return view(row)

    def act(self, token: str, act: Act, *, pin: str = "") -> ChargeView:
        """What the payer does. WrongPin, ChargeEnded, ChargeNotFound."""
        with self.database.write(system_actor(EVERY_TENANT)) as ctx:
            row = _one(ctx, SandboxCharge.token == token, lock=True)
            if row is None:
                raise ChargeNotFound()
            if act is Act.PAY and not PIN.fullmatch(pin):
                raise WrongPin()
            if row.state not in _FROM[act]:
                raise ChargeEnded()
            if _TO[act] is ChargeState.PAID:
                _pay(row, ctx.now)
            else:
                row.state, row.decided_at, row.version = _TO[act], ctx.now, row.version + 1
            ctx.session.flush()
            return view(row)

    def refund(self, tenant_id: UUID, account: UUID, *, charge_id: UUID, key: str, amount: int) -> MovementView:
        """Give back of a charge, at once; the same key again gives the first. ChargeNotFound, TooMuch."""
        with self.database.write(system_actor(tenant_id)) as ctx:
            charge = _one(ctx, SandboxCharge.account == account, SandboxCharge.id == charge_id, lock=True)
            if charge is None:
                raise ChargeNotFound()
            known = _movement(ctx, account, key)
            if known is None:
                if charge.state != ChargeState.PAID or charge.refunded + amount > charge.amount:
                    raise TooMuch()
                charge.refunded += amount
                known = _move(ctx, account, MovementKind.REFUND, key, amount, Currency(charge.currency), charge_id)
            return _told(known)

    def pay_out(self, tenant_id: UUID, account: UUID, *, phone: str, key: str, amount: Money) -> MovementView:
        """Send to a phone, at once; the same key again gives the first."""
        with self.database.write(system_actor(tenant_id)) as ctx:
            known = _movement(ctx, account, key)
            if known is None:
                known = _move(ctx, account, MovementKind.PAYOUT, key, amount.amount, amount.currency, None)
                known.done = not phone.endswith(NOBODY)
                ctx.session.flush()
            return _told(known)

    def movement(self, tenant_id: UUID, account: UUID, *, key: str) -> MovementView | None:
        """A refund or payout by the merchant's key."""
        with self.database.read(system_actor(tenant_id)) as ctx:
            row = _movement(ctx, account, key)
            return _told(row) if row is not None else None

    def charges(self, tenant_id: UUID, account: UUID, *, since: datetime, until: datetime) -> list[ChargeView]:
        """A merchant's paid charges that were decided from `since` until before `until`."""
        wanted = select(SandboxCharge).where(
            SandboxCharge.account == account,
            SandboxCharge.state.in_((ChargeState.PAID, ChargeState.REVERSED)),
            SandboxCharge.decided_at >= since,
            SandboxCharge.decided_at < until,
        )
        with self.database.read(system_actor(tenant_id)) as ctx:
            return [view(row) for row in ctx.session.execute(wanted.limit(LISTED)).scalars()]


def view(row: SandboxCharge) -> ChargeView:
    """A charge as it is told."""
    said = {name: getattr(row, name) for name in ChargeView.model_fields if name != "amount"}
    return ChargeView(**said, amount=Money(amount=row.amount, currency=Currency(row.currency)))


def _one(ctx: ReadCtx, *where: Any, lock: bool = False) -> SandboxCharge | None:
    wanted = select(SandboxCharge).where(*where)
    if lock:
        wanted = wanted.with_for_update(key_share=True)
    return ctx.session.execute(wanted).scalars().one_or_none()  # type: ignore[no-any-return]


def _new(ctx: WriteCtx, account: UUID, ask: Ask) -> SandboxCharge:
    said = ask.model_dump(exclude={"amount"})
    money = {"amount": ask.amount.amount, "currency": ask.amount.currency}
    return SandboxCharge(account=account, token=new_token(), created_at=ctx.now, **said, **money)


def _pay(row: SandboxCharge, now: datetime) -> None:
    row.state, row.decided_at, row.version = ChargeState.PAID, now, row.version + 1
    row.receipt = "".join(secrets.choice(RECEIPT_LETTERS) for _ in range(10))
    if row.keep:
        row.method = new_token()


def _movement(ctx: ReadCtx, account: UUID, key: str) -> SandboxMovement | None:
    wanted = select(SandboxMovement).where(SandboxMovement.account == account, SandboxMovement.key == key)
    return ctx.session.execute(wanted).scalars().one_or_none()  # type: ignore[no-any-return]


def _move(
    ctx: WriteCtx, account: UUID, kind: MovementKind, key: str, amount: int, currency: Currency, charge_id: UUID | None
) -> SandboxMovement:
    row = SandboxMovement(
        id=new_id(), account=account, kind=kind, key=key, charge_id=charge_id,
        amount=amount, currency=currency, receipt=f"SB{secrets.token_hex(4).upper()}", created_at=ctx.now,
    )  # fmt: skip
    return ctx.add(row)


def _told(row: SandboxMovement) -> MovementView:
    return MovementView(
        id=row.id, done=row.done, receipt=row.receipt, amount=row.amount, currency=Currency(row.currency)
    )
