"""Cursor pagination: lists as `{"items": [...], "next_cursor": ...}`.

A cursor is the sort key of the last row, base64 of JSON. It carries no secret:
a forged one only starts the list elsewhere, inside what the caller may see.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from lms_core.kit.errors import Invalid

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 100
SMALLEST, LARGEST = -(2**63), 2**63 - 1  # what both databases hold

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list and where the next begins (None: this was the last)."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(key: Sequence[Any]) -> str:
    """The opaque text of a sort key made of strings and numbers."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, types: Sequence[type]) -> list[Any]:
    """The sort key in `cursor`, its parts checked against `types`. Invalid when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid("The cursor is not one this list gave out. Start again without it.") from error
    if not isinstance(key, list) or len(key) != len(types):
        raise Invalid("The cursor belongs to another list. Start again without it.")
    if not all(type(part) is expected for part, expected in zip(key, types, strict=True)):
        raise Invalid("The cursor belongs to another list. Start again without it.")
    if any(type(part) is int and not SMALLEST <= part <= LARGEST for part in key):
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return key


def page(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """A page out of `limit + 1` fetched rows: the extra row only tells that there is more."""
    shown = list(rows[:limit])
    more = len(rows) > limit and bool(shown)
    return Page(items=shown, next_cursor=encode_cursor(key(shown[-1])) if more else None)
