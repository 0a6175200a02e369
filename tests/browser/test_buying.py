"""A learner buys a course with a phone: the prompt answered, cancelled, and missed and answered late."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.web.rendering import FOLDER, LANGUAGE_COOKIE
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.schemas import AccountIn, AccountView
from lms_core.kit import i18n
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.browser.conftest import PHONE, Site, log_in
from tests.factories.people import actor_of, create_person
from tests.factories.shop import sell
from tests.simulators.payments.airtel import Airtel
from tests.simulators.payments.base import Simulator
from tests.simulators.payments.daraja import Daraja

PRICE = 150_000  # cents of a shilling


@dataclass
class Phones:
    """Safaricom and Airtel."""

    mpesa: Daraja
    airtel: Airtel


@pytest.fixture
def phones() -> Iterator[Phones]:
    """Both providers, running."""
    with ExitStack() as open_ones:
        yield Phones(open_ones.enter_context(Daraja()), open_ones.enter_context(Airtel()))


@pytest.fixture
def settings(settings: Settings, phones: Phones) -> Settings:
    """An installation whose operator lets it speak to both."""
    return settings.model_copy(update={"payment_hosts": f"{phones.mpesa.host},{phones.airtel.host}"})


@pytest.fixture
def accounts(site: Site, phones: Phones) -> dict[str, AccountView]:
    """The institution's accounts at both, M-Pesa first; the course is for sale."""
    admin = create_person(site.runtime.database, role=Role.ADMIN)
    sell(site.runtime.database, admin, site.course.id, PRICE)
    made = {}
    for provider in (phones.mpesa, phones.airtel):
        given = AccountIn(
            gateway=provider.name, mode=Mode.TEST, name=provider.name, values=provider.credentials | provider.options,
            base_url=provider.base_url, is_default=provider is phones.mpesa,
        )  # fmt: skip
        actor = actor_of(site.runtime.database, admin)
        made[provider.name] = payments.save_account(site.runtime.database, actor, account=given)
        assert made[provider.name].enabled, made[provider.name].health
    return made


def tell(site: Site, account: AccountView, provider: Simulator, reference: str) -> None:
    """The provider's callbacks arrive at the account's address."""
    sent = provider.callbacks(reference)
    assert sent
    for each in sent:
        path = urlsplit(account.callback_url).path + (f"/{each.topic}" if each.topic else "")
        answered = httpx.post(f"{site.url}{path}", content=each.body, headers=each.headers, params=each.query)
        assert answered.status_code == 200, answered.text


def to_checkout(page: Page, site: Site) -> None:
    """From the course's page to the question of how to pay."""
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    page.get_by_role("button", name="Buy this course").click()
    page.wait_for_url("**/cart")
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/checkout/*")


def ask_phone(page: Page, way: str, number: str) -> None:
    """Choose a way, fill in the phone's number, and see the prompt announced."""
    page.get_by_label("Phone number").fill(number)
    page.get_by_role("radio", name=way).check()
    page.get_by_role("button", name="Pay KES 1,500").click()
    expect(page.get_by_role("heading", name="Look at your phone")).to_be_visible()


def inside(page: Page, site: Site) -> None:
    """From the paid order into the first lesson."""
    page.get_by_role("link", name="Open “Money and M-Pesa”").click()
    page.wait_for_url(f"**/courses/{site.course.slug}")
    page.get_by_role("link", name="Start the first lesson").click()
    page.wait_for_url("**/lessons/*")


def paid(site: Site, page: Page) -> int:
    """What the learner's one order says it cost, in cents; it is complete."""
    [order] = page.request.get(f"{site.url}/api/v1/orders").json()["items"]
    assert order["state"] == "fulfilled"
    return int(order["total"])


def test_a_course_is_bought_by_mpesa(
    site: Site, page: Page, look: Callable[..., None], phones: Phones, accounts: dict[str, AccountView]
) -> None:
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    look("course-for-sale")
    page.get_by_role("button", name="Buy this course").click()
    page.wait_for_url("**/cart")
    look("cart")
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/checkout/*")
    look("checkout")
    ask_phone(page, "M-Pesa", "0712 345 678")
    [prompt] = phones.mpesa.prompts
    assert (prompt.phone, prompt.amount) == ("254712345678", 1500)
    look("checkout-prompt")
    phones.mpesa.pay(prompt.reference)
    tell(site, accounts["daraja"], phones.mpesa, prompt.reference)
    expect(page.get_by_role("heading", name="Thank you! Everything is ready")).to_be_visible()
    look("checkout-paid")
    assert paid(site, page) == phones.mpesa.charged(prompt.reference) == PRICE
    inside(page, site)


def test_a_cancelled_prompt_and_then_another_way(
    site: Site, page: Page, look: Callable[..., None], phones: Phones, accounts: dict[str, AccountView]
) -> None:
    to_checkout(page, site)
    ask_phone(page, "M-Pesa", "0712 345 678")
    [prompt] = phones.mpesa.prompts
    phones.mpesa.fail(prompt.reference, "cancelled")
    tell(site, accounts["daraja"], phones.mpesa, prompt.reference)
    expect(page.get_by_text("The prompt was cancelled on the phone. Nothing was taken.")).to_be_visible()
    look("checkout-cancelled")
    ask_phone(page, "Airtel Money", "0733 345 678")
    [(reference, _)] = phones.airtel.prompts.items()
    phones.airtel.pay(reference)
    tell(site, accounts["airtel"], phones.airtel, reference)
    expect(page.get_by_role("heading", name="Thank you! Everything is ready")).to_be_visible()
    assert phones.mpesa.charged(prompt.reference) == 0
    assert paid(site, page) == phones.airtel.charged(reference) == PRICE
    inside(page, site)


def test_a_prompt_that_is_missed_and_paid_late_opens_the_course(
    site: Site, page: Page, look: Callable[..., None], phones: Phones, accounts: dict[str, AccountView]
) -> None:
    to_checkout(page, site)
    ask_phone(page, "M-Pesa", "0712 345 678")
    [prompt] = phones.mpesa.prompts
    phones.mpesa.fail(prompt.reference, "timeout")
    tell(site, accounts["daraja"], phones.mpesa, prompt.reference)
    expect(page.get_by_text("The phone did not answer in time.")).to_be_visible()
    look("checkout-timeout")
    phones.mpesa.pay(prompt.reference)
    tell(site, accounts["daraja"], phones.mpesa, prompt.reference)
    late = page.get_by_role("heading", name="Thank you! Everything is ready")
    while not late.count():  # this page waits for an answer of the learner, not of a phone
        page.wait_for_timeout(300)
        page.reload()
    assert paid(site, page) == phones.mpesa.charged(prompt.reference) == PRICE
    inside(page, site)


def test_the_checkout_in_swahili_on_a_phone(
    site: Site, page: Page, look: Callable[..., None], phones: Phones, accounts: dict[str, AccountView]
) -> None:
    said = i18n.catalogue(FOLDER / "locales", "sw").gettext
    log_in(page, site, site.learner)
    page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "sw", "url": site.url}])
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{site.url}/courses/{site.course.slug}")
    page.get_by_role("button", name=said("Buy this course")).click()
    page.wait_for_url("**/cart")
    page.get_by_role("button", name=said("Order and pay")).click()
    page.wait_for_url("**/checkout/*")
    fields = page.locator("main form").first.locator("input:not([type=hidden])")
    assert fields.first.get_attribute("name") == "phone"  # before anything else

    def ask(way: str, number: str) -> None:
        page.get_by_label(said("Phone number")).fill(number)
        page.get_by_role("radio", name=way).check()
        page.locator("main form button.wide").first.click()
        expect(page.get_by_role("heading", name=said("Look at your phone"))).to_be_visible()

    ask("M-Pesa", "0712 345 678")
    look("checkout-prompt-swahili", kept=False, briefly=True)
    [prompt] = phones.mpesa.prompts
    phones.mpesa.fail(prompt.reference, "cancelled")
    tell(site, accounts["daraja"], phones.mpesa, prompt.reference)
    expect(page.get_by_text(said("The prompt was cancelled on the phone. Nothing was taken."))).to_be_visible()
    look("checkout-cancelled-swahili", kept=False, briefly=True)
    ask("Airtel Money", "0733 345 678")
    [(reference, _)] = phones.airtel.prompts.items()
    phones.airtel.pay(reference)
    tell(site, accounts["airtel"], phones.airtel, reference)
    expect(page.get_by_role("heading", name=said("Thank you! Everything is ready"))).to_be_visible()
    look("checkout-paid-swahili", kept=False, briefly=True)
    assert paid(site, page) == PRICE
