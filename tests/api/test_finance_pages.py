"""The pages of payments, refunds and reconciliation over HTTP, and a payer's bank slip at the checkout."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from httpx import Response

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.models import Mismatch
from lms_core.commerce.payments.schemas import AccountChange
from lms_core.commerce.payments.service import telling
from lms_core.commerce.payments.states import IntentState, ManualState, MismatchKind, MoveState, RefundWay
from lms_core.kit.permissions import Role
from tests.api.test_pages import TOKEN, Visitor
from tests.factories.courses import create_course, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.shop import order, sell
from tests.lms_core.commerce.paying import Shop, open_shop
from tests.lms_core.commerce.scripted import Till, install
from tests.lms_core.commerce.test_paying_back import PDF, bought, sent_by_itself
from tests.lms_core.commerce.test_paying_callbacks import at_till, tell
from workers.runtime import Runtime

Drain = Callable[[], int]
LISTS = (
    "/finance/payments",
    "/finance/refunds",
    "/finance/reconciliation",
    "/finance/reconciliation/differences",
    "/finance/reconciliation/deposits",
    "/finance/reconciliation/slips",
    "/finance/reconciliation/messages",
)
RECONCILIATION = "/finance/reconciliation"


@pytest.fixture
def till(runtime: Runtime) -> Till:
    """A provider that says what it is told to."""
    return install(runtime.database)


@pytest.fixture
def shop(runtime: Runtime, till: Till) -> Shop:
    """A shop with an account at the till."""
    return at_till(open_shop(runtime.database))


@pytest.fixture
def desk(runtime: Runtime) -> Visitor:
    """Somebody in finance, at their browser."""
    return Visitor(runtime).log_in(create_person(runtime.database, role=Role.ADMIN))


def well_made(answer: Response) -> str:
    """The page, after a look at what a screen reader needs of it."""
    text = answer.text
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert text.count("<table") == text.count("<caption")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
        if 'type="hidden"' in tag or 'type="checkbox"' in tag or 'type="radio"' in tag:
            continue
        found = re.search(r'\bid="([^"]+)"', tag)
        assert found and f'for="{found.group(1)}"' in text, tag
    for named in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', text):
        assert set(named.split()) <= set(ids), named
    return text


def difference(shop: Shop, about: str) -> str:
    """Something that differs, as a comparison writes it down; its id."""
    with shop.database.write(shop.system) as ctx:
        ours, theirs = {"reference": about, "amount": 5_000}, {"amount": 4_900, "currency": "KES"}
        telling.note(ctx, MismatchKind.AMOUNT, account_id=shop.account.id, about=about, ours=ours, theirs=theirs)
    with shop.database.read(shop.finance) as ctx:
        return str(payments.list_mismatches(ctx).items[0].id)


def hand_in(shop: Shop, who: Person, reference: str) -> str:
    """A slip of the buyer's for an intent of theirs; its id."""
    actor, intent = actor_of(shop.database, who), shop.intent()
    made = payments.hand_in_slip(
        shop.database, actor, intent_id=intent.id, bank_reference=reference, note="", slip=PDF, key=reference
    )
    return str(made.id)


def test_lists_cost_the_same_with_more_rows(shop: Shop, till: Till, desk: Visitor, drain: Drain) -> None:
    def more(number: int) -> None:
        _, paid = bought(shop, till, drain)
        with shop.database.write(shop.finance) as ctx:
            payments.ask_refund(ctx, payment_id=paid.id, amount=100, reason="a part", key=f"key-{number}")
        difference(shop, f"AB{number}")
        sent_by_itself(shop, "NOTHING", 700, receipt=f"R{number}")
        hand_in(shop, shop.buyer, f"FT{number}")
        drain()

    def counts() -> list[int]:
        found = []
        for path in LISTS:
            with statements(shop.database) as sent:
                well_made(desk.get(path))
            found.append(len(sent))
        return found

    more(1)
    desk.get(LISTS[0])
    one = counts()
    more(2)
    more(3)
    assert counts() == one
    assert max(one[:2] + one[3:]) <= 6 and one[2] <= 15


def test_a_refund_is_asked_on_the_page(shop: Shop, till: Till, desk: Visitor, drain: Drain) -> None:
    _, paid = bought(shop, till, drain)
    page = f"/finance/payments/{paid.id}"
    shown = well_made(desk.get(page))
    assert "1,500.00" in shown and paid.reference in shown and "genuine" in shown
    listed = desk.get("/finance/payments?state=succeeded&gateway=till").text
    assert paid.reference in listed and paid.reference not in desk.get("/finance/payments?state=failed").text
    assert paid.reference not in desk.get("/finance/payments?gateway=sandbox").text
    form = {"key": "a-key-of-the-page", "amount": "500", "reason": "half a course"}
    assert desk.post(f"{page}/refund", {**form, "amount": "much"}, page=page).status_code == 422
    assert desk.post(f"{page}/refund", {**form, "reason": " "}, page=page).status_code == 422
    over = desk.post(f"{page}/refund", {**form, "amount": "1500.01"}, page=page)
    assert over.status_code == 409 and 'value="1500.01"' in well_made(over)
    for _ in range(2):  # sent twice, asked once
        assert desk.post(f"{page}/refund", form, page=page).status_code == 200
    with shop.database.read(shop.finance) as ctx:
        (asked,) = payments.list_refunds(ctx).items
    assert (asked.amount.amount, asked.reason) == (50_000, "half a course")
    assert "half a course" in desk.get("/finance/refunds").text and "half a course" in desk.get(page).text


def test_a_refund_by_hand_is_finished(shop: Shop, desk: Visitor) -> None:
    slip = hand_in(shop, shop.buyer, "FT1")
    page = f"{RECONCILIATION}/slips"
    desk.post(f"{page}/{slip}/decide", {"decision": "approve"}, page=page)
    off = AccountChange(enabled=False)  # nothing is left that could send it to a phone
    payments.change_account(shop.database, shop.finance, account_id=shop.account.id, change=off)
    with shop.database.write(shop.finance) as ctx:
        (line,) = payments.list_payments(ctx).items
        asked = payments.ask_refund(ctx, payment_id=line.payment.id, reason="cancelled", key="k")
    finish = f"/finance/refunds/{asked.id}/finish"
    assert asked.way == RefundWay.MANUAL
    empty = desk.post(finish, {"note": " "}, page="/finance/refunds")
    assert empty.status_code == 422 and "aria-invalid" in well_made(empty)
    assert desk.post(finish, {"note": "FT2"}, page="/finance/refunds").status_code == 200
    assert desk.post(finish, {"note": "FT3"}, page="/finance/refunds").status_code == 409
    with shop.database.read(shop.finance) as ctx:
        (done,) = payments.list_refunds(ctx).items
    assert (done.state, done.receipt) == (MoveState.SUCCEEDED, "FT2")


def test_a_difference_is_settled_with_a_note(shop: Shop, desk: Visitor) -> None:
    found, page = difference(shop, "ABC"), f"{RECONCILIATION}/differences"
    assert "The amounts differ" in well_made(desk.get(page))
    empty = desk.post(f"{page}/{found}/resolve", {"note": ""}, page=page)
    assert empty.status_code == 422 and "aria-invalid" in well_made(empty)
    assert desk.post(f"{page}/{found}/resolve", {"note": "asked the bank"}, page=page).url.path == page
    assert "The amounts differ" not in desk.get(page).text
    assert "asked the bank" in desk.get(f"{page}?every=yes").text
    assert desk.post(f"{page}/{found}/resolve", {"note": "again"}, page=page).status_code == 409
    with shop.database.read(shop.finance) as ctx:
        row = ctx.session.get(Mismatch, payments.list_mismatches(ctx, unresolved=False).items[0].id)
        assert row is not None and row.note == "asked the bank"


def test_a_comparison_is_started(shop: Shop, desk: Visitor, drain: Drain) -> None:
    form = {"key": "a-key-of-the-page", "account_id": str(shop.account.id)}
    assert desk.post(RECONCILIATION, {**form, "since": "soon"}, page=RECONCILIATION).status_code == 422
    assert desk.post(RECONCILIATION, {**form, "since": "2020-01-01"}, page=RECONCILIATION).status_code == 422
    assert desk.post(RECONCILIATION, {**form, "account_id": "none"}, page=RECONCILIATION).status_code == 422
    begun = desk.post(RECONCILIATION, form, page=RECONCILIATION)
    assert begun.url.path.startswith(f"{RECONCILIATION}/runs/") and "under way" in well_made(begun)
    drain()
    assert "Nothing differs." in desk.get(begun.url.path).text


def test_money_is_matched_by_reference_or_goes_back(shop: Shop, desk: Visitor, drain: Drain) -> None:
    intent, other = shop.intent(), shop.intent(9_900)
    sent_by_itself(shop, "WRONG", 150_000, receipt="ONE")
    sent_by_itself(shop, "WRONG", 777, receipt="TWO")
    drain()
    with shop.database.read(shop.finance) as ctx:
        ids = {each.receipt: each.id for each in payments.list_deposits(ctx).items}
    one, two = (f"{RECONCILIATION}/deposits/{ids[name]}" for name in ("ONE", "TWO"))
    assert intent.reference in well_made(desk.get(one))
    unknown = desk.post(f"{one}/match", {"reference": "NOPE"}, page=one)
    assert unknown.status_code == 422 and "aria-invalid" in well_made(unknown)
    assert desk.post(f"{one}/match", {"reference": other.reference}, page=one).status_code == 409
    assert desk.post(f"{one}/match", {"reference": intent.reference.lower()}, page=one).status_code == 200
    assert shop.see(intent).state == IntentState.PAID
    assert desk.post(f"{two}/return", {"note": ""}, page=two).status_code == 422
    assert "sent back" in desk.post(f"{two}/return", {"note": "FT9"}, page=two).text
    assert desk.post(f"{two}/return", {"note": "FT9"}, page=one).status_code == 409


def test_a_payer_hands_a_slip_in_and_a_second_person_approves(
    runtime: Runtime, shop: Shop, desk: Visitor, drain: Drain
) -> None:
    seller = create_person(runtime.database, role=Role.ADMIN)
    course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    product = sell(runtime.database, seller, course.id)
    browser = Visitor(runtime)
    placed = order(browser.client, log_in(browser.client, seller), product.id)
    browser.log_in(seller)
    page = f"/checkout/{placed['id']}"
    shown = well_made(browser.get(page))
    assert "Paid by bank: hand in the slip" in shown

    def send(slip: bytes, reference: str = "FT77") -> Response:
        token = TOKEN.search(browser.get(page).text)
        assert token is not None
        data = {"csrf_token": token.group(1), "key": "a-key-of-the-page", "bank_reference": reference}
        return browser.client.post(f"{page}/slip", data=data, files={"slip": ("slip.pdf", slip)})

    assert send(b"MZ no slip").status_code == 422 and send(PDF, " ").status_code == 422
    assert "FT77" in send(PDF).text
    stranger = Visitor(runtime).log_in(create_person(runtime.database))
    form = {"key": "a-key-of-the-page", "bank_reference": "FT78"}
    assert stranger.post(f"{page}/slip", form, page="/").status_code == 404
    with shop.database.read(shop.finance) as ctx:
        (slip,) = payments.list_manual(ctx).items
    slips = f"{RECONCILIATION}/slips"
    address = f"{slips}/{slip.id}/decide"
    assert browser.post(address, {"decision": "approve"}, page=slips).status_code == 403  # their own
    assert desk.post(address, {"decision": "refuse"}, page=slips).status_code == 422  # says no reason
    assert "FT77" in well_made(desk.get(slips))
    assert desk.post(address, {"decision": "approve"}, page=slips).url.path == slips
    drain()
    with shop.database.read(shop.finance) as ctx:
        (slip,) = payments.list_manual(ctx).items
        assert slip.state == ManualState.APPROVED
        assert payments.view(ctx, slip.intent_id).state == IntentState.PAID


def test_messages_are_replayed_unless_they_were_refused(shop: Shop, till: Till, desk: Visitor, drain: Drain) -> None:
    bought(shop, till, drain)
    tell(shop, {"about": "charge", "dedupe": "x", "reference": "X"}, word="another word")
    page = f"{RECONCILIATION}/messages"
    assert "signature does not hold" in well_made(desk.get(f"{page}?verdict=forged"))
    with shop.database.read(shop.finance) as ctx:
        forged, genuine = payments.list_callbacks(ctx).items
    assert "worked on once more" in desk.post(f"{page}/{genuine.id}/replay", page=page).text
    assert desk.post(f"{page}/{forged.id}/replay", page=page).status_code == 422


def test_outsiders_see_and_move_nothing(shop: Shop, runtime: Runtime, desk: Visitor) -> None:
    stranger = Visitor(runtime).log_in(create_person(runtime.database))
    found = difference(shop, "ABC")
    assert {stranger.get(path).status_code for path in LISTS} == {403}
    moves = (
        f"/finance/payments/{uuid4()}/ask",
        f"/finance/refunds/{uuid4()}/finish",
        f"{RECONCILIATION}/differences/{found}/resolve",
        f"{RECONCILIATION}/deposits/{uuid4()}/return",
        f"{RECONCILIATION}/slips/{uuid4()}/decide",
        f"{RECONCILIATION}/messages/{uuid4()}/replay",
    )
    form = {"note": "mine", "decision": "approve"}
    assert {stranger.post(path, form).status_code for path in moves} == {403}
    for path in (f"/finance/payments/{uuid4()}", f"{RECONCILIATION}/runs/{uuid4()}"):
        assert desk.get(path).status_code == 404
    assert Visitor(runtime).get("/finance/payments").url.path == "/login"
    with shop.database.read(shop.finance) as ctx:
        assert payments.list_mismatches(ctx).items[0].resolved_at is None
