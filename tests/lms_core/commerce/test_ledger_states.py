"""The ledger against a model of it: whatever is posted, repeated, contradicted or rolled back, the books agree."""

from collections import defaultdict
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.errors import LedgerConflict, Unbalanced
from lms_core.commerce.ledger.service import AccountKind, Line
from lms_core.kit.context import Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, share
from tests.factories.people import default_tenant
from tests.lms_core.commerce.books import line, received, shared, sold
from workers.runtime import Runtime

EXAMPLES, STEPS = 230, 50
CURRENCIES = st.sampled_from([Currency.KES, Currency.USD, Currency.UGX])
AMOUNTS = st.integers(2, 500_000)
PEOPLE = [str(UUID(int=number)) for number in (1, 2, 3)]
Place = tuple[str, str, str]


@st.composite
def flows(draw: st.DrawFn) -> list[Line]:
    """What slices post: one movement, or two currencies at once."""
    amount, currency = draw(AMOUNTS), draw(CURRENCIES)
    kinds: dict[str, Any] = {
        "received": lambda: received(amount, currency=currency, till=draw(st.sampled_from(["till", "bank card"]))),
        "sold": lambda: sold(amount, currency=currency),
        "shared": lambda: shared(amount, owner=draw(st.sampled_from(PEOPLE)), currency=currency),
        "fee": lambda: _pair(AccountKind.FEES, AccountKind.CLEARING, share(amount, 150) or 1, currency),
        "refund": lambda: _pair(AccountKind.REFUNDS, AccountKind.RECEIPTS, amount, currency),
        "stray": lambda: _pair(AccountKind.CLEARING, AccountKind.DEPOSITS, amount, currency),
        "two": lambda: [*received(amount), *received(amount + 1, currency=Currency.USD)],
    }
    return list(kinds[draw(st.sampled_from(sorted(kinds)))]())


def _pair(debit: AccountKind, credit: AccountKind, amount: int, currency: Currency) -> list[Line]:
    return [line(debit, amount, currency), line(credit, -amount, currency)]


class Books(RuleBasedStateMachine):
    """One transaction of the database an example; it is rolled back, so that the next begins with empty books."""

    database: ClassVar[Database]
    tenant: ClassVar[UUID]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.opened = self.database.write(system_actor(self.tenant))
        self.ctx = self.opened.__enter__()
        self.held: dict[Place, int] = defaultdict(int)
        self.moves: dict[Place, list[int]] = defaultdict(list)
        self.posted: dict[str, tuple[UUID, UUID, list[Line]]] = {}

    def post(self, key: str, subject: UUID, lines: list[Line]) -> UUID:
        """As slices do."""
        return ledger.post(
            self.ctx, key=key, kind="test", subject=("thing", subject), description="A movement", lines=lines
        )

    def a_known_key(self, data: Any) -> str | None:
        """A key that was used, where one was."""
        return data.draw(st.sampled_from(sorted(self.posted))) if self.posted else None

    @rule(lines=flows())
    def something_moves(self, lines: list[Line]) -> None:
        key, subject = f"key:{len(self.posted)}", new_id()
        self.posted[key] = (self.post(key, subject, lines), subject, lines)
        for each in lines:
            place = (each.kind.value, each.owner, each.currency.value)
            self.held[place] += each.amount
            self.moves[place].append(each.amount)

    @rule(data=st.data())
    def it_is_said_again(self, data: Any) -> None:
        key = self.a_known_key(data)
        if key is not None:
            first, subject, lines = self.posted[key]
            assert self.post(key, subject, data.draw(st.permutations(lines))) == first

    @rule(data=st.data(), lines=flows())
    def it_is_contradicted(self, data: Any, lines: list[Line]) -> None:
        key = self.a_known_key(data)
        if key is not None:
            _, subject, known = self.posted[key]
            other = subject if sorted(map(repr, lines)) != sorted(map(repr, known)) else new_id()
            with pytest.raises(LedgerConflict):
                self.post(key, other, lines)

    @rule(lines=flows(), wrong=st.integers(0, 1), by=st.integers(1, 9))
    def a_bug_posts_what_does_not_balance(self, lines: list[Line], wrong: int, by: int) -> None:
        lines[wrong] = replace(lines[wrong], amount=lines[wrong].amount + by)
        with pytest.raises(Unbalanced):
            self.post("bug", new_id(), lines)

    @rule(lines=flows())
    def what_it_was_posted_with_fails(self, lines: list[Line]) -> None:
        with pytest.raises(RuntimeError), self.ctx.session.begin_nested():
            self.post("undone", new_id(), lines)
            raise RuntimeError("and all of it is undone")

    @rule(data=st.data())
    def somebody_reads_a_balance(self, data: Any) -> None:
        place = data.draw(st.sampled_from(sorted(self.held))) if self.held else ("vat", "", "KES")
        kind, owner, currency = place
        assert ledger.balance(self.ctx, AccountKind(kind), Currency(currency), owner) == self.held.get(place, 0)

    @invariant()
    def every_currency_is_zero_in_sum(self) -> None:
        type(self).steps += 1
        sums: dict[str, int] = defaultdict(int)
        for (_, _, currency), amount in self.held.items():
            sums[currency] += amount
        assert not any(sums.values())

    def teardown(self) -> None:
        """Everything read back at once, and every statement; then all of it is undone."""
        try:
            balances = {(each.kind.value, each.owner, each.currency.value): each for each in ledger.balances(self.ctx)}
            # An account that a rolled back transaction opened is gone with it; the others are those of the model.
            assert {place: each.balance for place, each in balances.items()} == dict(self.held)
            for total in ledger.trial_balance(self.ctx).totals:
                assert total.debit_balance == total.credit_balance
            for place, moves in list(self.moves.items())[:2]:
                self.a_statement_adds_up(balances[place].id, moves)
            assert ledger.check(self.ctx) == []
        finally:
            self.ctx.session.rollback()
            self.ctx.session.close()

    def a_statement_adds_up(self, account_id: UUID, moves: list[int]) -> None:
        """Page by page, each line with what the account held after it."""
        cursor: str | None = ""
        held, amounts = 0, []
        while cursor is not None:
            page = ledger.statement(self.ctx, account_id, cursor=cursor, limit=7)
            for each in page.lines.items:
                held += each.amount
                assert each.balance == held
                amounts.append(each.amount)
            cursor = page.lines.next_cursor
        assert sorted(amounts) == sorted(moves)
        assert (page.opening, page.closing) == (0, sum(moves))


def test_ten_thousand_movements_and_mistakes(runtime: Runtime) -> None:
    Books.database, Books.tenant, Books.steps = runtime.database, default_tenant(runtime.database), 0
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,  # so that the number of steps is the same in every run
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Books, settings=chosen)
    assert Books.steps - EXAMPLES >= 10_000  # every example looks once before its first step
