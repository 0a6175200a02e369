"""What answers of providers with plain JSON and one secret key mean, whichever provider it is.

Nothing that a provider writes in prose enters an error: it may quote the payer's address or phone. Codes do.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from lms_core.commerce.payments.gateways.port import Account, GatewayError, Mode, Uncertain
from lms_core.commerce.payments.gateways.wire import Reply
from lms_core.kit.money import EXPONENTS, MAX_AMOUNT, Currency, Money

# Signs in what banks write about a charge that failed; the first that is found decides.
SIGNS = (
    ("insufficient", "insufficient_funds"),
    ("not enough", "insufficient_funds"),
    ("incorrect pin", "wrong_pin"),
    ("wrong pin", "wrong_pin"),
    ("invalid pin", "wrong_pin"),
    ("cancel", "cancelled"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("limit", "limit"),
    ("unreachable", "unreachable"),
    ("authenticat", "authentication"),
    ("3d secure", "authentication"),
    ("duplicate", "duplicate"),
    ("declin", "declined"),
    ("not permitted", "declined"),
    ("do not honor", "declined"),
)


def reason_of(words: Any) -> str:
    """One of the port's REASONS for what a bank wrote; "other" for what we do not know."""
    written = text(words).lower()
    return next((reason for sign, reason in SIGNS if sign in written), "other")


def require_clear(reply: Reply, provider: str, *, moves_money: bool = False) -> dict[str, Any]:
    """The answer's object, when it is one that decides. A 4xx with an object is returned: the gateway reads its code.

    Raises `Uncertain` for a 5xx, a redirect or something unreadable when money may have moved; else `GatewayError`.
    """
    if reply.status == 429:
        raise GatewayError(f"{provider} asks to slow down", code="429", reason="busy", retryable=True)
    if reply.status in {401, 403}:
        raise GatewayError(
            f"{provider} does not accept the secret key: copy it again from its dashboard",
            code=str(reply.status),
            reason="misconfigured",
        )
    if 400 <= reply.status < 500 or (reply.status < 300 and isinstance(reply.data, dict)):
        return reply.found
    if moves_money:
        raise Uncertain(f"{provider} answered {reply.status}")
    raise GatewayError(f"{provider} answered {reply.status}", code=str(reply.status), reason="busy", retryable=True)


def require_mode(account: Account, key: str, *, test: tuple[str, ...], live: tuple[str, ...], provider: str) -> None:
    """GatewayError when the key is one of the other mode: a test never charges a card, a live account never plays."""
    other = live if account.mode is Mode.TEST else test
    if key.startswith(other) and not key.startswith(test if account.mode is Mode.TEST else live):
        raise GatewayError(
            f"this account is for {account.mode.value} payments and its {provider} key is not: enter the other key",
            reason="misconfigured",
        )


def same(secret: str, given: str) -> bool:
    """Whether both are equal, in constant time; never with an empty secret."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode())


def currency_of(value: Any) -> Currency | None:
    """A currency we trade in, however it is written; None for another."""
    try:
        return Currency(str(value).upper())
    except ValueError:
        return None


def in_minor(amount: Any, currency: Any) -> Money | None:
    """An amount in minor units, a number or its digits; None when it is no whole amount of a currency we know."""
    known, value = currency_of(currency), _number(amount)
    if known is None or value is None or value != value.to_integral_value():
        return None
    return Money(amount=int(value), currency=known)


def in_major(amount: Any, currency: Any, *, rounded: bool = False) -> Money | None:
    """An amount in major units; None when it is none. `rounded` (fees): half up to the minor unit, else it must fit."""
    known, value = currency_of(currency), _number(amount)
    if known is None or value is None:
        return None
    minor = value.scaleb(EXPONENTS[known])
    whole = minor.quantize(Decimal(1), ROUND_HALF_UP)
    if abs(whole) > MAX_AMOUNT or (whole != minor and not rounded):
        return None
    return Money(amount=int(whole), currency=known)


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601, UTC where no zone is told, or in seconds since 1970; None when it is none."""
    try:
        if isinstance(value, int):
            return datetime.fromtimestamp(value, UTC)
        read = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def chosen(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Only these keys, of those that hold something: what is kept of an answer names nobody."""
    return {name: source[name] for name in names if source.get(name) not in (None, "")}


def part(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a key; an empty one when there is something else."""
    value = source.get(name)
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A word or a number as text; "" for nothing and for what has an inside."""
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read) <= MAX_AMOUNT else None
