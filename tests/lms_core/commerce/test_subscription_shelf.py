"""Plans and what else is sold: on the shelf, opened with a plan, and what of it stays when the plan ends."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.schemas import CartItemIn, CheckoutIn, RefundIn
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import MethodIn
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import ProductKind
from lms_core.commerce.products.schemas import PriceIn as ProductPriceIn
from lms_core.commerce.products.schemas import ProductChange
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import CancelIn, PlanChange, PriceIn, When
from lms_core.kit.clock import MovingClock
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency
from lms_core.learning.enrolments import service as enrolments
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.shop import sell
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


@pytest.fixture
def school(runtime: Runtime, clock: MovingClock) -> School:
    return School(runtime, clock)


def browse(client: TestClient, person: Person) -> Callable[..., Any]:
    """The person logs in at a browser; what sends its forms."""
    client.cookies.clear()
    client.post("/login", data=person.login)
    token = TOKEN.findall(client.get("/plans").text)[0]
    return lambda path, **data: client.post(path, data={"csrf_token": token, **data})


def buy(school: School, person: Person, product: Any, **more: object) -> None:
    """Order something and pay for it."""
    with school.writing(person) as ctx:
        orders.add(ctx, item=CartItemIn.model_validate({"product_id": product.id, **more}))
        placed = orders.place(ctx, checkout=CheckoutIn(), key=new_id().hex)
    with school.database.read(actor_of(school.database, person)) as ctx:
        [intent] = payments.of_purpose(ctx, ("order", placed.id))
    school.till.mood = "paid"
    method = MethodIn(account_id=school.account_id, phone="0712345678")
    payments.pay(
        school.database, actor_of(school.database, person), intent_id=intent.id, method=method, key=new_id().hex
    )
    school.settle()


def end(school: School, person: Person) -> None:
    """End a subscription at once."""
    with school.writing(person) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    school.settle()


def test_a_course_bought_meanwhile_stays(school: School) -> None:
    product = sell(school.database, school.boss, school.ice.id)
    asha = school.subscribed(school.plan(school.ice, school.steam))
    buy(school, asha, product)
    end(school, asha)
    assert school.open_to(asha) == {"Ice"}


def test_a_refund_of_what_was_bought_meanwhile_leaves_it_to_the_plan(school: School) -> None:
    """It was the plan's before, so it is the plan's again: open while that lasts, and not a day longer."""
    product = sell(school.database, school.boss, school.ice.id)
    asha = school.subscribed(school.plan(school.ice))
    buy(school, asha, product)
    with school.database.read(actor_of(school.database, asha)) as ctx:
        [order] = orders.mine(ctx).items
    with school.writing(school.boss) as ctx:
        orders.refund(ctx, order.id, refund=RefundIn(reason="Changed their mind"), key="refund-1")
    school.settle()
    assert school.open_to(asha) == {"Ice"}
    end(school, asha)
    assert school.open_to(asha) == set()


def test_a_course_that_was_bought_stays_even_where_the_place_is_the_plans(school: School) -> None:
    """As after a path that was bought: the right is there, and the place in the course is still the plan's."""
    product = sell(school.database, school.boss, school.ice.id)
    asha = create_person(school.database)
    buy(school, asha, product)
    with school.writing(asha) as ctx:
        enrolments.leave(ctx, school.ice.id)
    plan = school.plan(school.ice, school.steam)
    school.checkout(asha, plan)
    school.pay(asha)
    assert school.open_to(asha) == {"Ice", "Steam"}
    end(school, asha)
    assert school.open_to(asha) == {"Ice"}


def test_a_course_given_or_enrolled_by_the_institution_stays(
    school: School, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    product = sell(school.database, school.boss, school.ice.id)
    friend, asha = create_person(school.database), school.subscribed(school.plan(school.ice, school.steam))
    buy(school, friend, product, for_others=True, recipients=[asha.email])
    body = next(each.get_content() for each in mailbox() if "/gifts?token=" in each.get_content())
    with school.writing(asha) as ctx:
        orders.claim(ctx, token=re.findall(r"/gifts\?token=([\w-]+)", body)[0])
    with school.writing(school.boss) as ctx:
        enrolments.enrol_person(ctx, user_id=asha.id, course_id=school.steam.id, source="invite")
    end(school, asha)
    assert school.open_to(asha) == {"Ice", "Steam"}


def test_a_plan_stands_on_the_shelf_as_it_is(school: School) -> None:
    plan = school.plan(school.ice, year=9000_00)
    with school.database.read(actor_of(school.database, school.boss)) as ctx:
        [shown] = products.browse(ctx).items
    assert (shown.id, shown.kind, shown.subject_id, shown.title) == (plan.id, ProductKind.PLAN, plan.id, "Basic")
    assert {(each.id, each.amount, each.interval.value) for each in shown.prices} == {
        (each.id, each.amount, each.interval.value) for each in plan.prices
    }
    with school.writing(school.boss) as ctx:
        for amount in (1200_00, 1500_00, None):
            price = PriceIn(currency=Currency.KES, interval=Interval.MONTH, amount=amount)
            plan = subscriptions.set_price(ctx, plan.id, price=price)
        subscriptions.change_plan(ctx, plan.id, change=PlanChange(title="Better"))
        [shown] = products.browse(ctx).items
        assert shown.title == "Better" and [each.id for each in shown.prices] == [each.id for each in plan.prices]
        for refused in (
            lambda: products.change(ctx, plan.id, change=ProductChange(title="By hand")),
            lambda: products.set_price(ctx, plan.id, price=ProductPriceIn(amount=1, currency=Currency.KES)),
            lambda: orders.add(ctx, item=CartItemIn(product_id=plan.id)),
        ):
            with pytest.raises(Invalid):
                refused()
        subscriptions.change_plan(ctx, plan.id, change=PlanChange(active=False))
        assert products.browse(ctx).items == []
    with pytest.raises(Invalid):
        sell(school.database, school.boss, plan.id, kind="plan", title="By hand")


def test_from_the_shelf_to_an_open_course(school: School, client: TestClient) -> None:
    everything = school.plan(scope="all", title="Everything", month=800_00)
    sell(school.database, school.boss, school.ice.id)
    asha = create_person(school.database)
    send = browse(client, asha)
    shelf = client.get("/pricing").text
    assert "Subscribe for KES 800.00" in shelf and 'href="/plans"' in shelf and "Open with my plan" not in shelf
    assert 'href="/pricing"' in client.get("/plans").text
    [price] = re.findall(r'action="/subscription/begin".*?name="price_id" value="([^"]+)"', shelf)
    assert price == str(everything.prices[0].id)
    assert "Waits for payment" in send("/subscription/begin", price_id=price).text
    assert "Open with my plan" not in client.get(f"/courses/{school.ice.slug}").text
    school.pay(asha)
    course = client.get(f"/courses/{school.ice.slug}").text
    assert "Open with my plan" in course and "Buy this course" not in course
    assert "Open with my plan" in client.get("/pricing").text
    opened = send(f"/subscription/courses/{school.ice.id}")
    assert opened.url.path == f"/courses/{school.ice.slug}" and school.open_to(asha) == {"Ice"}
    assert "Open with my plan" not in client.get(f"/courses/{school.ice.slug}").text
    client.cookies.clear()
    assert "Open with my plan" not in client.get(f"/courses/{school.ice.slug}").text


def test_the_pages_of_seats_and_allowances(
    school: School, client: TestClient, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    plan = school.plan(school.ice)
    send = browse(client, school.boss)
    at = f"/finance/plans/{plan.id}"
    wrong = {"metric": "assistant_questions", "included": "5", "most_beyond": "3"}
    assert send(f"{at}/allowances", **wrong).status_code == 422  # no price
    assert send(f"{at}/allowances", **wrong, beyond_price="x").status_code == 422
    told = send(f"{at}/allowances", **wrong, beyond_price="12.50", currency="KES").text
    assert "5 a month" in told and "KES 12.50" in told
    owner, asha = create_person(school.database), create_person(school.database, full_name="Asha Otieno")
    send = browse(client, owner)
    assert "Questions to the assistant: 5 a month" in client.get("/plans").text
    price = str(plan.prices[0].id)
    assert send("/subscription/begin", price_id=price, seats="0").status_code == 422
    assert "KES 3,000.00" in send("/subscription/begin", price_id=price, seats="3", own_seat="no").text
    school.pay(owner)
    page = client.get("/subscription").text
    assert "3 seats" in page and "Keep one seat for me" in page
    assert send("/subscription/seats/give", emails="nobody").status_code == 422
    assert asha.email in send("/subscription/seats/give", emails=f"{asha.email},\nb@example.org").text
    school.settle()
    assert send("/subscription/seats/give", emails="c@example.org d@example.org").status_code == 409
    asked = client.get("/subscription?seats=5").text
    assert "KES 5,000.00" in asked and "KES 2,000.00" in asked
    assert client.get("/subscription?seats=x").status_code == 422
    assert "To pay: KES 2,000.00" in send("/subscription/seats", seats="5").text
    assert send("/subscription/seats", seats="1").status_code == 409
    token = re.findall(r"/seats\?token=([\w-]+)", mailbox()[0].get_content())[0]
    withdraw = re.findall(r"/subscription/seats/([0-9a-f-]{36})/withdraw", client.get("/subscription").text)

    client.cookies.clear()
    assert "Log in" in client.get(f"/seats?token={token}").text
    send = browse(client, asha)
    assert "pays a seat of this plan for you" in client.get(f"/seats?token={token}").text
    assert client.get("/seats?token=" + "x" * 30).status_code == 404
    taken = send("/seats", token=token).text
    assert "pays this seat for you" in taken and "0 of 5" in taken and school.ice.slug in taken
    assert send(f"/subscription/seats/{withdraw[0]}/withdraw").status_code == 404  # not hers to withdraw
    client.cookies.set("mwalimu_language", "sw")
    assert "anakulipia nafasi hii" in client.get("/subscription").text

    client.cookies.clear()
    send = browse(client, owner)
    assert "Taken by Asha Otieno" in client.get("/subscription").text
    assert asha.email not in send(f"/subscription/seats/{withdraw[0]}/withdraw").text
    assert school.open_to(asha) == set()
    send = browse(client, school.boss)
    assert "3 seats" in client.get("/finance/plans").text


def test_seats_over_http(school: School, client: TestClient) -> None:
    owner = school.subscribed(school.plan(school.ice), seats=3)
    headers, at = log_in(client, owner), "/api/v1/subscription/seats"
    said = client.get(f"{at}/preview?seats=4", headers=headers).json()
    assert (said["seats"], said["due"]) == (4, 1000_00)
    given = client.post(at, json={"emails": ["a@example.org", "b@example.org"]}, headers=headers)
    assert given.status_code == 201 and len(given.json()) == 2
    assert client.post(at, json={"emails": ["c@example.org"]}, headers=headers).json()["code"] == "seats_taken"
    seats = client.get(at, headers=headers).json()["items"]
    assert client.delete(f"{at}/{seats[0]['id']}", headers=headers).status_code == 204
    assert client.delete(f"{at}/{seats[0]['id']}", headers=headers).json()["code"] == "seat_not_found"
    fewer = client.put(at, json={"seats": 2}, headers=headers).json()
    assert fewer["due"] is None and fewer["subscription"]["credit"] == 1000_00
    other = log_in(client, create_person(school.database))
    assert client.delete(f"{at}/{seats[1]['id']}", headers=other).json()["code"] == "no_subscription"
    assert client.get("/api/v1/seats?token=" + "x" * 30).json()["code"] == "seat_not_found"
