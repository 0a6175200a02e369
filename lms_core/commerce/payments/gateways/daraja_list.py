"""Rows of Pull Transactions: what came in to a shortcode."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lms_core.commerce.payments.gateways.daraja_calls import NAIROBI
from lms_core.commerce.payments.gateways.port import Entry, State
from lms_core.commerce.payments.gateways.values import read_money
from lms_core.kit.money import Currency

DEEPEST = 3  # the rows come in a list, or in a list of lists


def rows_of(found: Mapping[str, Any]) -> Sequence[Entry]:
    """The payments of one page; rows that say no id, amount or time are not taken for payments."""
    return [entry for row in _rows(found.get("Response"), DEEPEST) if (entry := _entry(row))]


def _rows(held: Any, deeper: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(held, dict):
        yield held
    elif isinstance(held, list) and deeper:
        for each in held:
            yield from _rows(each, deeper - 1)


def _entry(row: Mapping[str, Any]) -> Entry | None:
    receipt, amount = str(row.get("transactionId") or ""), read_money(row.get("amount"), Currency.KES)
    at = _moment(str(row.get("trxDate") or ""))
    if not receipt or amount is None or amount.amount <= 0 or at is None:
        return None
    reference = "".join(each for each in str(row.get("billreference") or "") if each.isalnum()).upper()
    return Entry(receipt, reference, receipt, amount, State.SUCCEEDED, at)


def _moment(written: str) -> datetime | None:
    """2020-08-05T10:13:00Z or 2020-08-05 13:13:00; without a zone it is Nairobi's."""
    try:
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=NAIROBI)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
