"""The pages of the finances and of the shop after a busy month, and before the first sale.

Axe finds nothing on any of them, wide or on a phone, light or dark, and nothing reaches beyond the window.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.browser.conftest import Site, log_in, served
from tests.factories.courses import create_course
from tests.factories.finances import Month, a_month
from tests.factories.people import Person, create_person
from workers.runtime import Runtime


@dataclass(frozen=True)
class Office:
    """A server after a busy month."""

    site: Site
    month: Month


@pytest.fixture
def office(runtime: Runtime, clock: MovingClock, drain: Callable[[], int], client: TestClient) -> Iterator[Office]:
    """The finances of an institution that sells."""
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Otieno")
    course = create_course(runtime.database, teacher, title="Money and M-Pesa")
    month = a_month(runtime, clock, drain, client, course, teacher)
    client.cookies.clear()
    with served(runtime) as url:
        yield Office(Site(url, runtime, teacher, month.buyer, course), month)


def visit(page: Page, look: Callable[..., None], url: str, paths: dict[str, str]) -> None:
    """Open and look at pages, each by its name."""
    for name, path in paths.items():
        answer = page.goto(f"{url}{path}")
        assert answer is not None and answer.status == 200, (path, answer and answer.status)
        look(name, kept=False, briefly=True)


def enter(page: Page, url: str, person: Person) -> None:
    """Log in, at another browser than before."""
    page.context.clear_cookies()
    page.goto(f"{url}/login")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.locator("main").get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/my-courses")


def test_finances_and_shop_after_a_month(office: Office, page: Page, look: Callable[..., None]) -> None:
    look_at_the_finances(office, page, look)
    page.context.clear_cookies()
    look_at_the_shop(office, page, look)


def look_at_the_finances(office: Office, page: Page, look: Callable[..., None]) -> None:
    """Everything an administrator opens."""
    month, url = office.month, office.site.url
    log_in(page, office.site, month.admin)
    desk = {
        "finance-overview": "",
        "finance-orders": "/orders",
        "finance-order": f"/orders/{month.paid_order}",
        "finance-payments": "/payments",
        "finance-payment": f"/payments/{month.payment_id}",
        "finance-refunds": "/refunds",
        "finance-documents": "/documents",
        "finance-seller": "/documents/seller",
        "finance-products": "/products",
        "finance-product": f"/products/{month.product_id}",
        "finance-coupons": "/coupons",
        "finance-taxes": "/taxes",
        "finance-accounts": "/accounts",
        "finance-account": f"/accounts/{month.account_id}",
        "finance-bank": "/bank-accounts",
        "finance-comparisons": "/reconciliation",
        "finance-differences": "/reconciliation/differences",
        "finance-deposits": "/reconciliation/deposits",
        "finance-deposit": f"/reconciliation/deposits/{month.deposit_id}",
        "finance-slips": "/reconciliation/slips",
        "finance-messages": "/reconciliation/messages",
        "finance-payouts": "/payouts",
        "finance-batch": f"/payouts/{month.batch_id}",
        "finance-shares": f"/payouts/shares?course={office.site.course.slug}",
        "finance-affiliates": "/affiliates",
        "finance-ledger": "/ledger",
        "finance-transactions": "/ledger/transactions",
        "finance-trial-balance": "/ledger/trial-balance",
    }
    visit(page, look, url, {name: f"/finance{path}" for name, path in desk.items()})


def look_at_the_shop(office: Office, page: Page, look: Callable[..., None]) -> None:
    """What visitors, a buyer, an affiliate and an instructor open."""
    month, url = office.month, office.site.url
    visit(page, look, url, {"shop-pricing": "/pricing"})
    log_in(page, office.site, month.buyer)
    page.goto(f"{url}/pricing")
    page.get_by_role("button", name="Buy Money and M-Pesa").click()
    page.wait_for_url("**/cart")
    buyer = {
        "shop-cart": "/cart",
        "shop-checkout-slip": f"/checkout/{month.open_order}",
        "shop-checkout-over": f"/checkout/{month.cancelled_order}",
        "shop-checkout-opened": f"/checkout/{month.paid_order}",
        "shop-order": f"/orders/{month.paid_order}",
        "shop-invoices": "/invoices",
        "shop-invoice": f"/invoices/{month.invoice_id}",
    }
    visit(page, look, url, buyer)
    page.goto(f"{url}/checkout/{month.open_order}")
    page.get_by_text("Paid by bank: hand in the slip").click()
    expect(page.get_by_text("0123456789")).to_be_visible()
    look("shop-checkout-bank", kept=False, briefly=True)
    enter(page, url, month.affiliate)
    visit(page, look, url, {"earnings-affiliate": "/earnings"})
    enter(page, url, office.site.instructor)
    visit(page, look, url, {"earnings-instructor": "/earnings"})


def test_the_finances_before_the_first_sale(runtime: Runtime, page: Page, look: Callable[..., None]) -> None:
    admin = create_person(runtime.database, role=Role.ADMIN)
    with served(runtime) as url:
        enter(page, url, admin)
        desk = {
            "empty-overview": "", "empty-accounts": "/accounts", "empty-messages": "/reconciliation/messages",
            "empty-affiliates": "/affiliates", "empty-bank": "/bank-accounts",
        }  # fmt: skip
        visit(page, look, url, {name: f"/finance{path}" for name, path in desk.items()})
        visit(page, look, url, {"empty-pricing": "/pricing", "empty-cart": "/cart"})
