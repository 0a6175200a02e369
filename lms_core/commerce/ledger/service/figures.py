"""What the overview of finance shows, read off the ledger alone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry
from lms_core.commerce.ledger.policies import require_reader
from lms_core.commerce.ledger.queries import CREDIT, DEBIT
from lms_core.commerce.ledger.schemas import AccountKind, Figures, MonthFigure, ProviderFigure, Standing, shown
from lms_core.commerce.ledger.service.reading import KIND_ORDER, trial_balance
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency

MONTHS = 12
RECENT = timedelta(days=30)
SALES = (AccountKind.REVENUE, AccountKind.REFUNDS, AccountKind.VAT)


def access_figures(ctx: ReadCtx, *, zone: ZoneInfo) -> Figures:
    """The last twelve months in `zone`, the last thirty days by provider, what every kind of account holds now.

    Three statements. FinanceRightMissing.
    """
    require_reader(ctx.actor)
    standing = [
        Standing(
            kind=line.kind, currency=line.currency, shown=shown(line.kind, line.debit_balance - line.credit_balance)
        )
        for line in trial_balance(ctx).lines
    ]
    return Figures(months=_months(ctx, zone), providers=_providers(ctx), standing=tuple(standing))


def _months(ctx: ReadCtx, zone: ZoneInfo) -> tuple[MonthFigure, ...]:
    """Every month of the last twelve in each currency that was sold in, oldest first; months without sales are 0."""
    begins = months_before(ctx.now.astimezone(zone), MONTHS)
    place = case(*((LedgerEntry.at < end, number) for number, end in enumerate(begins[1:])), else_=MONTHS - 1)
    # Grouped outside: PostgreSQL takes the same expression with parameters for two different ones.
    sales = (
        select(place.label("place"), LedgerAccount.currency, LedgerAccount.kind, LedgerEntry.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.at >= begins[0], LedgerAccount.kind.in_(SALES))
        .subquery()
    )
    of = (sales.c.place, sales.c.currency, sales.c.kind)
    rows = ctx.session.execute(select(*of, func.sum(sales.c.amount)).group_by(*of))
    held = {(number, currency, kind): shown(AccountKind(kind), int(amount)) for number, currency, kind, amount in rows}
    return tuple(
        MonthFigure(
            month=begin.strftime("%Y-%m"),
            currency=Currency(currency),
            revenue=held.get((number, currency, AccountKind.REVENUE), 0),
            refunds=held.get((number, currency, AccountKind.REFUNDS), 0),
            tax=held.get((number, currency, AccountKind.VAT), 0),
        )
        for currency in sorted({currency for _, currency, _ in held})
        for number, begin in enumerate(begins)
    )


def months_before(now: datetime, count: int) -> list[datetime]:
    """The first moments of the last `count` months, this one's last, in the zone of `now`."""
    number = now.year * 12 + now.month - 1
    return [datetime(each // 12, each % 12 + 1, 1, tzinfo=now.tzinfo) for each in range(number - count + 1, number + 1)]


def _providers(ctx: ReadCtx) -> tuple[ProviderFigure, ...]:
    rows = ctx.session.execute(
        select(LedgerAccount.owner, LedgerAccount.currency, DEBIT, CREDIT)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerAccount.kind == AccountKind.CLEARING, LedgerEntry.at >= ctx.now - RECENT)
        .group_by(LedgerAccount.owner, LedgerAccount.currency)
    )
    found = [
        ProviderFigure(owner=owner, currency=currency, received=int(debit), sent=int(credit))
        for owner, currency, debit, credit in rows
    ]
    return tuple(sorted(found, key=lambda each: (each.currency, -each.received, each.owner)))


def by_kind(figures: Figures) -> list[tuple[AccountKind, dict[Currency, int]]]:
    """The standing as a table: each kind with what it holds by currency, in the order of the kinds."""
    rows: dict[AccountKind, dict[Currency, int]] = {}
    for each in figures.standing:
        rows.setdefault(each.kind, {})[each.currency] = each.shown
    return sorted(rows.items(), key=lambda row: KIND_ORDER[row[0]])
