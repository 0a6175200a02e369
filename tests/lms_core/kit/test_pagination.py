"""Cursors: what one page gives the next takes, and nothing else."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kit.errors import Invalid
from lms_core.kit.pagination import decode_cursor, encode_cursor, page

KEYS = st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=3)


@given(KEYS)
def test_a_key_survives_its_cursor(key: list[str | int]) -> None:
    assert decode_cursor(encode_cursor(key), [type(part) for part in key]) == key


ENCODED = st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(raw).decode())


@given(st.one_of(st.text(max_size=400), ENCODED))
@settings(max_examples=300)
def test_whatever_comes_is_a_key_of_the_right_types_or_refused(cursor: str) -> None:
    try:
        rank, word = decode_cursor(cursor, (int, str))
    except Invalid:
        return
    assert type(rank) is int
    assert type(word) is str


@pytest.mark.parametrize("key", [[True, "a"], [1.5, "a"], ["a", 1], [1], [1, "a", 2], {"a": 1}, None, 10**30])
def test_keys_of_another_list_are_refused(key: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    with pytest.raises(Invalid):
        decode_cursor(cursor, (int, str))


def test_numbers_no_database_holds_are_refused() -> None:
    for number in (2**63, -(2**63) - 1, 10**300):
        with pytest.raises(Invalid):
            decode_cursor(encode_cursor([number]), (int,))


def test_the_extra_row_only_tells_that_there_is_more() -> None:
    full = page([1, 2, 3], 2, key=lambda number: [number])
    assert full.items == [1, 2]
    assert full.next_cursor is not None
    assert decode_cursor(full.next_cursor, (int,)) == [2]
    assert page([1, 2], 2, key=lambda number: [number]).next_cursor is None
    assert page([], 2, key=lambda number: [number]).next_cursor is None
