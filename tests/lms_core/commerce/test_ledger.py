"""The ledger's verbs: what may be posted, once; what is read back."""

import pytest
from sqlalchemy import func, select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.errors import AccountNotFound, LedgerConflict, Unbalanced
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.service import AccountKind
from lms_core.kit.context import Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import MAX_AMOUNT
from tests.factories.courses import statements
from tests.factories.people import create_tenant
from tests.lms_core.commerce.books import KES, TILL, USD, line, put, received, sold, writing
from workers.runtime import Runtime

CLEARING, RECEIPTS, REVENUE, VAT = AccountKind.CLEARING, AccountKind.RECEIPTS, AccountKind.REVENUE, AccountKind.VAT


@pytest.fixture
def database(runtime: Runtime) -> Database:
    return runtime.database


def counted(database: Database) -> tuple[int, int, int]:
    """Accounts, transactions and entries of all institutions."""
    with database.read(system_actor()) as ctx:
        a, t, e = (
            ctx.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (LedgerAccount, LedgerTransaction, LedgerEntry)
        )
        return a, t, e


def test_a_payment_stands_where_the_rules_say(database: Database) -> None:
    order = ("order", new_id())
    put(database, received(116000))
    put(database, sold(116000), kind="order.paid", subject=order)
    with writing(database) as ctx:
        assert ledger.balance(ctx, CLEARING, KES, TILL) == 116000
        assert ledger.balance(ctx, CLEARING, KES) == 0  # without an owner it is another account
        assert ledger.balance(ctx, RECEIPTS, KES) == 0
        assert ledger.balance(ctx, REVENUE, KES) == -100000
        assert ledger.balance(ctx, VAT, KES) == -16000
        assert ledger.balance(ctx, VAT, USD) == 0
        (told,) = ledger.transactions_of(ctx, order)
        assert [(each.kind, each.amount) for each in told.entries] == [
            (RECEIPTS, 116000), (REVENUE, -100000), (VAT, -16000)
        ]  # fmt: skip
        shown = {each.kind: each.shown for each in ledger.balances(ctx)}
    assert shown == {CLEARING: 116000, RECEIPTS: 0, REVENUE: 100000, VAT: 16000}


def test_a_key_is_posted_once(database: Database) -> None:
    subject = ("payment", new_id())
    first = put(database, received(5000), key="payment:1", subject=subject)
    backwards = list(reversed(received(5000)))
    assert put(database, backwards, key="payment:1", subject=subject) == first
    assert counted(database) == (2, 1, 2)
    for lines, about in ((received(5001), subject), (received(5000), ("payment", new_id()))):
        with pytest.raises(LedgerConflict) as refusal:
            put(database, lines, key="payment:1", subject=about)
        assert refusal.value.status == 409
    with pytest.raises(LedgerConflict):
        put(database, received(5000), key="payment:1", subject=subject, kind="payment.fee")
    assert counted(database) == (2, 1, 2)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line(CLEARING, 1)],
        [line(CLEARING, 1), line(RECEIPTS, -2)],
        [line(CLEARING, 1), line(RECEIPTS, -1), line(RECEIPTS, 0)],
        [line(CLEARING, 100, KES), line(RECEIPTS, -100, USD)],
        [line(CLEARING, MAX_AMOUNT + 1), line(RECEIPTS, -MAX_AMOUNT - 1)],
        [line(CLEARING, 1.0), line(RECEIPTS, -1.0)],  # type: ignore[arg-type]
        [line(CLEARING, True), line(RECEIPTS, -1)],
        [line(CLEARING, 1, owner="x" * 81), line(RECEIPTS, -1)],
    ],
)
def test_what_is_no_transaction_is_stopped_and_nothing_stored(database: Database, lines: list[ledger.Line]) -> None:
    with pytest.raises(Unbalanced):
        put(database, lines)
    assert counted(database) == (0, 0, 0)


def test_names_must_fit(database: Database) -> None:
    for key, kind in (("x" * 201, "k"), ("key", "k" * 61)):
        with pytest.raises(ValueError, match="longer"):
            put(database, received(1), key=key, kind=kind)
    assert counted(database) == (0, 0, 0)


def test_several_currencies_balance_each_for_itself(database: Database) -> None:
    put(database, [*received(5000), *received(700, currency=USD)])
    with writing(database) as ctx:
        totals = ledger.trial_balance(ctx).totals
    assert [(each.currency, each.debit_balance, each.credit_balance) for each in totals] == [
        (KES, 5000, 5000), (USD, 700, 700)
    ]  # fmt: skip


def test_what_is_rolled_back_was_never_posted(database: Database) -> None:
    with pytest.raises(RuntimeError), writing(database) as ctx:
        ledger.post(ctx, key="k", kind="k", subject=("payment", new_id()), description="", lines=received(1))
        raise RuntimeError("what it was posted with failed")
    assert counted(database) == (0, 0, 0)


def test_institutions_have_books_of_their_own(database: Database) -> None:
    other = create_tenant(database, host="other.example.org")
    put(database, received(100), key="same")
    put(database, received(900), key="same", tenant_id=other)
    with writing(database) as ours, database.read(system_actor(other)) as theirs:
        assert ledger.balance(ours, CLEARING, KES, TILL) == 100
        assert ledger.balance(theirs, CLEARING, KES, TILL) == 900
        (account,) = ledger.balances(theirs, kind=CLEARING)
        with pytest.raises(AccountNotFound):
            ledger.statement(ours, account.id)
        assert ledger.check(ours) == []
    with database.read(system_actor()) as everywhere:
        assert ledger.check(everywhere) == []


def test_posting_takes_four_statements(database: Database) -> None:
    put(database, received(1))
    with writing(database) as ctx:
        subject = ("payment", new_id())
        with statements(database) as first:
            ledger.post(ctx, key="k", kind="k", subject=subject, description="", lines=received(2))
        with statements(database) as again:
            ledger.post(ctx, key="k", kind="k", subject=subject, description="", lines=received(2))
    assert (len([each for each in first if "SAVEPOINT" not in each]), len(again)) == (4, 1)
