"""Every rounding rule of money, against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lms_core.kit.money import (
    BASIS_POINTS,
    EXPONENTS,
    MAX_AMOUNT,
    Currency,
    Money,
    allocate,
    from_major,
    share,
    tax_within,
    to_major,
)

AMOUNTS = st.integers(-MAX_AMOUNT, MAX_AMOUNT)
POINTS = st.integers(0, BASIS_POINTS)
CURRENCIES = st.sampled_from(Currency)
WEIGHTS = st.lists(st.integers(0, MAX_AMOUNT), min_size=1, max_size=30).filter(any)
# Small weights and amounts meet equal remainders, and zeros among the weights, far more often.
SMALL = st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any)


def half_up(exact: Fraction) -> int:
    """Rounded to a whole number; halves away from zero."""
    return floor(exact + Fraction(1, 2)) if exact >= 0 else -floor(-exact + Fraction(1, 2))


@given(AMOUNTS, POINTS)
def test_a_share_is_the_exact_part_rounded_half_up_away_from_zero(amount: int, points: int) -> None:
    assert share(amount, points) == half_up(Fraction(amount * points, BASIS_POINTS))
    assert share(-amount, points) == -share(amount, points)


@pytest.mark.parametrize(
    ("amount", "points", "part"),
    [(1, 5000, 1), (-1, 5000, -1), (1, 4999, 0), (3, 5000, 2), (100, 1600, 16), (0, 1600, 0), (99, 10000, 99)],
)
def test_halves_of_shares(amount: int, points: int, part: int) -> None:
    assert share(amount, points) == part


@given(AMOUNTS, POINTS, POINTS)
def test_a_share_is_never_more_than_the_whole_and_grows_with_the_rate(amount: int, first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert abs(share(amount, low)) <= abs(share(amount, high)) <= abs(amount)


@given(AMOUNTS, POINTS)
def test_the_tax_within_is_exact_but_for_one_rounding(gross: int, points: int) -> None:
    tax = tax_within(gross, points)
    assert tax == half_up(Fraction(gross * points, BASIS_POINTS + points))
    assert tax_within(-gross, points) == -tax
    net = gross - tax
    assert abs(share(net, points) - tax) <= 1, "the tax on the net price is that tax, to a unit"


@pytest.mark.parametrize(
    ("gross", "points", "tax"),
    [(116, 1600, 16), (100, 1600, 14), (1, 1600, 0), (11, 1000, 1), (3, 10000, 2), (-3, 10000, -2)],
)
def test_tax_in_prices(gross: int, points: int, tax: int) -> None:
    assert tax_within(gross, points) == tax


@given(st.integers(0, MAX_AMOUNT), WEIGHTS)
def test_parts_add_up_and_none_is_a_unit_away_from_exact(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert len(parts) == len(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(amount * weight, sum(weights))
        assert abs(part - exact) < 1
        assert part == 0 or weight > 0


@given(st.integers(0, 40), SMALL)
def test_the_largest_remainders_get_the_units_and_of_equal_ones_the_earlier(amount: int, weights: list[int]) -> None:
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    expected = [floor(each) for each in exact]
    for _ in range(amount - sum(expected)):
        left = [each - part for each, part in zip(exact, expected, strict=True)]
        expected[left.index(max(left))] += 1
    assert allocate(amount, weights) == expected


@given(st.integers(0, MAX_AMOUNT), st.integers(1, 30))
def test_equal_weights_give_parts_that_differ_by_a_unit_at_most(amount: int, count: int) -> None:
    parts = allocate(amount, [1] * count)
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize(("amount", "weights"), [(1, []), (1, [0, 0]), (-1, [1]), (1, [1, -1]), (1, [2, -1])])
def test_what_cannot_be_divided(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights must be positive"):
        allocate(amount, weights)


@given(AMOUNTS, CURRENCIES)
def test_major_units_and_back(amount: int, currency: Currency) -> None:
    money = Money(amount=amount, currency=currency)
    written = to_major(money)
    assert written == Fraction(amount, 10 ** EXPONENTS[currency])
    assert -written.as_tuple().exponent == EXPONENTS[currency]
    for form in (written, str(written), f"{written}000" if EXPONENTS[currency] else str(written)):
        assert from_major(form, currency) == money


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9), CURRENCIES)
def test_an_amount_is_read_exactly_or_refused(written: Decimal, currency: Currency) -> None:
    exact = Fraction(written) * 10 ** EXPONENTS[currency]
    if exact.denominator == 1:
        assert from_major(written, currency).amount == exact
    else:
        with pytest.raises(ValueError, match="more decimals"):
            from_major(written, currency)


@pytest.mark.parametrize(
    "written", ["", "a", "NaN", "Infinity", "-Infinity", "1,5", "1e99", "1.5.0", "10000000000000.01"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        from_major(written, Currency.KES)


def test_shillings_of_uganda_have_no_cents() -> None:
    assert from_major("1500", Currency.UGX).amount == 1500
    assert to_major(Money(amount=1500, currency=Currency.UGX)) == Decimal("1500")
    with pytest.raises(ValueError, match="more decimals"):
        from_major("1500.5", Currency.UGX)


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_are_exact_within_the_limit(first: int, second: int, currency: Currency) -> None:
    one, other = Money(amount=first, currency=currency), Money(amount=second, currency=currency)
    if abs(first + second) <= MAX_AMOUNT:
        assert (one + other).amount == first + second
        assert (one + other) - other == one
    else:
        with pytest.raises(ValidationError):
            one + other
    assert (-one).amount == -first


@given(AMOUNTS, st.integers(0, 1000), CURRENCIES)
def test_so_many_of_a_price(amount: int, quantity: int, currency: Currency) -> None:
    price = Money(amount=amount, currency=currency)
    if abs(amount * quantity) <= MAX_AMOUNT:
        assert price.times(quantity).amount == amount * quantity
    else:
        with pytest.raises(ValidationError):
            price.times(quantity)


def test_currencies_are_never_mixed() -> None:
    for act in ("__add__", "__sub__"):
        with pytest.raises(ValueError, match="cannot be added"):
            getattr(Money(amount=1, currency=Currency.KES), act)(Money(amount=1, currency=Currency.USD))
