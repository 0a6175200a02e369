"""What has to hold after a market day, by the providers' books, ours, and the ledger."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.models import LedgerEntry
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments.models import CallbackRecord
from lms_core.commerce.payments.states import Verdict
from lms_core.commerce.payments.transitions import SETTLED
from lms_core.kit.context import ReadCtx, system_actor
from lms_core.learning.enrolments.models import Enrollment, EnrollmentStatus
from tests.simulators.payments.market import Market, attempts


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts. All but `paid`, `orders` and `forged_recorded` have to be nothing."""

    orders: int
    paid: int
    double_credits: int
    lost_payments: int
    wrong_enrolments: int
    wrong_amounts: int
    ledger_sum: int
    ledger_breaches: int
    uncollected: int  # currencies in which clearing and fees are not what providers took, or money was left unapplied
    forged_recorded: int
    problems: tuple[str, ...]

    @property
    def faults(self) -> int:
        """How much is wrong in all."""
        return (
            self.double_credits + self.lost_payments + self.wrong_enrolments + self.wrong_amounts
            + abs(self.ledger_sum) + self.ledger_breaches + self.uncollected + len(self.problems)
        )  # fmt: skip


def outcome(market: Market) -> Outcome:
    """Hold everything against everything."""
    asked = attempts(market.database, market.tenant_id)
    settled = Counter(each.intent_id for each in asked if each.state in SETTLED)
    taken = {each.reference: _charged(market, each.gateway, each.reference) for each in asked}
    by_currency: dict[str, int] = defaultdict(int)
    for each in asked:
        by_currency[str(each.currency)] += taken[each.reference]
    with market.database.read(system_actor(market.tenant_id)) as ctx:
        rows = {row.id: row for row in ctx.session.execute(select(Order)).scalars()}
        inside = _inside(ctx)
        lost = enrolled = amounts = paid = 0
        for bought in market.bought:
            row = rows[bought.order.id]
            money = sum(taken[each.reference] for each in asked if each.intent_id == row.intent_id)
            done = row.state == OrderState.FULFILLED
            paid += done
            lost += money > 0 and not done
            amounts += done and money != row.total
            enrolled += ((bought.buyer.id, bought.course_id) in inside) != (money == row.total)
        wrong = (CallbackRecord.verdict == Verdict.FORGED, CallbackRecord.verdict == Verdict.MALFORMED)
        recorded = ctx.session.execute(select(func.sum(CallbackRecord.times)).where(wrong[0] | wrong[1])).scalar_one()
        return Outcome(
            orders=len(market.bought), paid=paid, double_credits=sum(count - 1 for count in settled.values()),
            lost_payments=lost, wrong_enrolments=enrolled, wrong_amounts=amounts,
            ledger_sum=int(ctx.session.execute(select(func.sum(LedgerEntry.amount))).scalar_one() or 0),
            ledger_breaches=len(ledger.check(ctx)), uncollected=_uncollected(ctx, by_currency),
            forged_recorded=int(recorded or 0), problems=tuple(market.tally.problems),
        )  # fmt: skip


def _charged(market: Market, gateway: str, reference: str) -> int:
    try:
        return market.at[gateway].charged(reference)
    except (KeyError, StopIteration):  # it never heard of it
        return 0


def _inside(ctx: ReadCtx) -> set[tuple[object, object]]:
    wanted = select(Enrollment.user_id, Enrollment.course_id).where(Enrollment.status == EnrollmentStatus.ACTIVE)
    return {(row[0], row[1]) for row in ctx.session.execute(wanted)}


def _uncollected(ctx: ReadCtx, taken: dict[str, int]) -> int:
    """In how many currencies the books do not hold what the providers took."""
    held: dict[str, int] = defaultdict(int)
    loose = 0
    for each in ledger.balances(ctx):
        if each.kind in (AccountKind.CLEARING, AccountKind.FEES):
            held[str(each.currency)] += each.balance
        elif each.kind in (AccountKind.RECEIPTS, AccountKind.DEPOSITS):
            loose += each.balance != 0
    return loose + sum(held[currency] != taken.get(currency, 0) for currency in {*held, *taken})
