"""Affiliates, the institution's bank account, and what waits for a decision: over HTTP, as people at the finances and
those they deal with see it."""

from collections.abc import Callable
from email.message import EmailMessage
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.payments import service as payments
from lms_core.commerce.revenue import service as revenue
from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.api.test_finance_pages import well_made
from tests.api.test_pages import Visitor
from tests.factories.courses import Made, create_course, statements
from tests.factories.finances import a_month
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.shop import API, begin, open_sandbox, order, sell, succeed
from tests.lms_core.commerce.paying import open_shop
from tests.lms_core.commerce.scripted import install
from tests.lms_core.commerce.test_paying_callbacks import at_till, tell
from workers.runtime import Runtime

Drain = Callable[[], int]
AFFILIATES, BANK = "/finance/affiliates", "/finance/bank-accounts"
ACCOUNT = {"holder": "Mwalimu College", "account": "0123-456 789", "bank": "KCB", "branch": "Kisumu", "swift": ""}


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def desk(runtime: Runtime, admin: Person) -> Visitor:
    return Visitor(runtime).log_in(admin)


@pytest.fixture
def course(runtime: Runtime) -> Made:
    return create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))


def test_from_an_affiliates_link_to_what_they_earn(
    runtime: Runtime, client: TestClient, drain: Drain, desk: Visitor, admin: Person, course: Made
) -> None:
    partner = create_person(runtime.database, full_name="Nanjala Wafula")
    product = sell(runtime.database, admin, course.id, 116_000)
    form = {"email": partner.email, "code": "NANJALA", "percent": "10", "window_days": "30"}
    for wrong, said in (
        ({"email": "nobody@example.org"}, "Nobody here has this address."),
        ({"code": "a b"}, "3 to 40 letters"),
        ({"percent": "101"}, "percentage from 0 to 100"),
        ({"window_days": "0"}, "from 1 to 365"),
    ):
        refused = desk.post(AFFILIATES, {**form, **wrong}, page=AFFILIATES)
        assert refused.status_code == 422 and said in well_made(refused), wrong
    assert "/via/NANJALA" in desk.post(AFFILIATES, form, page=AFFILIATES).text
    twice = desk.post(AFFILIATES, {**form, "code": "OTHER"}, page=AFFILIATES)
    assert twice.status_code == 409 and "has a link already" in twice.text

    own = Visitor(runtime).log_in(partner)
    own.get("/via/NANJALA")  # to try it; counts for nothing
    Visitor(runtime).get("/via/NANJALA")
    buyer = create_person(runtime.database)
    browser = Visitor(runtime).log_in(buyer)
    browser.get("/via/nanjala")
    headers = log_in(client, buyer)
    account = open_sandbox(runtime.database, admin)
    placed = order(client, headers, product.id)
    succeed(runtime.database, admin.tenant_id, begin(client, headers, placed["id"], account))
    drain()
    with runtime.database.read(actor_of(runtime.database, admin)) as ctx:
        [seen] = revenue.affiliates(ctx).items
    assert (seen.name, seen.visits, seen.orders) == ("Nanjala Wafula", 2, 1)
    [came] = seen.sums
    assert (came.sold, came.earned, came.paid) == (116_000, 11_600, 0)
    shown = well_made(desk.get(AFFILIATES))
    assert "KES 1,160.00" in shown and "KES 116.00" in shown
    mine = well_made(own.get("/earnings"))
    assert "/via/NANJALA" in mine and "KES 116.00" in mine and "Your link" not in browser.get("/earnings").text

    change = {"percent": "5", "window_days": "7"}  # without `active`: the link counts no longer
    assert "stopped" in desk.post(f"{AFFILIATES}/{seen.id}", change, page=AFFILIATES).text
    refused = desk.post(f"{AFFILIATES}/{seen.id}", {**change, "percent": "much"}, page=AFFILIATES)
    assert refused.status_code == 422 and 'value="much"' in well_made(refused)
    Visitor(runtime).get("/via/NANJALA")
    assert client.get(f"{API}/finance/affiliates", headers=log_in(client, admin)).json()["items"][0]["visits"] == 2
    assert own.get(AFFILIATES).status_code == 403


def test_affiliates_cost_the_same_however_many_there_are(runtime: Runtime, desk: Visitor) -> None:
    def add(number: int) -> None:
        person = create_person(runtime.database)
        form = {"email": person.email, "code": f"CODE{number}", "percent": "10", "window_days": "30"}
        assert desk.post(AFFILIATES, form, page=AFFILIATES).status_code == 200

    def cost() -> int:
        with statements(runtime.database) as sent:
            desk.get(AFFILIATES)
        return len(sent)

    add(1)
    desk.get(AFFILIATES)
    one = cost()
    add(2)
    add(3)
    assert cost() == one <= 8


def test_payers_are_shown_the_bank_account_of_their_currency(
    runtime: Runtime, client: TestClient, desk: Visitor, admin: Person, course: Made
) -> None:
    product = sell(runtime.database, admin, course.id)
    buyer = create_person(runtime.database)
    headers = log_in(client, buyer)
    checkout = f"/checkout/{order(client, headers, product.id)['id']}"
    browser = Visitor(runtime).log_in(buyer)
    assert "Account number" not in browser.get(checkout).text
    for wrong, said in (({"account": "12"}, "4 to 34"), ({"swift": "KCB"}, "SWIFT"), ({"bank": ""}, "bank&#39;s name")):
        refused = desk.post(BANK, {"currency": "KES", **ACCOUNT, **wrong}, page=BANK)
        assert refused.status_code == 422 and said in well_made(refused), wrong
    assert "0123456789" in well_made(desk.post(BANK, {"currency": "KES", **ACCOUNT}, page=BANK))
    dollars = {**ACCOUNT, "account": "987654321", "swift": "kcblkenx"}
    finance = log_in(client, admin)
    put = client.put(f"{API}/finance/bank-accounts/USD", json=dollars, headers=finance)
    assert put.status_code == 200 and put.json()["swift"] == "KCBLKENX"
    with runtime.database.read(actor_of(runtime.database, buyer)) as ctx:
        reference = payments.of_purpose(ctx, ("order", UUID(checkout.rsplit("/", 1)[1])))[0].reference
    shown = well_made(browser.get(checkout))
    assert "0123456789" in shown and "987654321" not in shown and shown.count(reference) == 2
    assert client.put(f"{API}/finance/bank-accounts/KES", json=ACCOUNT, headers=headers).status_code == 403
    assert browser.get(BANK).status_code == 403
    assert "0123456789" not in desk.post(f"{BANK}/KES/remove", page=BANK).text
    assert desk.post(f"{BANK}/KES/remove", page=BANK).status_code == 404
    assert "Account number" not in browser.get(checkout).text
    assert [each["currency"] for each in client.get(f"{API}/finance/bank-accounts", headers=finance).json()] == ["USD"]


def test_slips_and_batches_are_told_to_those_who_decide(
    runtime: Runtime, clock: MovingClock, drain: Drain, client: TestClient, course: Made,
    mailbox: Callable[[], list[EmailMessage]],
) -> None:  # fmt: skip
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    second = create_person(runtime.database, role=Role.ADMIN, full_name="Second Signature")
    month = a_month(runtime, clock, drain, client, course, teacher)
    told = {(each["to"], each["subject"]) for each in mailbox()}
    assert any(second.email in to and subject == "A bank slip waits" for to, subject in told)
    waits = "Payouts wait for your approval"
    assert {to for to, subject in told if subject == waits} == {to for to, _ in told if second.email in to}
    at = Visitor(runtime).log_in(second)
    bell = at.get("/notifications").text
    assert waits in bell and "Batch 1 of KES 965.52" in bell
    assert waits not in Visitor(runtime).log_in(month.admin).get("/notifications").text  # who handed it in knows


def test_what_failed_is_worked_on_again_and_what_is_forged_is_not(
    runtime: Runtime, desk: Visitor, drain: Drain
) -> None:
    install(runtime.database)
    shop = at_till(open_shop(runtime.database))
    tell(shop, {"about": "charge", "dedupe": "foreign", "reference": "NOBODYS"})
    tell(shop, {"about": "charge", "dedupe": "forged"}, word="not the word")
    page = "/finance/reconciliation/messages"
    waiting = well_made(desk.get(f"{page}?verdict=failed"))
    assert waiting.count("/replay") == 1  # nobody worked on it yet
    drain()
    failed = well_made(desk.get(f"{page}?verdict=failed"))
    assert "it is about a payment that is not ours" in failed and failed.count("/replay") == 1
    forged = well_made(desk.get(f"{page}?verdict=forged"))
    assert "the word is wrong" in forged and "/replay" not in forged
    desk.client.cookies.set("mwalimu_language", "sw")
    assert "unahusu malipo yasiyo yetu" in desk.get(page).text
    with runtime.database.read(shop.finance) as ctx:
        [record] = payments.list_callbacks(ctx, failed=True).items
    assert desk.post(f"{page}/{record.id}/replay", page=page).status_code == 200
    with runtime.database.read(shop.finance) as ctx:
        assert payments.list_callbacks(ctx, failed=True).items[0].processed_at is None
    drain()
    with runtime.database.read(shop.finance) as ctx:
        assert payments.list_callbacks(ctx, failed=True).items[0].processed_at is not None
