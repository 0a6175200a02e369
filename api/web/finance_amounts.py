"""Amounts and shares as people write them in forms, read as the integers they stand for."""

from lms_core.kit.errors import Invalid
from lms_core.kit.money import Currency, from_major


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


AMOUNT = _("Please write an amount such as 1500 or 1500.50.")
PERCENT = _("Please write a percentage from 0 to 100, with two decimals at most.")


def minor(written: str, currency: Currency, field: str) -> int:
    """“1,500.50” of a currency in minor units. Invalid, at `field`, for anything else."""
    try:
        return from_major(written.strip().replace(",", "").replace(" ", ""), currency).amount
    except ValueError as error:
        raise Invalid(AMOUNT, fields=[{"field": field, "message": AMOUNT}]) from error


def basis_points(written: str, field: str) -> int:
    """“16” percent as 1600 basis points. Invalid, at `field`, for anything else."""
    try:
        share = from_major(written.strip().replace(",", ".").rstrip("% "), Currency.USD).amount
    except ValueError:
        share = -1
    if not 0 <= share <= 10_000:
        raise Invalid(PERCENT, fields=[{"field": field, "message": PERCENT}])
    return share
