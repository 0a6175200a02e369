"""The demo's shop: everything it tells of is there for a visitor, and a second start adds nothing."""

from fastapi.testclient import TestClient

from lms_core.commerce.sample import COUPON, ensure_sample_shop
from lms_core.kit.permissions import Role
from tests.factories.courses import create_course
from tests.factories.people import create_person, log_in
from tests.factories.shop import API, order
from workers.runtime import Runtime


def test_a_visitor_finds_what_is_sold(runtime: Runtime, client: TestClient) -> None:
    teacher, buyer = create_person(runtime.database, role=Role.INSTRUCTOR), create_person(runtime.database)
    course = create_course(runtime.database, teacher)
    for _ in range(2):
        ensure_sample_shop(runtime.database, tenant_id=teacher.tenant_id, course_id=course.id)

    [plan] = client.get(f"{API}/plans").json()["items"]
    assert plan["title"] == "Everything"
    assert {(each["interval"], each["amount"]) for each in plan["prices"]} == {
        ("month", 90_000), ("year", 900_000),
    }  # fmt: skip
    shelf = client.get(f"{API}/products").json()["items"]
    assert {each["kind"] for each in shelf} == {"course", "plan"}
    headers = log_in(client, buyer)
    product = next(each for each in shelf if each["kind"] == "course")
    client.post(f"{API}/cart/items", json={"product_id": product["id"]}, headers=headers)
    cart = client.patch(f"{API}/cart", json={"coupon": COUPON}, headers=headers)
    assert cart.status_code == 200 and cart.json()["total"] == 40_000, cart.text
    placed = order(client, headers)
    ways = client.get(f"{API}/orders/{placed['id']}/methods", headers=headers).json()
    assert [each["gateway"] for each in ways] == ["sandbox"]
