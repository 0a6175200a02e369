"""Giving memory back to the system, where the C library is glibc; elsewhere nothing happens.

glibc keeps a pool of freed memory for every few threads and returns little of
it: after an import or a calibration a server would hold a quarter more than it uses.
"""

import ctypes
from functools import cache
from typing import Any

_M_ARENA_MAX = -8  # malloc.h
ARENAS = 2


def few_pools() -> None:
    """Let all threads share two pools; to be called before threads begin."""
    if (glibc := _glibc()) is not None:
        glibc.mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return what is free to the system; takes some milliseconds."""
    if (glibc := _glibc()) is not None:
        glibc.malloc_trim(0)


@cache
def _glibc() -> Any:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
