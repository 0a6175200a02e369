"""Money: integer minor units with an ISO 4217 currency, and the only places where it is rounded.

Rules. A share or a tax is rounded half up, away from zero, to the minor unit, once, on the
amount it is of. A sum that is divided (a discount over lines) goes by the largest
remainder, so the parts always add up to the whole. Nothing here uses floating point.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_AMOUNT = 10**13  # minor units: a hundred thousand million shillings; what is larger is a mistake or an attack
BASIS_POINTS = 10_000  # 100 %


class Currency(StrEnum):
    """The currencies that are traded in."""

    KES = "KES"
    UGX = "UGX"
    TZS = "TZS"
    NGN = "NGN"
    USD = "USD"
    EUR = "EUR"
    INR = "INR"


# Digits after the point (ISO 4217, table A.1).
EXPONENTS = dict.fromkeys(Currency, 2) | {Currency.UGX: 0}

Minor = Annotated[int, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
PositiveMinor = Annotated[int, Field(gt=0, le=MAX_AMOUNT)]
BasisPoints = Annotated[int, Field(ge=0, le=BASIS_POINTS)]


class Money(BaseModel):
    """An amount in minor units of a currency: `{"amount": 150000, "currency": "KES"}` is 1,500 shillings."""

    model_config = ConfigDict(frozen=True)
    amount: Minor
    currency: Currency

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(amount=-self.amount, currency=self.currency)

    def times(self, quantity: int) -> "Money":
        """So many of it. ValidationError beyond `MAX_AMOUNT`."""
        return Money(amount=self.amount * quantity, currency=self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return other.amount


def share(amount: int, basis_points: int) -> int:
    """`basis_points` of `amount` (both integers), rounded half up, away from zero."""
    sign = -1 if amount * basis_points < 0 else 1
    return sign * ((2 * abs(amount * basis_points) + BASIS_POINTS) // (2 * BASIS_POINTS))


def tax_within(gross: int, basis_points: int) -> int:
    """The tax that a price with tax holds: gross x rate / (1 + rate), rounded half up."""
    whole = BASIS_POINTS + basis_points
    sign = -1 if gross < 0 else 1
    return sign * ((2 * abs(gross) * basis_points + whole) // (2 * whole))


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` (not negative) divided by `weights` (not negative) so that the parts add up to it.

    Largest remainder; of equal remainders the earlier part gets the unit. ValueError when all weights are 0.
    """
    whole = sum(weights)
    if whole <= 0 or amount < 0 or any(each < 0 for each in weights):
        raise ValueError("weights must be positive in sum, and no amount or weight negative")
    parts = [amount * each // whole for each in weights]
    owed = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in owed[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def to_major(money: Money) -> Decimal:
    """150000 KES is Decimal('1500.00')."""
    digits = EXPONENTS[money.currency]
    return Decimal(money.amount).scaleb(-digits).quantize(Decimal(1).scaleb(-digits))


def from_major(written: Decimal | int | str, currency: Currency) -> Money:
    """What people and gateways write in major units. ValueError for more decimals than the currency has, or no number.

    Floats are not taken: parse JSON numbers as Decimal.
    """
    try:
        value = Decimal(written)
    except InvalidOperation as error:
        raise ValueError(f"{written!r} is no amount") from error
    if not value.is_finite() or abs(value) > MAX_AMOUNT:
        raise ValueError(f"{written!r} is no amount")
    minor = value.scaleb(EXPONENTS[currency])
    if minor != minor.to_integral_value():
        raise ValueError(f"{written} has more decimals than {currency} has")
    return Money(amount=int(minor), currency=currency)
