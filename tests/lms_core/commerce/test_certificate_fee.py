"""A certificate that costs something: completed is not enough, paid is not enough, both are, in either order."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.payments.gateways.port import State
from lms_core.commerce.products.schemas import ProductView
from lms_core.kit.permissions import Role
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, log_in
from tests.factories.shop import begin, open_sandbox, order, sell, succeed, tell
from tests.lms_core.learning.certifying import API, complete, earned, turn_on
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, client: TestClient, teacher: Person) -> Made:
    made = create_course(runtime.database, teacher)
    turn_on(client, log_in(client, teacher), made)
    return made


@pytest.fixture
def fee(runtime: Runtime, admin: Person, course: Made) -> ProductView:
    return sell(runtime.database, admin, course.id, 30_000, kind="certificate_fee", title="Certificate of bees")


@pytest.fixture
def account(runtime: Runtime, admin: Person) -> UUID:
    return open_sandbox(runtime.database, admin)


@pytest.fixture
def learner(runtime: Runtime, course: Made) -> Person:
    person = create_person(runtime.database, full_name="Baraka Njeri")
    enrol(runtime.database, person, course.id)
    return person


@pytest.mark.parametrize("first", ["completed", "paid"])
def test_it_is_issued_once_completed_and_paid(
    runtime: Runtime, client: TestClient, drain: Drain, course: Made, fee: ProductView, account: UUID,
    learner: Person, first: str,
) -> None:  # fmt: skip
    headers = log_in(client, learner)

    def buy() -> None:
        placed = order(client, headers, fee.id)
        succeed(runtime.database, learner.tenant_id, begin(client, headers, placed["id"], account))

    steps = [lambda: complete(client, headers, course), buy]
    for step in steps if first == "completed" else reversed(steps):
        assert earned(client, headers) == []
        step()
        drain()
    assert [each["recipient_name"] for each in earned(client, headers)] == ["Baraka Njeri"]


def test_a_fee_is_not_paid_twice(
    runtime: Runtime, client: TestClient, drain: Drain, fee: ProductView, account: UUID, learner: Person
) -> None:
    headers = log_in(client, learner)
    placed = order(client, headers, fee.id)
    succeed(runtime.database, learner.tenant_id, begin(client, headers, placed["id"], account))
    drain()
    again = client.post(f"{API}/cart/items", json={"product_id": str(fee.id)}, headers=headers)
    given = client.post(f"{API}/cart/checkout", json={}, headers={**headers, "Idempotency-Key": "once-more-please"})
    assert again.status_code == 409 or given.status_code == 409


def test_a_payment_that_failed_pays_no_fee(
    runtime: Runtime, client: TestClient, drain: Drain, course: Made, fee: ProductView, account: UUID, learner: Person
) -> None:
    headers = log_in(client, learner)
    placed = order(client, headers, fee.id)
    payment = begin(client, headers, placed["id"], account)
    tell(runtime.database, learner.tenant_id, payment, State.FAILED, "cancelled")
    complete(client, headers, course)
    drain()
    assert earned(client, headers) == []


def test_where_there_is_no_fee_nothing_is_asked(
    client: TestClient, drain: Drain, course: Made, learner: Person
) -> None:
    headers = log_in(client, learner)
    complete(client, headers, course)
    drain()
    assert len(earned(client, headers)) == 1
