"""The overview of finance: what was sold, what came in, how everything stands, and what waits for somebody."""

from babel.numbers import format_compact_decimal
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import Reading
from api.web import ledger_words
from api.web.charts import Bar, bars_of
from api.web.finance_nav import TABS
from api.web.moments import When
from api.web.rendering import language_of, page
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Figures
from lms_core.commerce.payments import service as payments
from lms_core.kit.money import Currency, Money, to_major

router = APIRouter(include_in_schema=False)

NamedBar = tuple[Bar, str]  # and the amount it stands for, short
NamedRow = tuple[str, str, int, int]  # a name, its amount short and whole, and the largest there is
MOST_ROWS = 8


@router.get("/finance")
def overview(request: Request, ctx: Reading) -> Response:
    """How the institution's money stands; sixteen statements at most, ten of them of what waits."""
    when = When(request, ctx)
    figures = ledger.access_figures(ctx, zone=when.zone)
    names = ledger_words.owners_named(ctx, ((AccountKind.CLEARING, each.owner) for each in figures.providers))
    language = language_of(request, ctx.actor)
    open_work = payments.overview(ctx)
    return page(
        request,
        ctx.actor,
        "finance/overview.html",
        tabs=TABS,
        when=when,
        figures=figures,
        checked=ledger.access_last_check(ctx),
        standing=ledger.by_kind(figures),
        currencies=sorted({each.currency for each in figures.standing}),
        kinds=ledger_words.KINDS,
        names=names,
        waiting=[
            (label, count, path)
            for name, (label, path) in ledger_words.WAITING.items()
            if (count := getattr(open_work, name))
        ],
        revenue=_revenue(figures, language),
        providers=_by_provider(figures, names, language),
        negative=[
            each
            for each in figures.standing
            if each.shown < 0 and each.kind not in (AccountKind.VAT, AccountKind.REVENUE)
        ],
    )


def _revenue(figures: Figures, language: str) -> dict[Currency, list[NamedBar]]:
    """By currency, a bar a month: what was sold less what was given back."""
    found: dict[Currency, list[tuple[str, int]]] = {}
    for each in figures.months:
        found.setdefault(each.currency, []).append((each.month, each.revenue - each.refunds))
    return {currency: _named(counts, currency, language) for currency, counts in found.items()}


def _by_provider(figures: Figures, names: dict[str, str], language: str) -> dict[Currency, list[NamedRow]]:
    """By currency, a row for each account at a provider: what came in through it."""
    found: dict[Currency, list[tuple[str, int]]] = {}
    for each in figures.providers:
        found.setdefault(each.currency, []).append((names.get(each.owner, each.owner), max(0, each.received)))
    return {
        currency: [
            (name, _short(amount, currency, language), amount, max(1, *(most for _, most in counts)))
            for name, amount in counts[:MOST_ROWS]
        ]
        for currency, counts in found.items()
    }


def _named(counts: list[tuple[str, int]], currency: Currency, language: str) -> list[NamedBar]:
    bars = bars_of([(label, max(0, amount)) for label, amount in counts])
    return [(bar, _short(amount, currency, language)) for bar, (_, amount) in zip(bars, counts, strict=True)]


def _short(amount: int, currency: Currency, language: str) -> str:
    """As in “1.2M”; nothing for zero."""
    if not amount:
        return ""
    major = to_major(Money(amount=amount, currency=currency))
    return str(format_compact_decimal(major, locale=language, fraction_digits=1))
