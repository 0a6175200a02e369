"""Money that goes back, out, or comes by itself: refunds, payouts, deposits, slips, disputes; and nights."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments import states
from lms_core.commerce.payments.errors import (
    AlreadyDecided,
    AmountDiffers,
    IdempotencyConflict,
    NotRefundable,
    PaymentNotFound,
    RefundTooLarge,
)
from lms_core.commerce.payments.gateways.port import Capabilities, Entry, GatewayError, Movement, State, Uncertain
from lms_core.commerce.payments.schemas import (
    Decision,
    IntentView,
    ManualPaymentView,
    PaymentView,
    ReconcileIn,
    RefundView,
)
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.clock import MovingClock
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from tests.factories.courses import statements
from tests.factories.people import actor_of, create_person
from tests.lms_core.commerce.paying import PHONE, Shop, open_shop
from tests.lms_core.commerce.scripted import Till, install, paid
from tests.lms_core.commerce.test_paying_callbacks import at_till, mismatches, tell
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


def bought(shop: Shop, till: Till, drain: Drain, amount: int = 150_000) -> tuple[IntentView, PaymentView]:
    """An intent that was paid at the till."""
    intent = shop.intent(amount)
    begun = shop.pay(intent)
    till.says[begun.reference] = paid(begun.reference, intent.amount, receipt=f"R{begun.reference}")
    tell(shop, {"about": "charge", "dedupe": begun.reference, "reference": begun.reference})
    drain()
    seen = shop.see(intent)
    assert seen.state == states.IntentState.PAID
    return seen, seen.payments[-1]


def refund(shop: Shop, payment: PaymentView, amount: int | None = None, *, key: str = "") -> RefundView:
    """A refund that finance asks for."""
    with shop.database.write(shop.finance) as ctx:
        return payments.ask_refund(
            ctx, payment_id=payment.id, amount=amount, reason="did not begin", key=key or str(new_id())
        )


def test_a_refund_in_parts_never_exceeds_what_was_paid(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    refund(shop, payment, 50_000, key="a")
    assert refund(shop, payment, 50_000, key="a").state == states.MoveState.CREATED  # the same key: the same refund
    with pytest.raises(IdempotencyConflict):
        refund(shop, payment, 50_001, key="a")
    with pytest.raises(RefundTooLarge):
        refund(shop, payment, 100_001)  # the first one is on its way, and counts
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.PARTIALLY_REFUNDED
    refund(shop, payment)
    drain()
    seen = shop.see(intent).payments[0]
    assert (seen.state, seen.refunded.amount, [each.amount.amount for each in till.refunds]) == (
        PaymentState.REFUNDED, 150_000, [50_000, 100_000]
    )  # fmt: skip
    with pytest.raises(NotRefundable):
        refund(shop, payment)
    assert shop.balance(AccountKind.CLEARING) == shop.balance(AccountKind.RECEIPTS) == 0


def test_an_uncertain_refund_is_asked_about_and_not_sent_again(
    shop: Shop, till: Till, drain: Drain, clock: MovingClock
) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    till.faults.append(Uncertain("cut"))
    asked = refund(shop, payment)
    drain()
    till.moves["refund_status"] = Movement(State.PENDING)
    clock.move(timedelta(seconds=31))
    drain()
    with shop.database.read(shop.finance) as ctx:
        assert payments.list_refunds(ctx).items[0].state == states.MoveState.PENDING
    till.moves["refund_status"] = Movement(State.SUCCEEDED, provider_ref="R1")
    tell(shop, {"about": "refund", "dedupe": "r", "reference": asked.id.hex})
    drain()
    assert (len(till.refunds), shop.see(intent).payments[0].state) == (1, PaymentState.REFUNDED)


def test_a_refund_waits_for_a_provider_that_is_away(shop: Shop, till: Till, drain: Drain, clock: MovingClock) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    till.faults.append(GatewayError("away", reason="unreachable", retryable=True))
    refund(shop, payment)
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.SUCCEEDED
    clock.move(timedelta(minutes=3))
    drain()
    assert (len(till.refunds), shop.see(intent).payments[0].state) == (2, PaymentState.REFUNDED)


def test_a_failed_refund_leaves_the_payment_and_can_be_asked_again(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    till.moves["refund"] = Movement(State.FAILED, code="11", reason="other")
    refund(shop, payment)
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.SUCCEEDED
    till.moves.clear()
    refund(shop, payment)
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.REFUNDED


def test_a_provider_without_part_refunds_is_helped_by_a_payout(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    till.capabilities = replace(till.capabilities, refunds="full")
    intent, payment = bought(shop, till, drain)
    part = refund(shop, payment, 50_000)
    assert part.way == states.RefundWay.PAYOUT
    drain()
    (sent,) = till.payouts
    assert (sent.phone, sent.amount.amount, till.refunds) == (PHONE, 50_000, [])
    assert shop.see(intent).payments[0].state == PaymentState.PARTIALLY_REFUNDED
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.PAYOUTS)) == (100_000, 0)


def test_without_any_way_back_a_person_sends_the_money(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    till.capabilities = Capabilities(currencies=frozenset({KES}), step="prompt", needs_phone=True, refunds="none")
    intent, payment = bought(shop, till, drain)
    asked = refund(shop, payment, 50_000)
    assert (asked.way, asked.state) == (states.RefundWay.MANUAL, states.MoveState.PENDING)
    with shop.database.write(shop.finance) as ctx:
        payments.finish_refund(ctx, asked.id, receipt="FT123")
    with shop.database.write(shop.finance) as ctx, pytest.raises(AlreadyDecided):
        payments.finish_refund(ctx, asked.id, receipt="FT124")
    assert shop.see(intent).payments[0].state == PaymentState.PARTIALLY_REFUNDED
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.BANK)) == (150_000, -50_000)


def test_only_finance_moves_money(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    buyer = actor_of(shop.database, shop.buyer)
    with shop.database.write(buyer) as ctx:
        with pytest.raises(Forbidden):
            payments.ask_refund(ctx, payment_id=payment.id, reason="mine", key="k")
        with pytest.raises(Forbidden):
            payments.list_payments(ctx)
        with pytest.raises(Forbidden):
            payments.send_payout(
                ctx, purpose=("payout", new_id()), phone=PHONE, name="x", remarks="x", key="k",
                amount=Money(amount=1, currency=KES),
            )  # fmt: skip
        assert payments.access_intent(ctx, intent.id).id == intent.id
    stranger = actor_of(shop.database, create_person(shop.database))
    with shop.database.write(stranger) as ctx:
        with pytest.raises(PaymentNotFound):
            payments.access_intent(ctx, intent.id)
        with pytest.raises(PaymentNotFound):
            payments.cancel(ctx, intent.id)


def test_a_reversal_takes_what_is_left(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    refund(shop, payment, 50_000)
    drain()
    till.says[payment.reference] = replace(paid(payment.reference, intent.amount), state=State.REVERSED)
    tell(shop, {"about": "charge", "dedupe": "back", "reference": payment.reference})
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.REVERSED
    assert shop.balance(AccountKind.CLEARING) == shop.balance(AccountKind.RECEIPTS) == 0


@pytest.mark.parametrize(
    ("end", "state", "held"),
    [("succeeded", PaymentState.SUCCEEDED, 150_000), ("reversed", PaymentState.REVERSED, 0)],
)
def test_a_dispute_holds_the_money_until_it_ends(
    shop: Shop, till: Till, drain: Drain, end: str, state: PaymentState, held: int
) -> None:
    shop = at_till(shop)
    intent, payment = bought(shop, till, drain)
    said = {"about": "dispute", "reference": payment.reference, "subject": "D1", "amount": 150_000}
    for dedupe in ("open", "open again"):
        tell(shop, {**said, "dedupe": dedupe, "state": "pending"})
        drain()
    assert shop.see(intent).payments[0].state == PaymentState.DISPUTED
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.DISPUTES)) == (0, 150_000)
    with pytest.raises(NotRefundable):
        refund(shop, payment)
    for dedupe in ("end", "end again"):
        tell(shop, {**said, "dedupe": dedupe, "state": end})
        drain()
    assert shop.see(intent).payments[0].state == state
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.DISPUTES)) == (held, 0)
    with shop.database.read(shop.finance) as ctx:
        (dispute,) = payments.list_disputes(ctx).items
    assert dispute.state == (states.DisputeState.WON if held else states.DisputeState.LOST)


def sent_by_itself(shop: Shop, reference: str, amount: int, *, receipt: str = "RKL51ZDR4F") -> None:
    """Somebody pays to our account number."""
    tell(
        shop,
        {
            "about": "deposit", "dedupe": receipt, "reference": reference, "state": "succeeded", "amount": amount,
            "receipt": receipt, "proof": True, "name": "NICHOLAS", "phone": "2547***126",
        },
    )  # fmt: skip


def test_money_sent_to_the_account_number_pays(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    asked = {"about": "check", "dedupe": "c", "reference": intent.reference.lower(), "state": "pending"}
    assert tell(shop, {**asked, "amount": 150_000}).body == b"yes"
    assert tell(shop, {**asked, "amount": 150_001}).body == b"no"
    assert tell(shop, {**asked, "reference": "SOMETHING", "amount": 150_000}).body == b"no"
    for _ in range(2):
        sent_by_itself(shop, f" {intent.reference.lower()} ", 150_000)
        drain()
    seen = shop.see(intent)
    assert (seen.state, len(seen.payments), seen.payments[0].receipt) == (states.IntentState.PAID, 1, "RKL51ZDR4F")
    assert (shop.balance(AccountKind.DEPOSITS), shop.balance(AccountKind.RECEIPTS)) == (0, -150_000)


def test_a_prompt_told_on_both_channels_is_one_payment(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent = shop.intent()
    begun = shop.pay(intent)
    sent_by_itself(shop, begun.reference, 150_000)
    drain()
    assert shop.see(intent).payments[0].receipt == "RKL51ZDR4F"
    till.says[begun.reference] = paid(begun.reference, intent.amount)
    tell(shop, {"about": "charge", "dedupe": "stk", "reference": begun.reference})
    sent_by_itself(shop, begun.reference, 150_000)
    drain()
    assert len(shop.see(intent).payments) == 1 and mismatches(shop) == []
    assert (shop.balance(AccountKind.CLEARING), shop.balance(AccountKind.DEPOSITS)) == (150_000, 0)


def test_money_nobody_asked_for_waits_for_a_person(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    intent, other = shop.intent(), shop.intent(149_000)
    wrong = intent.reference[:-1] + ("2" if intent.reference[-1] != "2" else "3")
    sent_by_itself(shop, wrong, 150_000)
    drain()
    assert mismatches(shop) == [states.MismatchKind.DEPOSIT] and shop.balance(AccountKind.DEPOSITS) == -150_000
    with shop.database.read(shop.finance) as ctx:
        (line,) = payments.list_deposits(ctx, state=states.DepositState.UNMATCHED).items
        deposit = payments.access_deposit(ctx, line.id)
    assert (deposit.payer, [each.id for each in deposit.suggestions]) == ("NICHOLAS", [intent.id])
    with shop.database.write(shop.finance) as ctx, pytest.raises(AmountDiffers):
        payments.match_deposit(ctx, deposit.id, intent_id=other.id)
    with shop.database.write(shop.finance) as ctx:
        payments.match_deposit(ctx, deposit.id, intent_id=intent.id, note="one digit off")
    with shop.database.write(shop.finance) as ctx, pytest.raises(AlreadyDecided):
        payments.return_deposit(ctx, deposit.id, note="too late")
    assert shop.see(intent).state == states.IntentState.PAID
    assert (shop.balance(AccountKind.DEPOSITS), shop.balance(AccountKind.RECEIPTS)) == (0, -150_000)


def test_a_deposit_goes_back(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    sent_by_itself(shop, "rent", 70_000)
    drain()
    with shop.database.write(shop.finance) as ctx:
        (line,) = payments.list_deposits(ctx).items
        assert payments.return_deposit(ctx, line.id, note="FT9").state == states.DepositState.RETURNED
    assert (shop.balance(AccountKind.DEPOSITS), shop.balance(AccountKind.BANK)) == (0, -70_000)


def test_a_payout_is_sent_once(shop: Shop, till: Till, drain: Drain, clock: MovingClock) -> None:
    shop = at_till(shop)
    purpose = ("payout_item", new_id())
    for amount in (5_000, 5_000):
        with shop.database.write(shop.system) as ctx:
            payments.send_payout(
                ctx, purpose=purpose, phone="0712345678", name="Asha", amount=Money(amount=amount, currency=KES),
                remarks="May", key="p",
            )  # fmt: skip
    with shop.database.write(shop.system) as ctx, pytest.raises(IdempotencyConflict):
        payments.send_payout(
            ctx, purpose=purpose, phone="0712345678", name="Asha", amount=Money(amount=1, currency=KES), remarks="May",
            key="p",
        )  # fmt: skip
    till.faults.append(Uncertain("cut"))
    drain()
    till.moves["payout_status"] = Movement(State.UNKNOWN)
    clock.move(timedelta(seconds=31))
    drain()
    with shop.database.read(shop.system) as ctx:
        (payout,) = payments.payouts_of(ctx, purpose)
    assert (payout.state, payout.phone, len(till.payouts)) == (states.MoveState.UNKNOWN, "2547***678", 1)
    said = {"about": "payout", "dedupe": "b2c", "reference": payout.id.hex, "state": "succeeded", "proof": True}
    tell(shop, {**said, "amount": 5_000, "receipt": "SG632NMUAB"})
    drain()
    with shop.database.read(shop.system) as ctx:
        (payout,) = payments.payouts_of(ctx, purpose)
    assert (payout.state, payout.receipt, len(till.payouts)) == (states.MoveState.SUCCEEDED, "SG632NMUAB", 1)
    assert (shop.balance(AccountKind.PAYOUTS), shop.balance(AccountKind.CLEARING)) == (5_000, -5_000)


PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_bank_slip_is_decided_by_a_person(shop: Shop) -> None:
    first, second = shop.intent(), shop.intent()
    buyer = actor_of(shop.database, shop.buyer)

    def hand_in(intent: IntentView, slip: bytes = PDF, key: str = "k") -> ManualPaymentView:
        return payments.hand_in_slip(
            shop.database, buyer, intent_id=intent.id, bank_reference="FT100", note="", slip=slip, key=key
        )

    with pytest.raises(Invalid):
        hand_in(first, b"MZ not a slip")
    one, two = hand_in(first), hand_in(second)
    assert hand_in(first).id == one.id
    with shop.database.write(buyer) as ctx, pytest.raises(Forbidden):
        payments.decide_manual(ctx, one.id, decision=Decision(approve=True))
    with shop.database.write(shop.finance) as ctx:
        assert payments.decide_manual(ctx, one.id, decision=Decision(approve=True)).state == states.ManualState.APPROVED
    with shop.database.write(shop.finance) as ctx, pytest.raises(AlreadyDecided):
        payments.decide_manual(ctx, two.id, decision=Decision(approve=True))  # one transfer pays once
    with shop.database.write(shop.finance) as ctx:
        told = payments.decide_manual(ctx, two.id, decision=Decision(approve=False, answer="used before"))
    assert told.state == states.ManualState.REJECTED
    assert (shop.see(first).state, shop.see(second).state) == (states.IntentState.PAID, states.IntentState.OPEN)
    assert (shop.balance(AccountKind.BANK), shop.balance(AccountKind.RECEIPTS)) == (150_000, -150_000)


def test_the_nightly_comparison_finds_what_differs(shop: Shop, till: Till, drain: Drain, clock: MovingClock) -> None:
    shop = at_till(shop)
    _, kept = bought(shop, till, drain)
    _, less = bought(shop, till, drain)
    _, gone = bought(shop, till, drain)
    late = shop.intent()
    missed = shop.pay(late)
    with shop.database.read(shop.system) as ctx:
        at = ctx.now
    clock.move(timedelta(hours=3))
    drain()
    assert shop.see(late).payments[0].state == PaymentState.EXPIRED
    till.says[missed.reference] = paid(missed.reference, late.amount, receipt="LATE")

    def entry(reference: str, amount: int) -> Entry:
        return Entry(
            f"T-{reference}", reference, f"R{reference}", Money(amount=amount, currency=KES), State.SUCCEEDED, at
        )

    till.list = [
        entry(kept.reference, 150_000), entry(less.reference, 149_000), entry(missed.reference, 150_000),
        entry("FOREIGN", 9_000),
    ]  # fmt: skip
    with shop.database.write(shop.finance) as ctx:
        wanted = ReconcileIn(account_id=shop.account.id, since=at - timedelta(hours=5), until=at + timedelta(hours=2))
        run = payments.start_reconciliation(ctx, wanted=wanted, key="k")
        assert payments.start_reconciliation(ctx, wanted=wanted, key="k").id == run.id
    drain()
    assert shop.see(late).state == states.IntentState.PAID  # asked for, and not only complained about
    with shop.database.read(shop.finance) as ctx:
        run = payments.access_run(ctx, run.id)
        found = payments.list_mismatches(ctx, run_id=run.id).items
    assert (run.state, run.listed, run.asked, run.settled, run.mismatches) == (states.RunState.DONE, 4, 1, 1, 3)
    assert {(each.kind, each.payment_id) for each in found} == {
        (states.MismatchKind.AMOUNT, less.id),
        (states.MismatchKind.UNKNOWN_HERE, None),
        (states.MismatchKind.UNKNOWN_THERE, gone.id),
    }
    with shop.database.write(shop.finance) as ctx:
        payments.resolve_mismatch(ctx, found[0].id, note="asked the provider")
    with shop.database.read(shop.finance) as ctx:
        assert len(payments.list_mismatches(ctx).items) == 2
        assert payments.overview(ctx).open_mismatches == 2


def test_a_night_is_compared_once(shop: Shop, drain: Drain, clock: MovingClock) -> None:
    intent = shop.intent()
    shop.act(shop.pay(intent), Act.APPROVE)
    clock.move(timedelta(hours=15, minutes=10))  # from 11:00 in Nairobi to 02:10
    for _ in range(2):
        with shop.database.write(shop.system) as ctx:
            ctx.enqueue("payments.reconcile_nightly")
        drain()
        clock.move(timedelta(minutes=30))
    with shop.database.read(shop.finance) as ctx:
        (run,) = payments.list_runs(ctx).items
    assert (run.state, run.mismatches, shop.see(intent).state) == (states.RunState.DONE, 0, states.IntentState.PAID)


def test_lists_take_few_statements(shop: Shop, till: Till, drain: Drain) -> None:
    shop = at_till(shop)
    _, payment = bought(shop, till, drain)
    for _ in range(3):
        bought(shop, till, drain)
    refund(shop, payment, 10_000)
    drain()
    lists: dict[str, Callable[..., object]] = {
        "payments": payments.list_payments, "refunds": payments.list_refunds, "deposits": payments.list_deposits,
        "payouts": payments.list_payouts, "disputes": payments.list_disputes, "slips": payments.list_manual,
        "callbacks": payments.list_callbacks, "runs": payments.list_runs, "mismatches": payments.list_mismatches,
    }  # fmt: skip
    for name, verb in lists.items():
        with shop.database.read(shop.finance) as ctx, statements(shop.database) as seen:
            verb(ctx)
        assert len(seen) == 1, name
    with shop.database.read(shop.finance) as ctx, statements(shop.database) as seen:
        payments.access_payment(ctx, payment.id)
    assert len(seen) <= 6
    with shop.database.read(shop.finance) as ctx:
        first = payments.list_payments(ctx, limit=3)
        rest = payments.list_payments(ctx, limit=3, cursor=first.next_cursor or "")
    assert (len(first.items), len(rest.items), rest.next_cursor) == (3, 1, None)
