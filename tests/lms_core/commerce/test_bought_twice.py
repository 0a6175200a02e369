"""Two orders of one buyer for one course: one is paid for; money that came for both goes back in sight of everybody."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.errors import BoughtMeanwhile, NotCancellable, OtherOrderUnderWay
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.schemas import OrderView, PayingView, RefundIn
from lms_core.commerce.orders.service import settling as settling_orders
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Movement, State, Status
from lms_core.commerce.payments.schemas import MethodIn
from lms_core.commerce.payments.service import settling
from lms_core.kit.clock import MovingClock
from lms_core.kit.errors import Conflict
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.courses import create_course
from tests.factories.people import create_person, log_in
from tests.factories.shop import API, sell
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.lms_core.commerce.till_shop import PRICE, TillShop, open_till
from workers import runtime as runtimes
from workers.runtime import Runtime


@pytest.fixture
def shop(runtime: Runtime) -> TillShop:
    return open_till(runtime.database)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.scaled)])
def either(request: pytest.FixtureRequest) -> Iterator[TillShop]:
    """The shop on each database."""
    if request.param == "sqlite":
        yield open_till(request.getfixturevalue("runtime").database)
        return
    settings: Settings = request.getfixturevalue("scaled_settings")
    runtime = runtimes.build(settings, run_jobs=False)
    yield open_till(runtime.database)
    runtime.stop()


def test_while_one_prompt_is_open_the_other_order_is_not_paid(shop: TillShop, clock: MovingClock) -> None:
    first, second = shop.order(), shop.order()
    shop.pay(first)
    with pytest.raises(OtherOrderUnderWay) as refused:
        shop.pay(second)
    assert refused.value.extra["number"] == first.number and first.number in refused.value.detail
    assert shop.attempts(second) == [] and len(shop.till.begun) == 1
    with shop.database.write(shop.actor) as ctx:
        orders.cancel(ctx, first.id)
    with pytest.raises(OtherOrderUnderWay, match="decline it there"):  # given up, but still on the phone
        shop.pay(second)
    clock.move(timedelta(minutes=2))
    assert shop.pay(second).step == "prompt"


def test_when_the_other_prompt_failed_this_order_is_paid(shop: TillShop) -> None:
    first, second = shop.order(), shop.order()
    shop.pay(first)
    with shop.database.write(shop.system) as ctx:
        settling.apply(ctx, shop.attempts(first)[0].id, Status(State.FAILED, reason="cancelled"))
    assert shop.pay(second).step == "prompt"


def test_what_another_order_opened_meanwhile_is_not_paid_for(shop: TillShop) -> None:
    first, second, third = shop.order(), shop.order(), shop.order()
    shop.pay(first)
    shop.succeed(first)
    for opened in (False, True):  # the money is here and its order not even marked as paid; and then all of it
        with pytest.raises((OtherOrderUnderWay, BoughtMeanwhile)) as refused:
            shop.pay(second)
        assert isinstance(refused.value, BoughtMeanwhile) is opened
        shop.drain()
    assert shop.attempts(second) == []
    with shop.database.write(shop.actor) as ctx:
        assert orders.cancel(ctx, second.id).state == OrderState.CANCELLED
    with pytest.raises(NotCancellable):
        shop.pay(second)
    with shop.database.read(shop.system) as view:  # nor by the address of the intent, which knows no order
        row = view.session.execute(select(Order).where(Order.id == third.id)).scalar_one()
    method = MethodIn(account_id=shop.account_id, phone="0712345678")
    assert row.intent_id is not None
    with pytest.raises(BoughtMeanwhile):
        payments.pay(shop.database, shop.actor, intent_id=row.intent_id, method=method, key="by-the-intent")


def test_a_repeated_request_is_answered_after_it_was_paid(shop: TillShop) -> None:
    order = shop.order()
    shop.pay(order, key="the-only-key")
    shop.succeed(order)
    shop.drain()
    assert shop.pay(order, key="the-only-key").step == "opened"
    assert len(shop.till.begun) == 1
    with pytest.raises(NotCancellable):
        shop.pay(order, key="another-key")


def test_orders_of_other_things_do_not_wait_for_each_other(shop: TillShop) -> None:
    other = create_course(shop.database, create_person(shop.database, role=Role.INSTRUCTOR), title="Other")
    product = sell(shop.database, shop.admin, other.id)
    bundle = sell(shop.database, shop.admin, None, kind="bundle", title="Both", items=[shop.product_id, product.id])
    one, another, gift = shop.order(), shop.order(product.id), shop.order(for_others=True)
    both = shop.order(bundle.id)
    for each in (one, another, gift):
        assert shop.pay(each).step == "prompt"
    with pytest.raises(OtherOrderUnderWay):  # what is in it is all on its way
        shop.pay(both)


def test_money_that_came_for_both_goes_back(
    runtime: Runtime, client: TestClient, shop: TillShop, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    first, second = shop.order(), shop.order()
    shop.pay(first)
    shop.prompt_straight(second)
    shop.succeed(first)
    twice = shop.succeed(second)
    shop.drain()
    assert shop.see(first).state == OrderState.FULFILLED
    seen = shop.see(second)
    assert (seen.state, seen.refunded, seen.refundable) == (OrderState.REFUNDED, PRICE, 0)
    assert [each.amount.amount for each in shop.till.refunds] == [PRICE]
    assert shop.balance(AccountKind.REVENUE) + shop.balance(AccountKind.REFUNDS) == -PRICE
    assert (shop.balance(AccountKind.RECEIPTS), shop.balance(AccountKind.CLEARING)) == (0, PRICE)
    buyer, finance = log_in(client, shop.buyer), log_in(client, shop.admin)
    assert client.get(f"{API}/courses/{shop.course.slug}", headers=buyer).json()["enrolled"]
    [found] = client.get(f"{API}/finance/mismatches", headers=finance).json()["items"]
    assert (found["kind"], found["payment_id"]) == ("paid_twice", str(twice))
    assert found["ours"]["order"] == second.number and found["theirs"] == {"amount": PRICE}
    [refund] = client.get(f"{API}/finance/refunds", headers=finance).json()["items"]
    assert (refund["payment_id"], refund["state"]) == (str(twice), "succeeded")
    letters = [str(each["Subject"]) for each in mailbox() if shop.buyer.email in str(each["To"])]
    assert any("Paid twice" in each for each in letters), letters
    with shop.database.write(shop.system) as ctx:  # the fact is told once more
        assert orders.access_finances(ctx, second.id).state == OrderState.REFUNDED
    shop.drain()
    assert len(shop.till.refunds) == 1


def test_only_the_line_that_was_bought_before_goes_back(shop: TillShop) -> None:
    other = create_course(shop.database, create_person(shop.database, role=Role.INSTRUCTOR), title="Other")
    first, second = shop.order(), shop.order(shop.product_id, sell(shop.database, shop.admin, other.id, 50_000).id)
    shop.pay(first)
    shop.prompt_straight(second)
    shop.succeed(first)
    shop.drain()
    shop.succeed(second)
    shop.drain()
    seen = shop.see(second)
    assert (seen.state, seen.refunded, seen.refundable) == (OrderState.PARTIALLY_REFUNDED, PRICE, 50_000)
    assert f"/courses/{other.slug}" in [each.path for each in seen.opened]
    assert shop.see(first).state == OrderState.FULFILLED


def test_what_cannot_go_back_by_itself_waits_for_finance(shop: TillShop) -> None:
    first, second = shop.order(), shop.order()
    shop.pay(first)
    shop.prompt_straight(second)
    shop.till.moves["refund"] = Movement(State.FAILED, code="no", reason="other")
    shop.succeed(first)
    shop.succeed(second)
    shop.drain()
    assert shop.see(second).refunded == 0
    with shop.database.read(shop.finance) as view:
        assert [each.kind for each in payments.list_mismatches(view, unresolved=True).items] == ["paid_twice"]
        [refund] = payments.list_refunds(view).items
    assert refund.state == "failed"
    again = orders_refund(shop, second)
    shop.till.moves.clear()
    shop.drain()
    assert shop.see(second).refunded == again == PRICE
    assert shop.see(first).state == OrderState.FULFILLED


def orders_refund(shop: TillShop, order: OrderView) -> int:
    """Finance gives an order's money back."""
    with shop.database.write(shop.finance) as ctx:
        return orders.refund(ctx, order.id, refund=RefundIn(reason="Bought twice"), key="finance-tries-again").amount


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do these at the same moment; what each gave, or the refusal it met."""
    ready, given = threading.Barrier(len(acts)), list[object]()

    def run(act: Callable[[], object]) -> None:
        ready.wait(60)
        try:
            given.append(act())
        except Conflict as refusal:
            given.append(refusal)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(given) == len(acts)
    return given


def test_of_orders_paid_at_the_same_moment_one_is(either: TillShop) -> None:
    placed = [either.order() for _ in range(4)]
    given = at_once(*(partial(either.pay, each) for each in placed))
    refused = [each for each in given if isinstance(each, OtherOrderUnderWay)]
    assert (len(given) - len(refused), len(refused), len(either.till.begun)) == (1, 3, 1)


def test_of_money_that_comes_at_the_same_moment_one_is_kept(either: TillShop) -> None:
    placed = [either.order() for _ in range(4)]
    for each in placed:
        either.prompt_straight(each)
    payment_ids = [either.succeed(each) for each in placed]

    def settle(order: OrderView, payment_id: UUID) -> None:
        with either.database.write(either.system) as ctx:
            settling_orders.settle(ctx, order.id, payment_id=payment_id, amount=PRICE, currency=Currency.KES)

    at_once(*(partial(settle, order, payment_id) for order, payment_id in zip(placed, payment_ids, strict=True)))
    either.drain()
    states = sorted(str(either.see(each).state) for each in placed)
    assert states == ["fulfilled", "refunded", "refunded", "refunded"]
    assert either.balance(AccountKind.REVENUE) + either.balance(AccountKind.REFUNDS) == -PRICE
    assert (either.balance(AccountKind.RECEIPTS), either.balance(AccountKind.CLEARING)) == (0, PRICE)
    assert len(either.till.refunds) == 3


def test_one_key_at_the_same_moment_begins_one_payment(either: TillShop) -> None:
    order = either.order()
    given = at_once(*(partial(either.pay, order, key="one-and-the-same") for _ in range(8)))
    assert not [each for each in given if isinstance(each, Exception)]
    assert {str(each.payment_id) for each in given if isinstance(each, PayingView)} == {
        str(either.attempts(order)[0].id)
    }
    assert (len(either.attempts(order)), len(either.till.begun)) == (1, 1)
