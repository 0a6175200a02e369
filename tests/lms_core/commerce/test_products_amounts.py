"""The arithmetic of orders: whatever is bought, the lines add up, and no discount or refund goes past what is there."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms_core.commerce.products.amounts import Back, Discount, Item, back, line, lines
from lms_core.kit.money import share

ITEMS = st.builds(
    Item,
    unit=st.integers(0, 10**10),
    quantity=st.integers(1, 1000),
    rate=st.sampled_from([0, 1, 800, 1600, 2000, 9999, 10_000]),
    inclusive=st.booleans(),
    reduced=st.booleans(),
)
DISCOUNTS = (
    st.none()
    | st.builds(Discount, basis_points=st.integers(1, 10_000))
    | st.builds(Discount, amount=st.integers(1, 10**13))
)


@given(st.lists(ITEMS, min_size=1, max_size=8), DISCOUNTS)
@hypothesis_settings(max_examples=300, deadline=None)
def test_lines_add_up_and_discounts_stay_within(items: list[Item], discount: Discount | None) -> None:
    found = lines(items, discount)
    for item, each in zip(items, found, strict=True):
        assert each.gross == item.unit * item.quantity
        assert 0 <= each.discount <= each.gross and (item.reduced or each.discount == 0)
        assert each.total == each.net + each.tax and min(each.net, each.tax) >= 0
        asked = each.gross - each.discount
        assert (each.total if item.inclusive else each.net) == asked
        if item.inclusive:  # the tax of the net is the tax that was taken out, to the cent
            assert abs(share(each.net, item.rate) - each.tax) <= 1
    whole = sum(each.gross for item, each in zip(items, found, strict=True) if item.reduced)
    wanted = 0 if discount is None or whole == 0 else discount.of(whole)
    assert sum(each.discount for each in found) == wanted <= whole


@given(st.lists(ITEMS, min_size=1, max_size=6), st.lists(st.integers(1, 10**12), min_size=1, max_size=6))
@hypothesis_settings(max_examples=200, deadline=None)
def test_refunds_in_any_parts_end_at_nothing(items: list[Item], wanted: list[int]) -> None:
    left = [Back(each.net, each.tax, each.total) for each in lines(items)]
    for amount in [*wanted, 0]:
        whole = sum(each.total for each in left)
        if whole == 0:
            break
        amount = min(amount, whole) or whole
        parts = back(amount, left)
        assert sum(each.total for each in parts) == amount
        for part, before in zip(parts, left, strict=True):
            assert part.total == part.net + part.tax
            assert 0 <= part.net <= before.net and 0 <= part.tax <= before.tax
        left = [Back(b.net - p.net, b.tax - p.tax, b.total - p.total) for p, b in zip(parts, left, strict=True)]
    assert sum(each.total for each in left) == 0
    assert sum(each.net + each.tax for each in left) == 0


@pytest.mark.parametrize("amount", [0, -1, 117])
def test_more_than_is_left_is_not_given_back(amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be given back"):
        back(amount, [Back(100, 16, 116)])


def test_kenyan_vat_within_and_on_top() -> None:
    within = line(116_000, 0, rate=1600, inclusive=True)
    assert (within.net, within.tax, within.total) == (100_000, 16_000, 116_000)
    on_top = line(100_000, 10_000, rate=1600, inclusive=False)
    assert (on_top.net, on_top.tax, on_top.total) == (90_000, 14_400, 104_400)
    half = line(1, 0, rate=10_000, inclusive=False)
    assert (half.net, half.tax) == (1, 1)
