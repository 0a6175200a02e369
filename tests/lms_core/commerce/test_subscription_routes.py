"""Plans and subscriptions over HTTP and as pages: who may what, what is shown, and in how many statements."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.subscriptions.models import Way
from lms_core.kit.clock import MovingClock
from tests.factories.courses import statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime

API = "/api/v1"
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


@pytest.fixture
def school(runtime: Runtime, clock: MovingClock) -> School:
    return School(runtime, clock)


class Browser:
    """A person at a browser, who sends the forms of the pages."""

    def __init__(self, client: TestClient, person: Person) -> None:
        client.cookies.clear()
        client.post("/login", data=person.login)
        self.client = client
        self.token = TOKEN.findall(client.get("/plans").text)[0]

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **data: str) -> Any:
        return self.client.post(path, data={"csrf_token": self.token, **data})


def test_finance_makes_a_plan_and_people_see_it_when_it_is_ready(school: School, client: TestClient) -> None:
    boss, asha = log_in(client, school.boss), log_in(client, create_person(school.database))
    given = {"title": "Basic", "features": ["Two courses"], "trial_days": 7}
    assert client.post(f"{API}/finance/plans", json=given).status_code == 401
    assert client.post(f"{API}/finance/plans", json=given, headers=asha).status_code == 403
    assert client.post(f"{API}/finance/plans", json=given | {"trial_days": 91}, headers=boss).status_code == 422
    plan = client.post(f"{API}/finance/plans", json=given, headers=boss).json()
    at = f"{API}/finance/plans/{plan['id']}"
    assert client.patch(at, json={"active": True}, headers=boss).json()["code"] == "plan_not_ready"
    assert client.get(f"{API}/plans/{plan['id']}").status_code == 404
    assert client.get(f"{API}/plans/{plan['id']}", headers=boss).status_code == 200
    courses = {"course_ids": [str(school.ice.id), str(school.ice.id)]}
    assert len(client.put(f"{at}/courses", json=courses, headers=boss).json()["courses"]) == 1
    for amount in (1000_00, 1200_00):
        price = {"currency": "KES", "interval": "month", "amount": amount}
        assert client.put(f"{at}/prices", json=price, headers=boss).status_code == 200
    assert client.patch(at, json={"active": True}, headers=boss).json()["active"] is True
    [shown] = client.get(f"{API}/plans").json()["items"]
    assert [each["amount"] for each in shown["prices"]] == [1200_00] and shown["courses"][0]["title"] == "Ice"
    none = {"currency": "KES", "interval": "month", "amount": None}
    assert client.put(f"{at}/prices", json=none, headers=boss).json()["code"] == "plan_not_ready"
    for path in ("finance/plans", "finance/subscriptions", "finance/subscriptions/figures"):
        assert client.get(f"{API}/{path}", headers=asha).status_code == 403
        assert client.get(f"{API}/{path}", headers=boss).status_code == 200


def test_a_subscription_from_checkout_to_its_end(school: School, client: TestClient) -> None:
    basic, full = school.plan(school.ice), school.plan(school.ice, school.steam, month=2500_00, title="Full")
    asha = create_person(school.database)
    headers, price = log_in(client, asha), str(school.price(basic))
    assert client.get(f"{API}/subscription/status", headers=headers).json()["subscription"] is None
    assert client.get(f"{API}/subscription/status").status_code == 401
    assert client.post(f"{API}/subscription/cancel", json={}, headers=headers).json()["code"] == "no_subscription"
    phone = {"price_id": price, "way": "phone"}
    assert client.post(f"{API}/subscription/checkout", json=phone, headers=headers).status_code == 422
    made = client.post(f"{API}/subscription/checkout", json={"price_id": price}, headers=headers)
    assert made.status_code == 201 and made.json()["due"]["amount"] == 1000_00
    due = client.post(f"{API}/subscription/due", headers=headers).json()
    assert due["intent_id"] == made.json()["due"]["intent_id"]
    school.pay(asha)
    again = client.post(f"{API}/subscription/checkout", json={"price_id": price}, headers=headers)
    assert again.json()["code"] == "already_subscribed"
    way = client.put(f"{API}/subscription/way", json={"way": "phone", "phone": "0712345678"}, headers=headers)
    assert way.json()["phone"] == "2547***678"
    strange = {"way": "saved", "method_id": price}
    assert client.put(f"{API}/subscription/way", json=strange, headers=headers).status_code in (404, 409, 422)
    change = client.get(f"{API}/subscription/change?price_id={school.price(full)}", headers=headers).json()
    assert change["credit"] + change["due"] == change["charge"] == 2500_00
    asked = client.post(f"{API}/subscription/change", json={"price_id": change["price_id"]}, headers=headers).json()
    assert asked["due"]["kind"] == "change"
    assert client.delete(f"{API}/subscription/change", headers=headers).json()["due"] is None
    assert client.post(f"{API}/subscription/pause", json={}, headers=headers).json()["state"] == "paused"
    assert client.post(f"{API}/subscription/pause", json={}, headers=headers).json()["code"] == "subscription_state"
    assert client.post(f"{API}/subscription/resume", headers=headers).json()["state"] == "active"
    other = f"{API}/subscription/courses/{school.steam.slug}"
    assert client.post(other, headers=headers).status_code == 404
    ended = client.post(f"{API}/subscription/cancel", json={"when": "now"}, headers=headers).json()
    assert (ended["state"], ended["open"]) == ("cancelled", False)


def test_lists_take_the_same_statements_whatever_their_length(school: School, client: TestClient) -> None:
    plan, headers = school.plan(school.ice, school.steam), log_in(client, school.boss)
    for _ in range(3):
        school.subscribed(plan)
    counts: dict[str, list[int]] = {}
    for turn in range(2):
        for path in ("plans", "finance/plans", "finance/subscriptions", "finance/subscriptions/figures"):
            client.get(f"{API}/{path}", headers=headers)
            with statements(school.database) as sent:
                assert client.get(f"{API}/{path}", headers=headers).status_code == 200
            counts.setdefault(path, []).append(len(sent))
        if not turn:
            for _ in range(4):
                school.plan(school.ice, school.steam)
                school.subscribed(plan)
    assert all(before == after for before, after in counts.values()), counts
    listed = client.get(f"{API}/finance/subscriptions?state=active", headers=headers).json()
    assert len(listed["items"]) == 7 and listed["items"][0]["person"] == "Asha Otieno"
    assert client.get(f"{API}/finance/subscriptions?state=paused", headers=headers).json()["items"] == []
    told = client.get(f"{API}/finance/subscriptions/figures", headers=headers).json()
    assert told == {"states": {"active": 7}, "monthly": {"KES": 7000_00}}


def test_ones_own_page_takes_the_same_statements_after_a_year(school: School, client: TestClient) -> None:
    asha = school.subscribed(school.plan(school.ice, school.steam), way=Way.SAVED)
    headers = log_in(client, asha)

    def count() -> int:
        client.get(f"{API}/subscription/status", headers=headers)
        with statements(school.database) as sent:
            client.get(f"{API}/subscription/status", headers=headers)
        return len(sent)

    first = count()
    for _ in range(12):
        school.move_to(school.row(asha).ends_at)
        school.look()
    headers = log_in(client, asha)
    assert count() == first and first <= 14


def test_the_pages_from_choosing_a_plan_to_cancelling(school: School, client: TestClient) -> None:
    basic, full = school.plan(school.ice), school.plan(school.ice, school.steam, month=2500_00, title="Full & more")
    seen = client.get("/plans")
    assert seen.status_code == 200 and "KES 1,000.00" in seen.text and "Full &amp; more" in seen.text
    form, as_browser = {"price_id": str(school.price(basic))}, {"accept": "text/html"}
    sent = client.post("/subscription/begin", data=form, headers=as_browser, follow_redirects=False)
    assert sent.status_code == 303 and sent.headers["location"].startswith("/login")
    asha = create_person(school.database)
    browser = Browser(client, asha)
    assert "You have no subscription" in browser.get("/subscription").text
    begun = browser.post("/subscription/begin", price_id=str(school.price(basic)))
    assert "Waits for payment" in begun.text and "Pay with Till" in begun.text
    school.till.mood = "open"
    pay = {"account_id": str(school.account_id), "phone": "0712345678"}
    waiting = browser.post("/subscription/pay", **pay)
    assert "Look at your phone" in waiting.text and "subscription.js" in waiting.text
    assert browser.post("/subscription/pay", **pay).status_code == 409  # the prompt is still open
    school.till.decide("paid")
    school.days(0.01)
    running = browser.get("/subscription").text
    assert "Subscription runs" in running and f"/courses/{school.ice.slug}" in running
    told = browser.get(f"/subscription?price={school.price(full)}").text
    assert "31 unused days of your plan" in told and "KES 1,500.00" in told
    assert browser.get(f"/subscription?price={school.price(basic)}").status_code == 409
    browser.post("/subscription/change", price_id=str(school.price(full)), when="period_end")
    assert "From the next term on" in browser.get("/subscription").text
    browser.post("/subscription/keep")
    assert "From the next term on" not in browser.get("/subscription").text
    assert browser.post("/subscription/way", way="phone", phone="0712345678").status_code == 200
    assert "2547***678" in browser.get("/subscription").text
    assert browser.post("/subscription/way", way="saved", method_id=str(asha.id)).status_code >= 400
    assert browser.post("/subscription/pause", until="tomorrow").status_code == 422
    assert "It rests until" in browser.post("/subscription/pause", until="2026-03-01").text
    assert "Your subscription goes on." in browser.post("/subscription/resume").text
    assert "is not renewed" in browser.post("/subscription/cancel", when="period_end").text
    client.cookies.set("mwalimu_language", "sw")
    assert "Usajili wangu" in browser.get("/subscription").text and "Mipango ya usajili" in browser.get("/plans").text
    assert browser.get("/finance/plans").status_code == 403


def test_finance_makes_plans_on_pages(school: School, client: TestClient) -> None:
    browser = Browser(client, school.boss)
    made = browser.post("/finance/plans", title="Basic", features="One\nTwo", vat="16", trial_days="7")
    at = made.url.path
    assert made.status_code == 200 and at.startswith("/finance/plans/")
    assert browser.post("/finance/plans", title="", vat="x").status_code == 422
    assert browser.post(f"{at}/offer", active="yes").status_code == 409
    browser.post(f"{at}/courses", course=str(school.ice.id), action="add")
    bad = {"currency": "KES", "interval": "month"}
    assert browser.post(f"{at}/prices", **bad, amount="12.345").status_code == 422
    browser.post(f"{at}/prices", **bad, amount="1,500.50")
    browser.post(f"{at}/offer", active="yes")
    changed = browser.post(at, title="Better", vat="8", scope="courses", features="One")
    assert "Better" in changed.text
    [plan] = client.get(f"{API}/plans").json()["items"]
    assert (plan["title"], plan["tax_rate"], plan["prices"][0]["amount"]) == ("Better", 800, 1500_50)
    asha = create_person(school.database)
    school.checkout(asha, school.plan(school.steam))
    listed = browser.get("/finance/plans").text
    assert "Better" in listed and asha.email in listed and "Waits for payment" in listed
    assert browser.post(f"{at}/courses", course=str(school.ice.id), action="remove").status_code == 409
