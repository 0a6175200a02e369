"""Callback addresses that every provider takes: Safaricom refuses those that hold one of a few words.

The secret part of an account's address is random, and 43 letters, digits, dashes and underscores spell one of the short
words about once in 270 times (in any case of letters); such a one is thrown away.
"""

from collections.abc import Callable

from lms_core.kit.ids import new_token

# From the C2B documentation; followed in every address that Safaricom is given.
REFUSED_WORDS = ("mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query")


def refused_word(address: str) -> str:
    """The first word in it that Safaricom refuses, in any case of letters; "" when there is none."""
    lower = address.lower()
    return next((word for word in REFUSED_WORDS if word in lower), "")


def new_callback_token(draw: Callable[[], str] = new_token) -> str:
    """The secret part of an account's callback address; `draw` gives random ones until one may stand there."""
    while refused_word(token := draw()):
        continue
    return token
