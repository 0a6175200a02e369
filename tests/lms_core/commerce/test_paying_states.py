"""Payments under whatever providers, payers and finance do in whatever order: money is never made and never lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import ClassVar

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import (
    IntentClosed,
    MethodUnavailable,
    NotRefundable,
    PaymentUnderWay,
    RefundTooLarge,
)
from lms_core.commerce.payments.gateways.port import Movement, State, Status, Uncertain
from lms_core.commerce.payments.schemas import PaymentView
from lms_core.commerce.payments.states import IntentState, MoveState
from lms_core.commerce.payments.transitions import SETTLED, PaymentState
from lms_core.kit.clock import MovingClock
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.paying import Shop, open_shop
from tests.lms_core.commerce.scripted import Till, install, paid, refused
from tests.lms_core.commerce.test_paying_callbacks import at_till, tell
from workers.runtime import Runtime

AMOUNT = 150_000
EXAMPLES, STEPS, LEAST = 30, 25, 500  # with the ledger's ten thousand
PLACES = st.integers(0, 4)
ENDED = frozenset({MoveState.SUCCEEDED, MoveState.FAILED})
ENDS = st.sampled_from(["paid", "less", "failed", "expired", "unknown", "reversed", "pending"])


@dataclass(frozen=True, slots=True)
class World:
    """What all examples share: one installation, whose intents do not know each other."""

    shop: Shop
    till: Till
    clock: MovingClock
    drain: Callable[[], int]


class Paying(RuleBasedStateMachine):
    """One intent, at an account of its own."""

    world: ClassVar[World]
    numbers: ClassVar[Iterator[int]] = count(1)
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.till = self.world.till
        self.till.says.clear()
        self.till.moves.clear()
        self.till.faults.clear()
        self.shop = at_till(self.world.shop)
        self.intent = self.shop.intent(AMOUNT, expires_in=timedelta(hours=2))
        self.settled: set[str] = set()

    def attempts(self) -> tuple[PaymentView, ...]:
        return self.shop.see(self.intent).payments

    def attempt(self, place: int) -> PaymentView | None:
        found = self.attempts()
        return found[place % len(found)] if found else None

    def gives_back(self, each: PaymentView) -> bool:
        """Whether a refund of it is on its way: no provider gives the same money back twice."""
        with self.shop.database.read(self.shop.finance) as ctx:
            return any(refund.state not in ENDED for refund in payments.access_payment(ctx, each.id).refunds)

    @rule(fault=st.sampled_from(["", "", "uncertain", "refused"]))
    def pay(self, fault: str) -> None:
        if fault:
            self.till.faults.append(Uncertain("cut") if fault == "uncertain" else refused())
        self.world.clock.move(timedelta(seconds=80))
        with suppress(IntentClosed, PaymentUnderWay, MethodUnavailable):
            self.shop.pay(self.intent)
        self.till.faults.clear()

    @rule(place=PLACES, end=ENDS)
    def provider_decides(self, place: int, end: str) -> None:
        each = self.attempt(place)
        if each is None:
            return
        whole, short = (Money(amount=amount, currency=Currency.KES) for amount in (AMOUNT, AMOUNT - 1))
        before = self.till.says.get(each.reference)
        was_paid = before is not None and before.state in (State.SUCCEEDED, State.REVERSED)
        if end == "reversed" and was_paid and not self.gives_back(each):
            self.till.says[each.reference] = Status(State.REVERSED)
        elif not was_paid:
            self.till.says[each.reference] = {
                "paid": paid(each.reference, whole, receipt=f"R{each.reference}"),
                "less": paid(each.reference, short, receipt=f"L{each.reference}"),
                "failed": Status(State.FAILED, reason="cancelled"),
                "expired": Status(State.FAILED, reason="expired"),
                "unknown": Status(State.UNKNOWN),
            }.get(end, Status(State.PENDING))  # fmt: skip

    @rule(place=PLACES, times=st.integers(1, 3), works=st.booleans())
    def callback(self, place: int, times: int, works: bool) -> None:
        each = self.attempt(place)
        if each is None:
            return
        said = {"about": "charge", "dedupe": str(next(self.numbers)), "reference": each.reference}
        for _ in range(times):
            assert tell(self.shop, said).status == 200
        if works:
            self.world.drain()

    @rule(seconds=st.sampled_from([1, 15, 60, 700, 8000]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.move(timedelta(seconds=seconds))
        with self.shop.database.write(self.shop.system) as ctx:
            ctx.enqueue("payments.expire")
            ctx.enqueue("payments.sweep")
        self.world.drain()

    @rule(place=PLACES, amount=st.sampled_from([None, 1, 50_000, AMOUNT]), end=st.sampled_from(list(State)))
    def refund(self, place: int, amount: int | None, end: State) -> None:
        each = self.attempt(place)
        told = self.till.says.get(each.reference) if each is not None else None
        if each is None or (told is not None and told.state is State.REVERSED):
            return
        self.till.moves = {"refund": Movement(end), "refund_status": Movement(end)}
        with suppress(NotRefundable, RefundTooLarge), self.shop.database.write(self.shop.finance) as ctx:
            payments.ask_refund(ctx, payment_id=each.id, amount=amount, reason="asked", key=str(new_id()))
        self.world.drain()

    @precondition(lambda self: self.attempts())
    @rule(end=st.sampled_from([State.SUCCEEDED, State.FAILED]))
    def refunds_end(self, end: State) -> None:
        self.till.moves["refund_status"] = Movement(end)
        self.world.clock.move(timedelta(minutes=2))
        self.world.drain()

    @invariant()
    def it_is_paid_once(self) -> None:
        type(self).steps += 1
        seen = self.shop.see(self.intent)
        counted = [each for each in seen.payments if each.state in SETTLED and not each.surplus]
        assert len(counted) == (1 if seen.state == IntentState.PAID else 0)

    @invariant()
    def what_was_paid_stays_paid(self) -> None:
        now = {each.reference for each in self.attempts() if each.state in SETTLED}
        assert self.settled <= now
        self.settled = now

    @invariant()
    def the_books_agree(self) -> None:
        due, aside = 0, 0
        for each in self.attempts():
            if each.state in SETTLED:
                kept = 0 if each.state == PaymentState.REVERSED else each.amount.amount - each.refunded.amount
                assert 0 <= each.refunded.amount <= each.amount.amount
                due += kept
            elif each.code == "mismatch":
                aside += AMOUNT - 1
        with self.shop.database.read(self.shop.system) as ctx:
            held = ledger.balance(ctx, AccountKind.CLEARING, Currency.KES, owner=str(self.shop.account.id))
        assert held == due + aside


def test_money_is_never_made_and_never_lost(runtime: Runtime, clock: MovingClock, drain: Callable[[], int]) -> None:
    Paying.world, Paying.steps = World(open_shop(runtime.database), install(runtime.database), clock, drain), 0
    chosen = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,  # so that the number of steps is the same in every run
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Paying, settings=chosen)
    assert Paying.steps - EXAMPLES >= LEAST  # every example looks once before its first step
