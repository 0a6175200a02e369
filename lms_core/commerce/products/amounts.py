"""What lines come to: discount, tax and total, in integer minor units. Plain data in, plain data out.

A discount is taken off before tax and divided over the lines it is for by the largest remainder. Tax is rounded half
up, once a line. So the sums of the lines are the sums of the order, always.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lms_core.kit.money import allocate, share, tax_within


@dataclass(frozen=True, slots=True)
class Item:
    """So many of something. `rate`: basis points of tax, within the price where `inclusive`, else on top of it.

    `reduced`: whether a discount is taken off it.
    """

    unit: int
    quantity: int
    rate: int = 0
    inclusive: bool = True
    reduced: bool = True


@dataclass(frozen=True, slots=True)
class Amounts:
    """A line, for its whole quantity: `gross` - `discount` is what is asked for; `total` = `net` + `tax`."""

    gross: int
    discount: int
    net: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off the lines it is for together: a share, or an amount of the order's currency."""

    basis_points: int = 0
    amount: int = 0

    def of(self, gross: int) -> int:
        """The discount on `gross`, never more than it."""
        return min(gross, share(gross, self.basis_points) if self.basis_points else self.amount)


def line(gross: int, discount: int, *, rate: int, inclusive: bool) -> Amounts:
    """One line after its part of the discount."""
    asked = gross - discount
    if inclusive:
        tax = tax_within(asked, rate)
        return Amounts(gross, discount, asked - tax, tax, asked)
    tax = share(asked, rate)
    return Amounts(gross, discount, asked, tax, asked + tax)


def lines(items: Sequence[Item], discount: Discount | None = None) -> list[Amounts]:
    """What each of the items comes to."""
    grosses = [each.unit * each.quantity for each in items]
    weights = [gross if each.reduced else 0 for gross, each in zip(grosses, items, strict=True)]
    off = [0] * len(items)
    if discount is not None and sum(weights) > 0:
        off = allocate(discount.of(sum(weights)), weights)
    return [
        line(gross, taken, rate=each.rate, inclusive=each.inclusive)
        for gross, taken, each in zip(grosses, off, items, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Back:
    """What of a line goes back to who paid; `total` = `net` + `tax`."""

    net: int
    tax: int
    total: int


def back(amount: int, left: Sequence[Back]) -> list[Back]:
    """`amount` given back over lines of which `left` is not given back yet, each by its part of what is left.

    Net and tax go in the proportion in which they are left, and end at nothing together. ValueError for more than that.
    """
    whole = sum(each.total for each in left)
    if not 0 < amount <= whole:
        raise ValueError(f"{amount} of {whole} cannot be given back")
    parts = []
    for total, each in zip(allocate(amount, [each.total for each in left]), left, strict=True):
        net = allocate(total, [each.net, each.tax])[0] if each.total else 0
        parts.append(Back(net, total - net, total))
    return parts
