"""A charge of which nobody knows the number is found in the provider's own list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Entry, Mode, State, Status, Uncertain
from lms_core.commerce.payments.schemas import AccountIn, PaymentView, ReconcileIn
from lms_core.commerce.payments.states import IntentState, MismatchKind
from lms_core.kit.clock import MovingClock
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.paying import Shop, open_shop
from tests.lms_core.commerce.scripted import PASSWORD, Till, install
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def shop(runtime: Runtime) -> Shop:
    """A shop whose account lists what came in, under receipts that no charge is asked by."""
    shop = open_shop(runtime.database)
    install(shop.database)
    wanted = AccountIn(gateway="till", mode=Mode.LIVE, name="Till", values={"word": PASSWORD, "shortcode": "600966"})
    return replace(shop, account=payments.save_account(shop.database, shop.finance, account=wanted))


def lost(shop: Shop, drain: Drain, clock: MovingClock) -> tuple[Till, PaymentView]:
    """A charge whose beginning was cut off, and of which the provider can tell nothing without its number."""
    till = install(shop.database)
    till.faults.append(Uncertain("cut"))
    begun = shop.pay(shop.intent())
    till.says[begun.reference] = Status(State.UNKNOWN)
    clock.move(timedelta(minutes=1))
    drain()
    return till, begun


def reconcile(shop: Shop, drain: Drain) -> list[MismatchKind]:
    """The kinds of differences that are open after a comparison."""
    with shop.database.write(shop.finance) as ctx:
        payments.start_reconciliation(ctx, wanted=ReconcileIn(account_id=shop.account.id))
    drain()
    with shop.database.read(shop.finance) as ctx:
        return [each.kind for each in payments.list_mismatches(ctx).items]


@pytest.mark.parametrize("amount", [150_000, 149_900], ids=["right", "a-shilling-less"])
def test_the_list_counts_where_nothing_else_can_be_told(
    shop: Shop, drain: Drain, clock: MovingClock, amount: int
) -> None:
    till, begun = lost(shop, drain, clock)
    money = Money(amount=amount, currency=Currency.KES)
    till.list = [Entry("RKL51", begun.reference, "RKL51", money, State.SUCCEEDED, clock.now())]
    clock.move(timedelta(minutes=1))
    found = reconcile(shop, drain)
    with shop.database.read(shop.finance) as ctx:
        seen = payments.view(ctx, begun.intent_id)
    if amount == 150_000:
        assert (found, seen.state, seen.payments[0].receipt) == ([], IntentState.PAID, "RKL51")
        assert shop.balance(AccountKind.CLEARING) == 150_000
        assert reconcile(shop, drain) == []
    else:  # money that is not what was asked for settles nothing, and finance is told
        assert (seen.state, found) == (IntentState.OPEN, [MismatchKind.AMOUNT])
        assert shop.balance(AccountKind.RECEIPTS) == 0


def test_the_provider_s_own_answer_is_above_its_list(shop: Shop, drain: Drain, clock: MovingClock) -> None:
    till, begun = lost(shop, drain, clock)
    till.says[begun.reference] = Status(State.FAILED, reason="cancelled")
    money = Money(amount=150_000, currency=Currency.KES)
    till.list = [Entry("RKL51", begun.reference, "RKL51", money, State.SUCCEEDED, clock.now())]
    clock.move(timedelta(minutes=1))
    assert reconcile(shop, drain) == [MismatchKind.STATE]
    with shop.database.read(shop.finance) as ctx:
        assert payments.view(ctx, begun.intent_id).state == IntentState.OPEN
