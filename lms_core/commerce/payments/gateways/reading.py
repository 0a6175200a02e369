"""How gateways read what providers write: amounts, moments, codes. What cannot be read is None or "", never a guess."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timezone
from decimal import Decimal
from typing import Any

from lms_core.commerce.payments.gateways.port import Account, Charge, Gateway, GatewayError, Uncertain
from lms_core.commerce.payments.gateways.wire import Reply
from lms_core.kit.money import MAX_AMOUNT, Currency, Money, from_major

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")


def setting(account: Account, name: str) -> str:
    """A field of the account, secret or not; "" when it is not filled in."""
    return (account.credentials.get(name) or account.options.get(name) or "").strip()


def minor(amount: Any, currency: Any) -> Money | None:
    """An integer of minor units and a code; None for anything else, or a currency that is not traded in."""
    known = currency_of(currency)
    if known is None or isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > MAX_AMOUNT:
        return None
    return Money(amount=amount, currency=known)


def major(amount: Any, currency: Any) -> Money | None:
    """An amount in major units (text, integer or Decimal) and a code; None as for `minor`, or for odd decimals."""
    known = currency_of(currency)
    if known is None or isinstance(amount, bool) or not isinstance(amount, (str, int, Decimal)):
        return None
    try:
        return from_major(amount, known)
    except ValueError:
        return None


def currency_of(code: Any) -> Currency | None:
    """The currency with that code, in any case of letters."""
    try:
        return Currency(code.upper()) if isinstance(code, str) else None
    except ValueError:
        return None


def moment(written: Any, zone: timezone = UTC) -> datetime | None:
    """An ISO 8601 moment in UTC; without an offset it is in `zone`. Longer fractions of a second are cut."""
    if not isinstance(written, str):
        return None
    try:
        told = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", written))
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)


def epoch(seconds: Any) -> datetime | None:
    """Seconds since 1970 as a moment."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def text(value: Any) -> str:
    """A string as it is; "" for everything else."""
    return value if isinstance(value, str) else ""


def code(value: Any) -> str:
    """A provider's error code fit for logs and pages; "" when it is prose, for prose may hold personal data."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def table(value: Any) -> dict[str, Any]:
    """An object as it is; an empty one for everything else (providers write [] or null for "nothing")."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none when it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def digest(key: str) -> str:
    """An idempotency key in letters and digits, 40 characters: every provider takes it, and it tells nothing."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def page_of(url: Any) -> str:
    """The address of a provider's page. GatewayError when it is none, so that no browser is sent to a script."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise GatewayError("the provider gave no address to pay at", retryable=True)
    return url


def refuse_currency(gateway: Gateway, charge: Charge) -> None:
    """GatewayError unless the gateway takes the charge's currency."""
    if charge.amount.currency not in gateway.capabilities.currencies:
        raise GatewayError(
            f"{gateway.title} does not take {charge.amount.currency}; choose another way to pay", reason="misconfigured"
        )


def clear_answer(reply: Reply, title: str, *, told: str, reasons: Mapping[str, str]) -> Reply:
    """The answer to a call that moves money when it says that it was done.

    `told` is the provider's code in it. Raises Uncertain for 5xx and GatewayError for a refusal.
    """
    if reply.status < 300:
        return reply
    if reply.status >= 500 or reply.status == 408:
        raise Uncertain(f"{title} answered {reply.status}")
    raise refusal(reply, title, told=told, reasons=reasons)


def refusal(reply: Reply, title: str, *, told: str, reasons: Mapping[str, str]) -> GatewayError:
    """What a 4xx means. The text says what to do where we know."""
    if reply.status == 429:
        return GatewayError(f"{title} is busy; try again in a minute", code=told, reason="busy", retryable=True)
    if reply.status in {401, 403}:
        return GatewayError(
            f"{title} does not accept our keys; check the account's credentials", code=told, reason="authentication"
        )
    reason = reasons.get(told, "other")
    return GatewayError(f"{title} refused the call: {told or reply.status}", code=told, reason=reason)
