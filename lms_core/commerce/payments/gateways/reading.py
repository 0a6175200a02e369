"""How what others wrote is read: the fields of a provider's JSON or form, its answers, and the settings of an account.

Nothing in them is trusted. Every reader takes any value and gives a plain one, or says that there was none; it never
raises and never guesses:

- text: a string or a number, without spaces around; "" for everything else (`text`, `code`, `without_people`)
- objects and lists: empty ones for everything else (`table`, `part`, `rows`, `chosen`)
- integers: also as digits in text, as tokens' lives are (`integer`); None otherwise
- money: integer minor units (`minor`), or major units as text, integer or Decimal (`major`); None when there are more
  decimals than the currency has, for floats, for what is larger than money is, and for currencies not traded in
- times: ISO 8601, a provider's own writing, or seconds since 1970; in UTC (`moment`); None otherwise
- phone numbers: twelve digits as the network writes them (`phone`), or as people do (`international`)

Numbers with a point come as Decimal from `wire.read_json`; no float is ever money. What a provider says in prose enters
no error and no log unless people are taken out of it: it may quote the payer's address or phone. Codes do.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from lms_core.commerce.payments.gateways.port import Account, Charge, Gateway, GatewayError, Mode, Uncertain
from lms_core.commerce.payments.gateways.wire import Reply
from lms_core.kit.money import EXPONENTS, MAX_AMOUNT, Currency, Money

# Country codes and the shape of a national mobile number behind them (ITU-T E.164, the countries' numbering plans).
COUNTRIES = {"KE": ("254", r"[17]\d{8}"), "UG": ("256", r"7\d{8}"), "TZ": ("255", r"[67]\d{8}")}
YES = frozenset({"1", "yes", "true", "on"})
LATEST = 2**33  # seconds since 1970: the year 2242; what is later is no time

# 1500, 1500.00 and 1,500.00 with commas where thousands are; not 1,50, which elsewhere is one and a half.
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
_LONG_NUMBER = re.compile(r"\+?\d[\d ]{7,}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

# Signs in what banks write about a charge that failed; the first that is found decides.
_SIGNS = (
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
    ("expired card", "declined"),
    ("card expired", "declined"),
    ("card has expired", "declined"),
    ("expire", "expired"),
)


# Fields.


def text(value: Any) -> str:
    """A word or a number as text; "" for nothing and for what has an inside."""
    return "" if value is None or isinstance(value, dict | list | bool) else str(value).strip()


def code(value: Any) -> str:
    """A provider's error code fit for logs and pages; "" when it is prose, for prose may hold personal data."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def table(value: Any) -> dict[str, Any]:
    """An object as it is; an empty one for everything else (providers write [] or null for "nothing")."""
    return value if isinstance(value, dict) else {}


def part(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a key; an empty one when there is something else."""
    return table(source.get(name))


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none when it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def chosen(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Only these keys, of those that hold something: what is kept of an answer names nobody."""
    return {name: source[name] for name in names if source.get(name) not in (None, "")}


def integer(value: Any) -> int | None:
    """A whole number, or its digits in text; None for anything else, or more than fifteen digits."""
    read = _number(value)
    whole = read is not None and abs(read) < 10**15 and read == read.to_integral_value()
    return int(read) if read is not None and whole else None


def currency_of(value: Any) -> Currency | None:
    """The currency with that code, in any case of letters."""
    try:
        return Currency(value.upper()) if isinstance(value, str) else None
    except ValueError:
        return None


def minor(amount: Any, currency: Any) -> Money | None:
    """An amount in minor units, a number or its digits; None when it is no whole amount of a currency we know."""
    known, value = currency_of(currency), integer(amount)
    if known is None or value is None or abs(value) > MAX_AMOUNT:
        return None
    return Money(amount=value, currency=known)


def major(amount: Any, currency: Any, *, rounded: bool = False) -> Money | None:
    """An amount in major units; None when it is none. `rounded` (fees): half up to the minor unit, else it must fit."""
    known, value = currency_of(currency), _number(amount)
    if known is None or value is None or abs(value) > MAX_AMOUNT:
        return None
    units = value.scaleb(EXPONENTS[known])
    whole = units.quantize(Decimal(1), ROUND_HALF_UP)
    if abs(whole) > MAX_AMOUNT or (whole != units and not rounded):
        return None
    return Money(amount=int(whole), currency=known)


def moment(value: Any, zone: tzinfo = UTC, *shapes: str) -> datetime | None:
    """A time in UTC: text in one of `shapes` (strptime's) or ISO 8601, or an integer of seconds since 1970.

    Without an offset text is in `zone`. Fractions of a second that are longer than six digits are cut.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC) if 0 < value < LATEST else None
        if not isinstance(value, str) or not value.isascii():
            return None
        told = _shaped(value, shapes) or datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
        return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _shaped(value: str, shapes: Iterable[str]) -> datetime | None:
    for shape in shapes:
        try:
            return datetime.strptime(value, shape)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _number(value: Any) -> Decimal | None:
    """A finite number; text only as people write amounts, for Decimal would also read 1_000, 1e3 and other digits."""
    if isinstance(value, str):
        value = value.strip().replace(",", "") if _NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        read = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    return read if read.is_finite() and abs(read.adjusted()) < 20 else None


def phone(value: Any) -> str:
    """A whole number of twelve digits, or "": deposits come masked (2547 ***** 126) or hashed."""
    written = text(value)
    return written if written.isascii() and written.isdigit() and len(written) == 12 else ""


def international(typed: str, country: str = "KE") -> str:
    """Digits without plus: 0712 345678, +254712345678 and 712345678 are 254712345678. GatewayError for others."""
    prefix, national = COUNTRIES.get(country, COUNTRIES["KE"])
    found = re.fullmatch(rf"(?:\+?{prefix}|0)?({national})", re.sub(r"[\s().-]", "", typed), re.ASCII)
    if not found:
        raise GatewayError("this is no mobile number of the country", code="phone", reason="other")
    return prefix + found[1]


def without_people(value: Any, limit: int = 160) -> str:
    """A provider's text for logs and operators: numbers long enough to be a phone's and addresses are hidden."""
    if not isinstance(value, str):
        return ""
    hidden = _LONG_NUMBER.sub(lambda found: masked(re.sub(r"\D", "", found[0])), _MAIL.sub("[email]", value))
    return " ".join(hidden.split())[:limit]


def masked(number: str) -> str:
    """254712345126 as 2547***126: enough to recognise one's own."""
    return f"{number[:4]}***{number[-3:]}" if len(number) >= 9 else "***"


def reason_of(words: Any) -> str:
    """One of the port's REASONS for what a bank wrote; "other" for what we do not know."""
    written = text(words).lower()
    return next((reason for sign, reason in _SIGNS if sign in written), "other")


def page_of(url: Any, title: str) -> str:
    """The address of a provider's page. Uncertain when it is none: no browser is sent to a script."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise Uncertain(f"{title} began a payment and told no address of its page")
    return url


def path_part(given: str, provider: str, prefix: str = "") -> str:
    """A provider's id as a part of an address. GatewayError for anything else, so that none climbs out of it."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", given) or not given.startswith(prefix):
        raise GatewayError(f"this is no id of {provider}'s", code="not_found")
    return given


# Secrets.


def same(right: str, given: str) -> bool:
    """Whether both are equal, in constant time; never with an empty right one."""
    return bool(right) and hmac.compare_digest(right.encode(errors="replace"), given.encode(errors="replace"))


def digest(key: str | bytes, length: int = 40) -> str:
    """An idempotency key in letters and digits: every provider takes it, and it tells nothing."""
    return hashlib.sha256(key.encode() if isinstance(key, str) else key).hexdigest()[:length]


# Settings of an account, and what we write.


def setting(account: Account, name: str, default: str = "") -> str:
    """What was filled in for the account, secret or not, without spaces around; `default` when nothing was."""
    return (account.credentials.get(name) or account.options.get(name) or default).strip()


def switched_on(account: Account, name: str) -> bool:
    """Whether an option says yes."""
    return setting(account, name).lower() in YES


def needed(account: Account, name: str, why: str) -> str:
    """The setting, or GatewayError(misconfigured) that says what it is needed for."""
    if found := setting(account, name):
        return found
    raise GatewayError(f"the account lacks “{name}”, which is needed {why}", code=name, reason="misconfigured")


def asks_phone(account: Account, charge: Charge) -> bool:
    """Whether the account asks phones for shillings (option `phone_prompt`), and the payer gave a Kenyan number."""
    able = charge.amount.currency is Currency.KES and charge.payer.phone.startswith("254")
    return able and switched_on(account, "phone_prompt")


def token_scope(account: Account, *names: str) -> str:
    """Access tokens belong to the credentials they were fetched with: new credentials, another place in the cache."""
    return digest("\0".join(setting(account, name) for name in names), 16)


def require_mode(account: Account, key: str, *, test: tuple[str, ...], live: tuple[str, ...], provider: str) -> None:
    """GatewayError when the key is one of the other mode: a test never charges a card, a live account never plays."""
    other = live if account.mode is Mode.TEST else test
    if key.startswith(other) and not key.startswith(test if account.mode is Mode.TEST else live):
        raise GatewayError(
            f"this account is for {account.mode.value} payments and its {provider} key is not: enter the other key",
            reason="misconfigured",
        )


def refuse_currency(gateway: Gateway, charge: Charge) -> None:
    """GatewayError unless the gateway takes the charge's currency."""
    if charge.amount.currency not in gateway.capabilities.currencies:
        raise GatewayError(
            f"{gateway.title} does not take {charge.amount.currency}; choose another way to pay", reason="misconfigured"
        )


def whole_units(amount: Money, taken: frozenset[Currency]) -> int:
    """The amount in whole shillings. GatewayError for another currency, cents, or nothing."""
    if amount.currency not in taken:
        raise GatewayError(f"{amount.currency} is not taken here", code="currency", reason="misconfigured")
    unit: int = 10 ** EXPONENTS[amount.currency]
    if amount.amount <= 0 or amount.amount % unit:
        raise GatewayError("only whole units of the currency can be sent", code="amount", reason="limit")
    return amount.amount // unit


def plain(written: str, *, least: int, most: int, otherwise: str) -> str:
    """Letters, digits and single spaces of it, at most `most` of them; `otherwise` when fewer than `least` stay."""
    kept = " ".join(re.sub(r"[^A-Za-z0-9 ]+", " ", written).split())[:most].strip()
    return kept if len(kept) >= least else otherwise


# Answers.


def decided(reply: Reply, title: str, *, told: str = "", moves_money: bool = False) -> dict[str, Any]:
    """The answer's object, when it is one that decides. A 4xx with an object is returned: the gateway reads its code.

    `told` is the provider's code in it. Raises `Uncertain` for a 5xx, a redirect or something unreadable when money may
    have moved; else `GatewayError`.
    """
    if reply.status in {401, 403, 429}:
        raise refusal(reply, title, told=told)
    if (400 <= reply.status < 500 and reply.status != 408) or (reply.status < 300 and isinstance(reply.data, dict)):
        return reply.found
    if moves_money:
        raise Uncertain(f"{title} answered {reply.status}")
    code_ = told or str(reply.status)
    raise GatewayError(f"{title} does not answer clearly now", code=code_, reason="busy", retryable=True)


def accepted(
    reply: Reply, title: str, *, told: str = "", reasons: Mapping[str, str] | None = None, moves_money: bool = False
) -> dict[str, Any]:
    """The answer's object when the provider says yes; as `decided`, and GatewayError for every other 4xx."""
    found = decided(reply, title, told=told, moves_money=moves_money)
    if reply.status >= 300:
        raise refusal(reply, title, told=told, reasons=reasons)
    return found


def refusal(reply: Reply, title: str, *, told: str = "", reasons: Mapping[str, str] | None = None) -> GatewayError:
    """What a 4xx means. The text says what to do where we know. Our keys are no matter between a payer and a bank."""
    shown = told or str(reply.status)
    if reply.status == 429:
        return GatewayError(f"{title} asks to slow down", code=shown, reason="busy", retryable=True)
    if reply.status in {401, 403}:
        return GatewayError(
            f"{title} does not accept the account's keys: copy them again from its dashboard, and see that test and"
            " live are not mixed",
            code=shown,
            reason="misconfigured",
        )
    return GatewayError(f"{title} refused the call: {shown}", code=shown, reason=(reasons or {}).get(told, "other"))
