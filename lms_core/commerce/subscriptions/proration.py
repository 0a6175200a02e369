"""What a change of plan costs: the unused days of the old price against the same days of the new one. Pure.

All amounts are minor units of one currency, none of them negative. A part of a price is rounded once (`kit.money`).
"""

from dataclasses import dataclass

from lms_core.kit.money import allocate


@dataclass(frozen=True, slots=True)
class Proration:
    """`credit` for what is unused, `charge` for what is new, `balance` the credit kept from before.

    `due` is to be paid now; `kept` is the credit that stays for later terms. credit + balance + due = charge + kept.
    """

    credit: int
    charge: int
    balance: int

    @property
    def due(self) -> int:
        """What the credit does not cover."""
        return max(self.charge - self.credit - self.balance, 0)

    @property
    def kept(self) -> int:
        """The credit that is left over."""
        return max(self.credit + self.balance - self.charge, 0)


def part_of(amount: int, days: int, whole: int) -> int:
    """The price of `days` out of `whole`, rounded half up. ValueError unless 0 <= days <= whole and whole > 0."""
    return allocate(amount, [days, whole - days])[0]


def within_term(old: int, new: int, *, days: int, whole: int, balance: int) -> Proration:
    """The term stays as it is: both prices count for its unused days."""
    return Proration(part_of(old, days, whole), part_of(new, days, whole), balance)


def new_term(old: int, new: int, *, days: int, whole: int, balance: int) -> Proration:
    """A whole new term begins: it costs its full price, and the unused days of the old one are credited."""
    return Proration(part_of(old, days, whole), new, balance)
