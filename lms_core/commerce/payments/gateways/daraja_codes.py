"""What Daraja's codes mean.

There are two kinds. An *error* is the answer to a call that was not taken, `{"errorCode", "errorMessage"}`; the code
alone does not tell (500.001.1001 is "wrong credentials" and also "being processed"), and the HTTP status misleads: a
token that ran out is a 404, too many calls are a 500. A *result* is how a transaction ended; its code is a number in
callbacks, text in answers, and sometimes letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lms_core.commerce.payments.gateways.port import State


class Kind(StrEnum):
    """What an answer amounts to."""

    TAKEN = "taken"
    TOKEN = "token"  # the access token is no longer good  # noqa: S105
    PENDING = "pending"  # the transaction that was asked about is still open
    REPEATED = "repeated"  # M-Pesa knows this id already: the earlier call did arrive
    REGISTERED = "registered"  # the addresses are registered already
    REFUSED = "refused"
    UNCLEAR = "unclear"  # it may have happened


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer judged. `reason`: one of the port's; `words` say what to do, where there is something to do."""

    kind: Kind
    code: str = ""
    reason: str = "other"
    retryable: bool = False
    words: str = ""


# (beginning of errorCode, part of errorMessage in lower case) -> verdict; the first that fits.
_ERRORS: tuple[tuple[str, str, Verdict], ...] = (
    ("404.001.03", "", Verdict(Kind.TOKEN)),
    ("401.002.01", "", Verdict(Kind.TOKEN)),
    ("400.003.01", "", Verdict(Kind.TOKEN)),
    ("", "invalid access token", Verdict(Kind.TOKEN)),
    ("500.001.1001", "being processed", Verdict(Kind.PENDING)),
    ("", "under processing", Verdict(Kind.PENDING)),
    ("500.001.1001", "unable to lock subscriber", Verdict(
        Kind.REFUSED, reason="busy", retryable=True, words="another M-Pesa prompt is open on this phone")),
    ("500.001.1001", "wrong credentials", Verdict(
        Kind.REFUSED, reason="misconfigured", words="the passkey does not belong to the shortcode")),
    ("500.001.1001", "merchant does not exist", Verdict(
        Kind.REFUSED, reason="misconfigured", words="M-Pesa does not know the shortcode")),
    ("500.002.1001", "duplicate", Verdict(Kind.REPEATED, reason="duplicate")),
    ("500.003.02", "", Verdict(Kind.REFUSED, reason="busy", retryable=True, words="too many calls; wait a little")),
    ("500.003.03", "", Verdict(Kind.REFUSED, reason="busy", retryable=True, words="the app's quota is used up")),
    ("500.003.1001", "already registered", Verdict(Kind.REGISTERED)),
    ("500.003.1001", "duplicate notification", Verdict(Kind.REGISTERED)),
    ("00.002.1001", "", Verdict(Kind.REFUSED, reason="busy", retryable=True, words="M-Pesa is under maintenance")),
    ("400.008.", "", Verdict(
        Kind.REFUSED, reason="misconfigured", words="the consumer key and secret are not accepted")),
    ("400.002.02", "phonenumber", Verdict(Kind.REFUSED, words="M-Pesa does not take this phone number")),
    ("400.002.02", "partya", Verdict(Kind.REFUSED, words="M-Pesa does not take this phone number")),
    ("400.002.02", "amount", Verdict(Kind.REFUSED, reason="limit", words="M-Pesa does not take this amount")),
    ("400.", "", Verdict(Kind.REFUSED, reason="misconfigured", words="M-Pesa does not take the request")),
    ("401.", "", Verdict(Kind.REFUSED, reason="misconfigured", words="the account is not accepted")),
    ("404.", "", Verdict(Kind.REFUSED, reason="misconfigured", words="this product is not enabled for the app")),
    ("405.", "", Verdict(Kind.REFUSED, reason="misconfigured", words="M-Pesa does not take the request")),
)  # fmt: skip


def judge(status: int, found: Mapping[str, Any]) -> Verdict:
    """The verdict on an answer, by errorCode and errorMessage first, and by the HTTP status when there are none."""
    code, message = str(found.get("errorCode") or ""), str(found.get("errorMessage") or "").lower()
    if code or message:
        for beginning, part, verdict in _ERRORS:
            if code.startswith(beginning) and part in message:
                return Verdict(verdict.kind, code, verdict.reason, verdict.retryable, verdict.words)
    if status in (401, 403):
        return Verdict(Kind.TOKEN, code or str(status))
    if status == 429:
        return Verdict(Kind.REFUSED, code or "429", "busy", True, "too many calls; wait a little")
    if 400 <= status < 500:
        return Verdict(Kind.REFUSED, code or str(status), words="M-Pesa refused the request")
    if status >= 300:
        return Verdict(Kind.UNCLEAR, code or str(status))
    if "ResponseCode" in found:
        # Registering URLs has been seen to answer "00000000".
        response = str(found["ResponseCode"])
        taken = response != "" and response.strip("0") == ""
        return Verdict(Kind.TAKEN) if taken else Verdict(Kind.REFUSED, response, words="M-Pesa refused the request")
    return Verdict(Kind.UNCLEAR, code)


PAID = "0"
STILL_OPEN = "4999"
ALREADY_REVERSED = "R000001"

# How a prompt ended (STK), and why: the port's reasons.
_PROMPT = {
    "1": "insufficient_funds", "2": "limit", "3": "limit", "4": "limit", "8": "limit", "17": "duplicate", "26": "busy",
    "1001": "busy", "1019": "expired", "1025": "other", "1032": "cancelled", "1037": "timeout", "2001": "wrong_pin",
    "2028": "misconfigured", "8006": "declined", "9999": "other", "SFC_IC0003": "misconfigured",
}  # fmt: skip

# How a payout, a reversal or a status query ended. 2001 is the initiator's password here, nobody's PIN.
_SENT = {
    "1": "insufficient_funds", "2": "limit", "3": "limit", "4": "limit", "8": "limit", "11": "misconfigured",
    "17": "duplicate", "21": "misconfigured", "26": "busy", "2001": "misconfigured", "2006": "misconfigured",
    "2028": "misconfigured", "2040": "unreachable", "8006": "misconfigured", "R000002": "other",
    "SFC_IC0003": "misconfigured",
}  # fmt: skip

# TransactionStatus of the status query's result, in lower case.
_TOLD = {
    "completed": State.SUCCEEDED, "cancelled": State.FAILED, "declined": State.FAILED, "expired": State.FAILED,
    "pending": State.PENDING, "authorized": State.PENDING, "initiated": State.PENDING, "reversed": State.REVERSED,
}  # fmt: skip


def prompt_ended(code: str, text: str) -> tuple[State, str]:
    """State and reason of a prompt. What is not known is pending: it is asked again, and may yet be paid."""
    if code == PAID:
        return State.SUCCEEDED, ""
    if code == STILL_OPEN or "under processing" in text.lower():  # 1 has been seen with this text
        return State.PENDING, ""
    reason = _PROMPT.get(code)
    return (State.FAILED, reason) if reason else (State.PENDING, "other")


def sending_ended(code: str) -> tuple[State, str]:
    """State and reason of a payout or a reversal. An unknown code is unknown: never a failure to be repeated."""
    if code == PAID:
        return State.SUCCEEDED, ""
    if code == ALREADY_REVERSED:  # by our own call that had no answer, or by hand in the portal: the payer has it back
        return State.SUCCEEDED, "duplicate"
    reason = _SENT.get(code)
    return (State.FAILED, reason) if reason else (State.UNKNOWN, "other")


def told_state(words: str) -> State:
    """What the status query calls a transaction."""
    return _TOLD.get(words.strip().lower(), State.UNKNOWN)


# What a customer is told through the validation answer (C2B00012 is the account number).
REJECTED_ACCOUNT = "C2B00012"
