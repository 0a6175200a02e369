"""Coupons: what they take off, when they do not work, and that the last use is one person's however many ask for it."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.schemas import CartChange, CartItemIn, CheckoutIn
from lms_core.commerce.products.errors import CouponUsedUp
from lms_core.commerce.products.models import Coupon, CouponUse
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.shop import API, Headers, coupon, sell
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from workers import runtime as runtimes
from workers.runtime import Runtime

AT_ONCE = 50


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def product(runtime: Runtime, admin: Person) -> UUID:
    course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    return sell(runtime.database, admin, course.id, 10_000).id


@pytest.fixture
def headers(client: TestClient, runtime: Runtime) -> Headers:
    return log_in(client, create_person(runtime.database))


def use(client: TestClient, headers: Headers, code: str) -> tuple[int, str]:
    answer = client.patch(f"{API}/cart", json={"coupon": code}, headers=headers)
    return answer.status_code, str(answer.json().get("code", ""))


def test_what_codes_do(
    runtime: Runtime, client: TestClient, admin: Person, product: UUID, headers: Headers, clock: MovingClock
) -> None:
    now = clock.now()
    client.post(f"{API}/cart/items", json={"product_id": str(product)}, headers=headers)
    coupon(runtime.database, admin, "Tenth", basis_points=1000)
    coupon(runtime.database, admin, "More-Than-All", amount=999_999, currency="KES")
    coupon(runtime.database, admin, "Dollars", amount=100, currency="USD")
    coupon(runtime.database, admin, "Soon", basis_points=1000, starts_at=now + timedelta(days=1))
    coupon(runtime.database, admin, "Over", basis_points=1000, ends_at=now)
    other = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR), title="Other")
    elsewhere = sell(runtime.database, admin, other.id).id
    coupon(runtime.database, admin, "Else", basis_points=1000, products=[elsewhere])
    assert use(client, headers, "tenth") == (200, "")
    cart = client.get(f"{API}/cart", headers=headers).json()
    assert (cart["coupon"], cart["discount"], cart["total"]) == ("Tenth", 1_000, 9_000)
    assert use(client, headers, "MORE-THAN-ALL") == (200, "")
    assert client.get(f"{API}/cart", headers=headers).json()["total"] == 0
    for code in ("nothing", "soon", "over", "%"):
        assert use(client, headers, code) == (404, "coupon_not_found"), code
    for code in ("dollars", "else"):
        assert use(client, headers, code) == (409, "coupon_not_for_this"), code
    assert use(client, headers, "") == (200, "")
    assert client.get(f"{API}/cart", headers=headers).json()["discount"] == 0


def test_once_a_person_and_for_the_first_purchase(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers
) -> None:
    coupon(runtime.database, admin, "Once", basis_points=10_000, uses_per_person=1)
    answers = []
    for number in range(2):
        course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
        sold = sell(runtime.database, admin, course.id).id
        client.post(f"{API}/cart/items", json={"product_id": str(sold)}, headers=headers)
        use(client, headers, "once")
        key = {"Idempotency-Key": f"order-number-{number}"}
        answers.append(client.post(f"{API}/cart/checkout", json={}, headers={**headers, **key}))
    assert [each.status_code for each in answers] == [201, 409]
    assert answers[1].json()["code"] == "coupon_used_up"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"basis_points": 1000, "amount": 5, "currency": "KES"},
        {"amount": 5},
        {"basis_points": 10_001},
        {"basis_points": 0},
        {"amount": -5, "currency": "KES"},
        {"amount": 10**18, "currency": "KES"},
        {"basis_points": 100, "uses_allowed": 0},
    ],
)
def test_coupons_that_are_none(client: TestClient, admin: Person, fields: dict[str, object]) -> None:
    answer = client.post(f"{API}/finance/coupons", json={"code": "CODE", **fields}, headers=log_in(client, admin))
    assert answer.status_code == 422


def test_codes_are_one_whatever_their_case(client: TestClient, admin: Person, headers: Headers) -> None:
    managing = log_in(client, admin)
    first = client.post(f"{API}/finance/coupons", json={"code": "Spring", "basis_points": 5}, headers=managing)
    again = client.post(f"{API}/finance/coupons", json={"code": "SPRING", "basis_points": 5}, headers=managing)
    assert (first.status_code, again.json()["code"]) == (201, "code_taken")
    assert client.get(f"{API}/finance/coupons", headers=headers).status_code == 403


def race(runtime: Runtime) -> tuple[list[str], list[str], tuple[int, int, int]]:
    """Fifty people use the last use of one code at the same moment: who got it, who was told it is used up."""
    database = runtime.database
    admin = create_person(database, role=Role.ADMIN)
    course = create_course(database, create_person(database, role=Role.INSTRUCTOR))
    sold = sell(database, admin, course.id, 10_000).id
    code = coupon(database, admin, "LAST", basis_points=10_000, uses_allowed=1)
    actors: list[Actor] = []
    for _ in range(AT_ONCE):
        actors.append(actor_of(database, create_person(database)))
        with database.write(actors[-1]) as ctx:
            orders.add(ctx, item=CartItemIn(product_id=sold))
            orders.change(ctx, change=CartChange(coupon="last"))
    ready, won, refused = threading.Barrier(AT_ONCE), list[str](), list[str]()

    def place(actor: Actor) -> None:
        ready.wait(60)
        try:
            with database.write(actor) as ctx:
                won.append(orders.place(ctx, checkout=CheckoutIn(), key="one-order-each").number)
        except CouponUsedUp:
            refused.append(str(actor.user_id))

    threads = [threading.Thread(target=place, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with database.read(system_actor(admin.tenant_id)) as view:
        used = view.session.execute(select(Coupon.used).where(Coupon.id == code)).scalar_one()
        uses = view.session.execute(select(func.count()).select_from(CouponUse)).scalar_one()
        placed = view.session.execute(select(func.count()).select_from(Order)).scalar_one()
    return won, refused, (used, uses, placed)


def test_the_last_use_is_one_persons(runtime: Runtime) -> None:
    won, refused, counted = race(runtime)
    assert (len(won), len(refused), counted) == (1, AT_ONCE - 1, (1, 1, 1))


@pytest.mark.scaled
def test_the_last_use_is_one_persons_on_postgresql(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings, run_jobs=False)
    try:
        won, refused, counted = race(runtime)
    finally:
        runtime.stop()
    assert (len(won), len(refused), counted) == (1, AT_ONCE - 1, (1, 1, 1))
