"""Numbers of documents: taken one after the other, in the transaction that stores the document they are for."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.documents.models import DocumentKind, DocumentSeries
from lms_core.kit.context import WriteCtx

PREFIXES = {DocumentKind.INVOICE: "INV", DocumentKind.RECEIPT: "RCP", DocumentKind.CREDIT_NOTE: "CRN"}


def written(kind: DocumentKind, year: int, sequence: int) -> str:
    """The number as people know it: `INV-2026-000001`."""
    return f"{PREFIXES[kind]}-{year}-{sequence:06}"


def year_of(at: datetime, time_zone: str) -> int:
    """The calendar year of a moment where the seller is."""
    return at.astimezone(ZoneInfo(time_zone)).year


def take(ctx: WriteCtx, *, kind: DocumentKind, year: int) -> int:
    """The next number of the series, from 1.

    The update holds the series' row until this transaction ends: whoever wants the next number waits, and a
    transaction that fails gives its number back. That is what makes the series gapless.
    """
    number = _following(ctx, kind, year)
    if number is None:
        try:
            with ctx.session.begin_nested():
                ctx.add(DocumentSeries(kind=kind, year=year))
        except IntegrityError:  # another transaction began the year meanwhile, on PostgreSQL
            pass
        number = _following(ctx, kind, year)
    if number is None:
        raise RuntimeError(f"the series of {kind} {year} is neither there nor can it begin")
    return number


def _following(ctx: WriteCtx, kind: DocumentKind, year: int) -> int | None:
    taken: int | None = ctx.session.execute(
        update(DocumentSeries)
        .where(DocumentSeries.kind == kind, DocumentSeries.year == year)
        .values(following=DocumentSeries.following + 1)
        .returning(DocumentSeries.following)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if taken is None else taken - 1
