"""What Airtel Money's codes mean.

Errors come with HTTP 200 and the truth inside, `status.response_code` (DP...), older services with
`status.result_code` (ESB...), the router in front of them with a `status_code` (ROUTER...). Several of these mean
"ask how it stands", and are never a failure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lms_core.commerce.payments.gateways.port import State
from lms_core.commerce.payments.gateways.reading import part


class Kind(StrEnum):
    """What an answer amounts to."""

    TAKEN = "taken"  # under way; of a payout perhaps done
    REPEATED = "repeated"  # our id is known already: the earlier call did arrive
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer judged. `reason`: one of the port's."""

    kind: Kind
    code: str = ""
    reason: str = "other"
    retryable: bool = False


_COLLECTION = {
    "002": "wrong_pin", "003": "limit", "004": "limit", "005": "timeout", "007": "insufficient_funds",
    "008": "declined", "010": "declined", "013": "declined", "024": "timeout", "025": "other",
    "026": "misconfigured", "029": "expired",
}  # fmt: skip
_PAYOUT = {
    "003": "limit", "004": "limit", "005": "other", "007": "insufficient_funds", "009": "declined", "010": "declined",
    "012": "declined", "013": "declined", "015": "other", "018": "misconfigured", "019": "declined",
}  # fmt: skip
_REASONS = (
    {"DP00800001" + code: reason for code, reason in _COLLECTION.items()}
    | {"DP00900001" + code: reason for code, reason in _PAYOUT.items()}
    | {
        "DP008001013": "declined", "DP008001016": "declined", "DP008001021": "insufficient_funds",
        "DP00100001005": "other",
        "ESB000011": "other", "ESB000033": "other", "ESB000036": "other", "ESB000034": "misconfigured",
        "ESB000035": "misconfigured", "ESB000039": "misconfigured", "ESB000045": "other",
        "ROUTER001": "misconfigured", "ROUTER003": "misconfigured", "ROUTER005": "misconfigured",
        "ROUTER006": "misconfigured", "ROUTER007": "misconfigured", "ROUTER110": "misconfigured",
        "ROUTER112": "misconfigured", "ROUTER114": "misconfigured", "ROUTER115": "misconfigured",
        "ROUTER116": "misconfigured", "ROUTER119": "misconfigured",
    }
)  # fmt: skip
_TAKEN = frozenset({"DP00800001001", "DP00800001006", "DP00900001001", "DP00900001006"})
_UNCLEAR = frozenset(
    {
        "DP00800001000", "DP008001023", "DP00900001000", "ESB000001", "ESB000004", "ESB000008", "ESB000014",
        "ROUTER117",
    }
)  # fmt: skip
_REPEATED = frozenset({"ESB000041", "DP00900001017"})
# ESB000008 stands for "ambiguous" and for a header that is missing; the words tell.
_HEADER_MISSING = "missing request header"


def judge(status: int, found: Mapping[str, Any]) -> Verdict:
    """The verdict on the answer to a call that asks for money or sends it."""
    told = part(found, "status")
    codes = [str(told.get(name) or "") for name in ("response_code", "result_code")]
    codes.append(str(found.get("status_code") or ""))
    words = str(told.get("message") or found.get("status_message") or "").lower()
    for code in filter(None, codes):
        if code in _REPEATED:
            return Verdict(Kind.REPEATED, code, "duplicate")
        if code in _UNCLEAR and _HEADER_MISSING not in words:
            return Verdict(Kind.UNCLEAR, code)
        if reason := _REASONS.get(code):
            # 005 is "no PIN entered" when asked, and "Msisdn Not Found" at the beginning.
            return Verdict(Kind.REFUSED, code, "other" if code.endswith("1005") and "not found" in words else reason)
    code = next(filter(None, codes), str(status))
    if status == 429:
        return Verdict(Kind.REFUSED, code, "busy", True)
    if status == 408 or status >= 500 or 300 <= status < 400:
        return Verdict(Kind.UNCLEAR, code)
    if status >= 400 or _HEADER_MISSING in words:
        return Verdict(Kind.REFUSED, code, "misconfigured")
    if codes[0] in _TAKEN or told.get("success") is True:
        return Verdict(Kind.TAKEN, code)
    # A refusal in words that are not in the list: said to have failed, yet it costs nothing to ask first.
    return Verdict(Kind.UNCLEAR, code)


def response_code(found: Mapping[str, Any]) -> str:
    """The most telling code of an answer."""
    told = part(found, "status")
    return str(told.get("response_code") or told.get("result_code") or found.get("status_code") or "")


# `data.transaction.status` of an enquiry, and `status_code` of a callback.
STATES = {
    "TS": State.SUCCEEDED, "TF": State.FAILED, "TA": State.UNKNOWN, "TIP": State.PENDING, "TE": State.FAILED,
}  # fmt: skip


def ended(word: str, code: str) -> tuple[State, str]:
    """State and reason for the status word of a transaction; what is not known is unknown."""
    state = STATES.get(word.strip().upper(), State.UNKNOWN)
    if state is not State.FAILED:
        return state, ""
    return state, "expired" if word.strip().upper() == "TE" else _REASONS.get(code, "other")
