"""Amounts of money as pages write them."""

from babel.numbers import format_currency

from lms_core.kit.money import Currency, Money, to_major


def written(amount: int, currency: Currency, language: str) -> str:
    """150000 minor units of KES are “KES 1,500.00” (or as the language writes it)."""
    major = to_major(Money(amount=amount, currency=Currency(currency)))
    return str(format_currency(major, Currency(currency).value, locale=language, format="¤¤ #,##0.00"))
