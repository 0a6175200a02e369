"""Callbacks that are forged, unsigned, replayed, cut off, of another account, too large, late, double, or doubtful."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, select, text

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import (
    AccountInvalid,
    CallbackTooLarge,
    IntentClosed,
    MethodUnavailable,
    PaymentNotFound,
    UnknownAddress,
)
from lms_core.commerce.payments.gateways.port import Answer, Callback, Mode, State, Status, Uncertain
from lms_core.commerce.payments.gateways.sandbox import SIGNATURE
from lms_core.commerce.payments.models import CallbackRecord, Mismatch, Payment
from lms_core.commerce.payments.schemas import AccountIn, IntentView, MethodIn, PaymentView
from lms_core.commerce.payments.states import DepositKind, IntentState, MismatchKind, Verdict
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.money import Currency, Money
from tests.factories.people import actor_of, create_tenant
from tests.lms_core.commerce.paying import PHONE, SECRET, Shop, account_in, open_shop
from tests.lms_core.commerce.scripted import PASSWORD, Till, install, paid, refused
from workers.runtime import Runtime

Drain = Callable[[], int]
KES = Currency.KES


@pytest.fixture
def shop(runtime: Runtime) -> Shop:
    """A shop with an account at the sandbox."""
    return open_shop(runtime.database)


@pytest.fixture
def till(shop: Shop) -> Till:
    """A provider that says what it is told to."""
    return install(shop.database)


def at_till(shop: Shop, *, live: bool = True) -> Shop:
    """The shop with an account at the till instead."""
    mode = Mode.LIVE if live else Mode.TEST
    wanted = AccountIn(gateway="till", mode=mode, name="Till", values={"word": PASSWORD, "shortcode": "600966"})
    account = payments.save_account(shop.database, shop.finance, account=wanted)
    assert account.enabled and account.healthy
    return replace(shop, account=account)


def tell(shop: Shop, said: dict[str, Any], *, word: str = PASSWORD) -> Answer:
    """The till calls back."""
    with shop.database.read(shop.system) as ctx:
        now = ctx.now
    callback = Callback(json.dumps(said).encode(), {"x-word": word}, {}, "", now)
    token = shop.account.callback_url.rsplit("/", 1)[1]
    return payments.receive(shop.database, gateway="till", token=token, callback=callback)


def records(shop: Shop) -> list[CallbackRecord]:
    """The callbacks that were written down."""
    with shop.database.read(shop.system) as ctx:
        return list(ctx.session.execute(select(CallbackRecord).order_by(CallbackRecord.id)).scalars())


def mismatches(shop: Shop) -> list[MismatchKind]:
    """The kinds of differences that were told."""
    with shop.database.read(shop.system) as ctx:
        return [MismatchKind(row.kind) for row in ctx.session.execute(select(Mismatch).order_by(Mismatch.id)).scalars()]


def paid_pair(shop: Shop) -> tuple[IntentView, PaymentView]:
    """An intent whose payer approved; nobody was told yet."""
    intent = shop.intent()
    begun = shop.pay(intent)
    shop.act(begun, Act.PAY)
    return intent, begun


@pytest.mark.parametrize(
    "bend",
    [
        lambda each: replace(each, headers={}),
        lambda each: replace(each, headers={SIGNATURE: each.headers[SIGNATURE][:-1] + "0"}),
        lambda each: replace(each, headers={SIGNATURE: "t=abc,v1="}),
        lambda each: replace(each, headers={SIGNATURE: "t=²²,v1=00"}),
        lambda each: replace(each, body=each.body[:-1]),
        lambda each: replace(each, body=each.body.replace(b'"version": 1', b'"version": 2')),
        lambda each: replace(each, body=b""),
        lambda each: replace(each, received_at=each.received_at + timedelta(minutes=6)),
    ],
    ids=["unsigned", "wrong", "no-number", "odd-number", "cut", "altered", "empty", "old"],
)
def test_a_forged_callback_changes_nothing(shop: Shop, drain: Drain, bend: Callable[[Callback], Callback]) -> None:
    intent, begun = paid_pair(shop)
    forged = bend(shop.callback(begun))
    if forged == shop.callback(begun):  # the last digit was a 0 by chance
        forged = replace(forged, headers={SIGNATURE: forged.headers[SIGNATURE][:-1] + "1"})
    assert shop.deliver(forged).status == 401
    assert shop.deliver(forged).status == 401
    drain()
    assert shop.see(intent).state == IntentState.OPEN
    (record,) = records(shop)
    assert (record.verdict, record.times, bool(record.error)) == (Verdict.FORGED, 2, True)


def test_a_repeated_callback_settles_once(shop: Shop, drain: Drain) -> None:
    intent, begun = paid_pair(shop)
    callback = shop.callback(begun)
    for _ in range(5):
        assert shop.deliver(callback).status == 200
        drain()
    assert shop.balance(AccountKind.RECEIPTS) == -intent.amount.amount
    (record,) = records(shop)
    assert (record.times, record.error, record.processed_at is not None) == (5, "", True)


def test_a_callback_of_one_account_says_nothing_of_another(shop: Shop, drain: Drain) -> None:
    intent, begun = paid_pair(shop)
    other = payments.save_account(
        shop.database, shop.finance, account=account_in(name="Other", values={"secret": "another secret of it"})
    )
    elsewhere = replace(shop, account=other)
    assert elsewhere.deliver(shop.callback(begun)).status == 401
    token = other.callback_url.rsplit("/", 1)[1]
    with pytest.raises(UnknownAddress):
        payments.receive(shop.database, gateway="till", token=token, callback=shop.callback(begun))
    with pytest.raises(UnknownAddress):
        payments.receive(shop.database, gateway="sandbox", token="x" * 43, callback=shop.callback(begun))
    drain()
    assert shop.see(intent).state == IntentState.OPEN


def test_a_bare_address_takes_what_an_account_signed(shop: Shop, drain: Drain) -> None:
    intent, begun = paid_pair(shop)
    tenant = shop.finance.tenant_id
    callback = shop.callback(begun)
    forged = replace(callback, body=callback.body + b" ")
    assert payments.receive_bare(shop.database, tenant_id=tenant, gateway="sandbox", callback=forged).status == 401
    assert payments.receive_bare(shop.database, tenant_id=tenant, gateway="sandbox", callback=callback).status == 200
    with pytest.raises(UnknownAddress):
        payments.receive_bare(shop.database, tenant_id=tenant, gateway="stripe", callback=callback)
    drain()
    assert shop.see(intent).state == IntentState.PAID


def test_five_megabytes_are_refused_before_they_are_read(shop: Shop, client: TestClient) -> None:
    address = shop.account.callback_url.removeprefix("http://localhost:8000")
    sent = 0

    def pieces() -> Any:
        nonlocal sent
        for _ in range(80):
            sent += 65_536
            yield b"x" * 65_536

    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/octet-stream"):
        answer = client.post(address, content=pieces(), headers={"content-type": kind})
        assert answer.status_code == 413, kind
    assert not records(shop)
    with pytest.raises(CallbackTooLarge):
        shop.deliver(Callback(b"x" * 70_000, {}, {}, "", shop.callback(shop.pay(shop.intent())).received_at))


def test_a_callback_over_http(shop: Shop, client: TestClient, drain: Drain) -> None:
    intent, begun = paid_pair(shop)
    callback = shop.callback(begun)
    address = shop.account.callback_url.removeprefix("http://localhost:8000")
    signed = {SIGNATURE: callback.headers[SIGNATURE]}
    assert client.post(address, content=callback.body).status_code == 401
    assert client.post(f"{address[:-3]}xyz", content=callback.body, headers=signed).status_code == 404
    assert client.post("/api/v1/webhook/payment/sandbox", content=callback.body, headers=signed).status_code == 200
    answer = client.post(f"{address}/charge", content=callback.body, headers=signed)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    drain()
    assert shop.see(intent).state == IntentState.PAID
    assert client.get(address).status_code == 401


@pytest.mark.parametrize(
    ("told", "kind", "aside"),
    [
        ({"amount": Money(amount=149_999, currency=KES)}, MismatchKind.AMOUNT, 149_999),
        ({"amount": Money(amount=150_001, currency=KES)}, MismatchKind.AMOUNT, 150_001),
        ({"amount": Money(amount=150_000, currency=Currency.USD)}, MismatchKind.CURRENCY, 0),
        ({"amount": None}, MismatchKind.AMOUNT, 0),
        ({"reference": "SOMEBODYELSE"}, MismatchKind.REFERENCE, 0),
        ({"live": False}, MismatchKind.MODE, 0),
    ],
    ids=["one-cent-less", "one-cent-more", "currency", "no-amount", "reference", "play-money"],
)
def test_what_was_not_asked_for_settles_nothing(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock, told: dict[str, Any], kind: MismatchKind, aside: int
) -> None:
    shop = at_till(shop)
    intent = shop.intent(150_000)
    begun = shop.pay(intent)
    till.says[begun.reference] = replace(paid(begun.reference, intent.amount, live=True), **told)
    clock.move(timedelta(seconds=11))
    drain()
    seen = shop.see(intent)
    assert (seen.state, seen.payments[0].state) == (IntentState.OPEN, PaymentState.UNKNOWN)
    assert mismatches(shop) == [kind]
    assert shop.balance(AccountKind.RECEIPTS) == 0
    assert shop.balance(AccountKind.DEPOSITS) == -aside
    assert shop.balance(AccountKind.DEPOSITS, Currency.USD) == (-150_000 if kind is MismatchKind.CURRENCY else 0)
    tell(shop, {"about": "charge", "dedupe": "again", "reference": begun.reference})
    drain()
    assert mismatches(shop) == [kind] and shop.balance(AccountKind.DEPOSITS) == -aside  # told once, posted once


def test_one_receipt_does_not_pay_twice(shop: Shop, till: Till, drain: Drain, clock: MovingClock) -> None:
    shop = at_till(shop)
    first, second = shop.intent(), shop.intent()
    one, two = shop.pay(first), shop.pay(second)
    till.says = {each.reference: paid(each.reference, first.amount, receipt="SAME") for each in (one, two)}
    clock.move(timedelta(seconds=11))
    drain()
    states = sorted(shop.see(each).state for each in (first, second))
    assert states == [IntentState.OPEN, IntentState.PAID] and mismatches(shop) == [MismatchKind.RECEIPT]


def test_paid_after_it_expired(shop: Shop, till: Till, drain: Drain, clock: MovingClock) -> None:
    shop = at_till(shop)
    intent = shop.intent(expires_in=timedelta(minutes=5))
    begun = shop.pay(intent)
    for _ in range(6):
        clock.move(timedelta(minutes=3))
        drain()
        with shop.database.write(shop.system) as ctx:
            ctx.enqueue("payments.expire")
        drain()
    seen = shop.see(intent)
    assert (seen.state, seen.payments[0].state) == (IntentState.EXPIRED, PaymentState.EXPIRED)
    with pytest.raises(IntentClosed):
        shop.pay(intent)
    till.says[begun.reference] = paid(begun.reference, intent.amount)
    tell(shop, {"about": "charge", "dedupe": "late", "reference": begun.reference})
    drain()
    seen = shop.see(intent)
    assert (seen.state, seen.payments[0].state) == (IntentState.PAID, PaymentState.SUCCEEDED)
    till.says[begun.reference] = Status(State.FAILED, reason="cancelled")
    tell(shop, {"about": "charge", "dedupe": "later", "reference": begun.reference})
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.SUCCEEDED  # never back; a person looks
    assert mismatches(shop) == [MismatchKind.STATE]


def test_paid_twice_settles_once_and_puts_the_rest_aside(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock
) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    first = shop.pay(intent)
    clock.move(timedelta(seconds=80))
    second = shop.pay(intent)
    till.says = {
        each.reference: paid(each.reference, intent.amount, receipt=each.reference) for each in (first, second)
    }
    for each in (first, second):
        tell(shop, {"about": "charge", "dedupe": each.reference, "reference": each.reference})
    drain()
    seen = shop.see(intent)
    assert [each.state for each in seen.payments] == [PaymentState.SUCCEEDED] * 2
    assert sorted(each.surplus for each in seen.payments) == [False, True]
    assert (shop.balance(AccountKind.RECEIPTS), shop.balance(AccountKind.DEPOSITS)) == (-150_000, -150_000)
    assert mismatches(shop) == [MismatchKind.PAID_TWICE]
    with shop.database.read(shop.finance) as ctx:
        (deposit,) = payments.list_deposits(ctx).items
    assert deposit.kind == DepositKind.SURPLUS
    surplus = next(each for each in seen.payments if each.surplus)
    with shop.database.write(shop.finance) as ctx:
        payments.ask_refund(ctx, payment_id=surplus.id, reason="paid twice", key="r")
    drain()
    assert shop.see(intent).payments[seen.payments.index(surplus)].state == PaymentState.REFUNDED
    assert (shop.balance(AccountKind.RECEIPTS), shop.balance(AccountKind.DEPOSITS)) == (-150_000, 0)


def test_no_clear_answer_is_unknown_and_never_begun_again(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock
) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    till.faults.append(Uncertain("cut"))
    begun = shop.pay(intent)
    assert begun.state == PaymentState.UNKNOWN
    clock.move(timedelta(seconds=91))
    till.says[begun.reference] = Status(State.UNKNOWN)
    drain()
    assert (len(till.begun), shop.see(intent).payments[0].state) == (1, PaymentState.UNKNOWN)
    till.says[begun.reference] = paid(begun.reference, intent.amount)
    clock.move(timedelta(minutes=10))
    drain()
    assert (len(till.begun), shop.see(intent).state) == (1, IntentState.PAID)


@pytest.mark.parametrize("reference", ["ours", "of another charge", None])
def test_a_callback_brings_the_number_that_a_cut_call_lost(
    shop: Shop, till: Till, drain: Drain, reference: str | None
) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    till.faults.append(Uncertain("cut"))
    begun = shop.pay(intent)
    told = begun.reference if reference == "ours" else reference
    till.says = {begun.reference: Status(State.UNKNOWN)}  # it is known by its own number alone
    till.says["till-7"] = replace(paid(begun.reference, intent.amount, provider_ref="till-7"), reference=told)
    tell(shop, {"about": "charge", "dedupe": "1", "ref": "till-7", "reference": begun.reference})
    drain()
    seen = shop.see(intent)
    assert (seen.state == IntentState.PAID) == (reference == "ours")
    with shop.database.read(shop.system) as ctx:
        row = ctx.session.get(Payment, begun.id)
        assert row is not None and row.provider_ref == ("till-7" if reference == "ours" else "")


def test_a_process_that_dies_in_the_call_leaves_a_question(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock
) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    till.faults.append(SystemExit())  # type: ignore[arg-type]  # the process ends in the middle of the call
    with pytest.raises(SystemExit):
        shop.pay(intent)
    assert shop.see(intent).payments[0].state == PaymentState.CREATED
    clock.move(timedelta(seconds=91))
    drain()
    begun = shop.see(intent).payments[0]
    assert (len(till.begun), begun.state, begun.code) == (1, PaymentState.UNKNOWN, "interrupted")
    till.says[begun.reference] = paid(begun.reference, intent.amount)
    clock.move(timedelta(minutes=1))
    drain()
    assert shop.see(intent).state == IntentState.PAID


def test_a_refusal_is_told_with_its_reason(shop: Shop, till: Till) -> None:
    shop = at_till(shop)
    till.faults.append(refused("insufficient_funds"))
    failed = shop.pay(shop.intent())
    assert (failed.state, failed.reason) == (PaymentState.FAILED, "insufficient_funds")


def test_a_callback_with_proof_waits_until_the_provider_agrees(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock
) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    begun = shop.pay(intent)
    said = {"about": "charge", "dedupe": "1", "reference": begun.reference, "state": "succeeded", "amount": 150_000}
    tell(shop, {**said, "receipt": "NLJ7RT61SV", "proof": True})
    drain()
    assert shop.see(intent).state == IntentState.OPEN
    till.says[begun.reference] = paid(begun.reference, intent.amount, receipt="")
    clock.move(timedelta(seconds=6))
    drain()
    seen = shop.see(intent)
    assert (seen.state, seen.payments[0].receipt) == (IntentState.PAID, "NLJ7RT61SV")


def test_an_address_inside_the_network_is_refused(shop: Shop, till: Till) -> None:
    for address in (
        "http://169.254.169.254/latest",
        "http://127.0.0.1:8000",
        "file:///etc/passwd",
        "http://x@pay.example",
    ):
        with pytest.raises(AccountInvalid):
            payments.save_account(
                shop.database, shop.finance,
                account=AccountIn(
                    gateway="till", mode=Mode.LIVE, name="x", values={"word": PASSWORD}, base_url=address
                ),
            )  # fmt: skip
    with pytest.raises(AccountInvalid):
        payments.save_account(shop.database, shop.finance, account=account_in(mode=Mode.LIVE))


def test_a_dump_of_the_database_shows_no_secret_and_no_number(shop: Shop, drain: Drain) -> None:
    intent, begun = paid_pair(shop)
    shop.deliver(shop.callback(begun))
    drain()
    assert shop.see(intent).payments[0].phone == "2547***678"
    token = shop.account.callback_url.rsplit("/", 1)[1]
    tables = [name for name in inspect(shop.database.engine).get_table_names() if name not in ("alembic_version",)]
    with shop.database.engine.connect() as connection:
        dump = "\n".join(
            str(row) for name in tables for row in connection.execute(text(f'SELECT * FROM "{name}"')).all()
        )
    assert intent.reference in dump  # it is the right dump
    for secret in (SECRET, PHONE, "712345678", token):
        assert secret not in dump


def test_credentials_that_do_not_work_leave_the_account_off(shop: Shop, till: Till) -> None:
    wanted = AccountIn(gateway="till", mode=Mode.LIVE, name="Till", values={"word": "wrong"})
    account = payments.save_account(shop.database, shop.finance, account=wanted)
    assert (account.enabled, account.healthy, account.health, account.secrets) == (
        False, False, "The word is wrong.", ("word",)
    )  # fmt: skip
    actor = actor_of(shop.database, shop.buyer)
    with pytest.raises(MethodUnavailable):
        payments.pay(
            shop.database,
            actor,
            intent_id=shop.intent().id,
            key="k",
            method=MethodIn(account_id=account.id, phone=PHONE),
        )
    assert "wrong" not in account.model_dump_json().replace("The word is wrong.", "")


def test_another_institution_sees_nothing(shop: Shop) -> None:
    intent = shop.intent()
    other = create_tenant(shop.database, host="other.example.org")
    with shop.database.read(system_actor(other)) as ctx, pytest.raises(PaymentNotFound):
        payments.view(ctx, intent.id)
