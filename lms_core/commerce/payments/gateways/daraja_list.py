"""Rows of Pull Transactions: what came in to a shortcode."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lms_core.commerce.payments.gateways.daraja_calls import NAIROBI
from lms_core.commerce.payments.gateways.port import Entry, State
from lms_core.commerce.payments.gateways.reading import major, moment, text
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
    receipt, amount = text(row.get("transactionId")), major(row.get("amount"), Currency.KES)
    at = moment(row.get("trxDate"), NAIROBI)
    if not receipt or amount is None or amount.amount <= 0 or at is None:
        return None
    reference = "".join(each for each in text(row.get("billreference")) if each.isalnum()).upper()
    return Entry(receipt, reference, receipt, amount, State.SUCCEEDED, at)
