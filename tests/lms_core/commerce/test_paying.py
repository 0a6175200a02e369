"""Paying at the provider in the house: begun once, settled once, by signed word and asked state."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import IdempotencyConflict, IntentClosed
from lms_core.commerce.payments.schemas import MethodIn
from lms_core.commerce.payments.states import IntentState
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.clock import MovingClock
from tests.factories.people import actor_of
from tests.lms_core.commerce.paying import Shop, open_shop
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def shop(runtime: Runtime) -> Shop:
    """A shop with an account at the sandbox."""
    return open_shop(runtime.database)


def test_a_payment_from_the_prompt_to_the_books(shop: Shop, drain: Drain) -> None:
    intent = shop.intent(150_000)
    begun = shop.pay(intent)
    assert (begun.state, begun.phone, begun.reference) == (PaymentState.PENDING, "2547***678", f"{intent.reference}A")
    assert begun.url.startswith("http://localhost:8000/sandbox/pay/")
    shop.act(begun, Act.PAY)
    assert shop.deliver(shop.callback(begun)).status == 200
    assert shop.see(intent).state == IntentState.OPEN  # heard, and not believed before the provider was asked
    drain()
    seen = shop.see(intent)
    assert (seen.state, seen.payments[0].state, len(seen.payments)) == (IntentState.PAID, PaymentState.SUCCEEDED, 1)
    assert seen.payments[0].receipt and seen.payments[0].url == ""
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.RECEIPTS)) == (150_000, -150_000)


def test_the_same_key_begins_one_payment(shop: Shop) -> None:
    intent = shop.intent()
    first, second = shop.pay(intent, key="k"), shop.pay(intent, key="k")
    assert first.id == second.id and len(shop.see(intent).payments) == 1
    actor = actor_of(shop.database, shop.buyer)
    with pytest.raises(IdempotencyConflict):
        payments.pay(
            shop.database, actor, intent_id=intent.id, key="k",
            method=MethodIn(account_id=shop.account.id, phone="0799 999 999"),
        )  # fmt: skip


def test_the_same_key_opens_one_intent(shop: Shop) -> None:
    purpose = ("order", shop.account.id)
    first, second = (shop.intent(key="k", purpose=purpose) for _ in range(2))
    assert first.id == second.id
    with pytest.raises(IdempotencyConflict):
        shop.intent(150_001, key="k", purpose=purpose)
    assert shop.intent(150_001, key="other", purpose=purpose).id != first.id


def test_without_a_callback_the_state_is_asked_for(shop: Shop, drain: Drain, clock: MovingClock) -> None:
    intent = shop.intent()
    begun = shop.pay(intent)
    shop.act(begun, Act.APPROVE)
    drain()
    assert shop.see(intent).state == IntentState.OPEN
    clock.move(timedelta(seconds=31))
    drain()
    assert shop.see(intent).state == IntentState.PAID


def test_what_is_paid_is_not_asked_for_again(shop: Shop, drain: Drain) -> None:
    intent = shop.intent()
    begun = shop.pay(intent)
    shop.act(begun, Act.PAY)
    shop.deliver(shop.callback(begun))
    drain()
    with pytest.raises(IntentClosed):
        shop.pay(intent)
