"""What goes over the wire of the phone-money providers, into our values and back: settings, amounts, phone numbers."""

import hashlib
import re
from decimal import Decimal
from typing import Any

from lms_core.commerce.payments.gateways.port import Account, GatewayError
from lms_core.kit.money import EXPONENTS, Currency, Money, from_major

# Country codes and the shape of a national mobile number behind them (ITU-T E.164, the countries' numbering plans).
COUNTRIES = {"KE": ("254", r"[17]\d{8}"), "UG": ("256", r"7\d{8}"), "TZ": ("255", r"[67]\d{8}")}
LONG_NUMBER = re.compile(r"\+?\d[\d ]{7,}\d")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
YES = frozenset({"1", "yes", "true", "on"})


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


def token_scope(account: Account, *names: str) -> str:
    """Access tokens belong to the credentials they were fetched with: new credentials, another place in the cache."""
    return hashlib.sha256("\0".join(setting(account, name) for name in names).encode()).hexdigest()[:16]


def whole_units(amount: Money, taken: frozenset[Currency]) -> int:
    """The amount in whole shillings. GatewayError for another currency, cents, or nothing."""
    if amount.currency not in taken:
        raise GatewayError(f"{amount.currency} is not taken here", code="currency", reason="misconfigured")
    unit: int = 10 ** EXPONENTS[amount.currency]
    if amount.amount <= 0 or amount.amount % unit:
        raise GatewayError("only whole units of the currency can be sent", code="amount", reason="limit")
    return amount.amount // unit


def read_money(value: Any, currency: Currency) -> Money | None:
    """An amount in major units as providers write it: 1, 1.00, "1,500.00". None when it is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return from_major(value.replace(",", "").strip() if isinstance(value, str) else value, currency)
    except ValueError:
        return None


def international(phone: str, country: str = "KE") -> str:
    """Digits without plus: 0712 345678, +254712345678 and 712345678 are 254712345678. GatewayError for others."""
    code, national = COUNTRIES.get(country, COUNTRIES["KE"])
    found = re.fullmatch(rf"(?:\+?{code}|0)?({national})", re.sub(r"[\s().-]", "", phone), re.ASCII)
    if not found:
        raise GatewayError("this is no mobile number of the country", code="phone", reason="other")
    return code + found[1]


def masked(phone: str) -> str:
    """254712345126 as 2547***126: enough to recognise one's own."""
    return f"{phone[:4]}***{phone[-3:]}" if len(phone) >= 9 else "***"


def without_people(text: Any, limit: int = 160) -> str:
    """A provider's text for logs and operators: numbers long enough to be a phone's and addresses are hidden."""
    if not isinstance(text, str):
        return ""
    hidden = LONG_NUMBER.sub(lambda found: masked(re.sub(r"\D", "", found[0])), MAIL.sub("[email]", text))
    return " ".join(hidden.split())[:limit]


def plain(text: str, *, least: int, most: int, otherwise: str) -> str:
    """Letters, digits and single spaces of `text`, at most `most` of them; `otherwise` when fewer than `least` stay."""
    kept = " ".join(re.sub(r"[^A-Za-z0-9 ]+", " ", text).split())[:most].strip()
    return kept if len(kept) >= least else otherwise
