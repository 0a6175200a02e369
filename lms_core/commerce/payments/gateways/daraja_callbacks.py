"""What M-Pesa calls back with, and the addresses it calls.

M-Pesa signs nothing. So every call of ours that is answered later gets an address of its own,
`<kind>-<what it is about, in hex>-<mac>`: the mac (HMAC-SHA256 under the app's consumer secret) is known to nobody but
us and M-Pesa, and the middle tells which charge, refund or payout is meant even when a crash lost M-Pesa's own id.
Hex, because Safaricom refuses addresses with words like "exe" in them. The two addresses for deposits are registered
once and for years, so they rest on the account's secret address alone.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lms_core.commerce.payments.gateways.daraja_calls import NAIROBI, shortcodes
from lms_core.commerce.payments.gateways.daraja_codes import (
    ALREADY_REVERSED,
    PAID,
    prompt_ended,
    sending_ended,
    told_state,
)
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Callback,
    Forged,
    Heard,
    Malformed,
    State,
    Status,
)
from lms_core.commerce.payments.gateways.reading import (
    digest,
    major,
    moment,
    needed,
    phone,
    same,
    text,
    without_people,
)
from lms_core.commerce.payments.gateways.wire import read_json
from lms_core.kit.money import Currency, Money

PROMPT, PAYOUT, REFUND, RECEIPT = "stk", "payout", "refund", "receipt"
STATE, LATE = "state", "late"  # endings: the answer to a status query; the note that a request waited too long
CHECK, DEPOSIT, PULL = "check", "deposit", "pull"
LONGEST_ID = 40
MAC_BYTES = 12


def topic(account: Account, kind: str, about: str) -> str:
    """What follows the account's address in the address of one callback."""
    written = about.encode().hex()
    return f"{kind}-{written}-{_mac(account, kind, written)}"


def address(account: Account, kind: str, about: str) -> str:
    """The whole address of one callback."""
    return f"{account.callback_url.rstrip('/')}/{topic(account, kind, about)}"


def deposit_address(account: Account, kind: str) -> str:
    """The address of validation (`check`) or confirmation (`deposit`), the same for ever."""
    return f"{account.callback_url.rstrip('/')}/{kind}"


def conversation(key: str) -> str:
    """Our id of a payout at M-Pesa: the key itself where it can stand there, else a digest of it."""
    if 0 < len(key) <= LONGEST_ID and all(each.isascii() and (each.isalnum() or each in "-_") for each in key):
        return key
    return digest(key, LONGEST_ID)


def _mac(account: Account, kind: str, written: str) -> str:
    key = needed(account, "consumer_secret", "to know M-Pesa's callbacks").encode()
    signed = f"{account.id}:{kind}:{written}".encode(errors="replace")
    return hmac.new(key, signed, hashlib.sha256).digest()[:MAC_BYTES].hex()


def _opened(account: Account, called: str) -> tuple[str, str]:
    """Kind, and what it is about. Forged when the address is none of ours."""
    if called in (CHECK, DEPOSIT, PULL):
        return called, ""
    parts = called.split("-")
    if len(parts) != 3 or not same(_mac(account, parts[0], parts[1]), parts[2]):
        raise Forged("the address was not given out for any payment")
    return parts[0], bytes.fromhex(parts[1]).decode()


def hear(account: Account, callback: Callback) -> Sequence[Heard]:
    """What a callback says. Forged, Malformed."""
    kind, about = _opened(account, callback.topic)
    if kind in (PAYOUT + LATE, REFUND + LATE):
        return [_late(kind, about)]
    if kind.endswith(LATE):
        return []  # a question of ours was not answered; it is asked again
    data = read_json(callback.body)
    if not isinstance(data, dict):
        raise Malformed("the body is no JSON object")
    readers: dict[str, Callable[[Account, str, dict[str, Any]], Sequence[Heard]]] = {
        PROMPT: _prompt,
        PAYOUT: _payout,
        PAYOUT + STATE: _payout_state,
        REFUND: _refund,
        REFUND + STATE: _refund_state,
        RECEIPT + STATE: _receipt_state,
        CHECK: _check,
        DEPOSIT: _deposit,
    }
    reader = readers.get(kind)
    return reader(account, about, data) if reader else []


def _late(kind: str, about: str) -> Heard:
    """M-Pesa's queue gave the request up. Whether it was done is asked, not guessed."""
    return Heard(
        About.PAYOUT if kind.startswith(PAYOUT) else About.REFUND,
        f"{kind}:{about}",
        reference=about,
        subject=conversation(about) if kind.startswith(PAYOUT) else "",
        status=Status(State.UNKNOWN, code="queue_timeout", reason="timeout"),
    )


def _prompt(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """The end of a prompt: paid with a receipt, or why not."""
    body = data.get("Body")
    told = body.get("stkCallback") if isinstance(body, dict) else None
    if not isinstance(told, dict):
        raise Malformed("Body.stkCallback is missing")
    prompt, code, said = text(told.get("CheckoutRequestID")), _code(told), _words(told)
    if not prompt:
        raise Malformed("CheckoutRequestID is missing")
    state, reason = prompt_ended(code, said)
    items = _items(told.get("CallbackMetadata"), "Item", "Name") if state is State.SUCCEEDED else []
    receipt, amount = _first(items, "MpesaReceiptNumber"), _money(items, "Amount")
    status = Status(
        state,
        provider_ref=prompt,
        amount=amount,
        receipt=receipt,
        reference=about,
        code=code,
        reason=reason,
        paid_at=_moment(_first(items, "TransactionDate")) if items else None,
        raw={"ResultCode": code, "ResultDesc": said, "MerchantRequestID": text(told.get("MerchantRequestID"))},
    )
    # Paid, yet no word of how much or under which receipt: then the question about it has the better answer.
    proof = state is State.FAILED or (state is State.SUCCEEDED and bool(receipt) and amount is not None)
    return [
        Heard(
            About.CHARGE,
            f"stk:{prompt}:{code}:{receipt}",
            provider_ref=prompt,
            reference=about,
            status=status,
            proof=proof,
            phone=phone(_first(items, "PhoneNumber")),
        )
    ]


def _payout(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """How a payout ended. Its id is the one we gave it."""
    result, items = _result(data)
    code = _code(result)
    state, reason = sending_ended(code)
    receipt = _first(items, "TransactionReceipt") or text(result.get("TransactionID"))
    name = _first(items, "ReceiverPartyPublicName").partition(" - ")[2]
    status = Status(
        state,
        provider_ref=conversation(about),
        amount=_money(items, "TransactionAmount"),
        receipt=receipt if state is State.SUCCEEDED else "",
        code=code,
        reason=reason,
        paid_at=_moment(_first(items, "TransactionCompletedDateTime")),
        raw=_raw(result),
    )
    return [_moved(About.PAYOUT, f"payout:{about}:{code}", about, conversation(about), status, name)]


def _refund(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """How a reversal ended. "Already reversed" is an end as good as any: the payer has the money back."""
    result, items = _result(data)
    code = _code(result)
    state, reason = sending_ended(code)
    status = Status(
        state,
        provider_ref=text(result.get("OriginatorConversationID")),
        amount=_money(items, "Amount"),
        receipt=text(result.get("TransactionID")) if code == PAID else "",
        code=code,
        reason=reason,
        paid_at=_moment(_first(items, "TransCompletedTime")),
        raw=_raw(result),
    )
    return [_moved(About.REFUND, f"refund:{about}:{code}", about, status.provider_ref, status)]


def _payout_state(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """What the status query says of a payout."""
    result, items = _result(data)
    state = _told(result, items)
    if state is State.REVERSED:
        state = State.FAILED  # it came back to us
    status = Status(
        state,
        provider_ref=conversation(about),
        amount=_money(items, "Amount"),
        receipt=_first(items, "ReceiptNo"),
        fee=_charge(items),
        code=_code(result),
        reason="other" if state is State.FAILED else "",
        paid_at=_moment(_first(items, "FinalisedTime")),
        raw=_raw(result),
    )
    key = f"payoutstate:{about}:{_code(result)}:{state}"
    return [_moved(About.PAYOUT, key, about, conversation(about), status)]


def _refund_state(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """What the status query says of a reversal (asked by its own id), or of the payment it was of (by receipt).

    The words for a payment that was reversed are nowhere published, so only an explicit "reversed" counts there.
    """
    result, items = _result(data)
    told = _told(result, items)
    key, _, asked = about.rpartition("|")
    if asked == "payment":
        state = State.SUCCEEDED if told is State.REVERSED else State.UNKNOWN
    else:
        state = told if told in (State.SUCCEEDED, State.PENDING, State.FAILED) else State.UNKNOWN
    status = Status(
        state,
        amount=_money(items, "Amount"),
        receipt=_first(items, "ReceiptNo") if asked != "payment" else "",
        code=_code(result),
        reason="other" if state is State.FAILED else "",
        paid_at=_moment(_first(items, "FinalisedTime")),
        raw=_raw(result),
    )
    subject = "" if asked == "payment" else _first(items, "OriginatorConversationID")
    return [_moved(About.REFUND, f"refundstate:{about}:{_code(result)}:{state}", key, subject, status)]


def _receipt_state(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """What the status query says of a payment that was asked about by its receipt."""
    result, items = _result(data)
    state = _told(result, items)
    amount, receipt = _money(items, "Amount"), _first(items, "ReceiptNo")
    status = Status(
        state,
        amount=amount,
        receipt=receipt,
        reference=about,
        code=_code(result),
        reason="other" if state is State.FAILED else "",
        paid_at=_moment(_first(items, "FinalisedTime")),
        raw=_raw(result),
    )
    proof = state in (State.SUCCEEDED, State.REVERSED) and amount is not None and bool(receipt)
    key = f"receiptstate:{about}:{receipt}:{state}"
    return [Heard(About.CHARGE, key, reference=about, status=status, proof=proof)]


def _check(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """Somebody is about to pay to an account number, and M-Pesa asks whether that may be."""
    return [_transfer(account, data, About.CHECK, State.PENDING)]


def _deposit(account: Account, about: str, data: dict[str, Any]) -> Sequence[Heard]:
    """Somebody paid to an account number."""
    return [_transfer(account, data, About.DEPOSIT, State.SUCCEEDED)]


def _transfer(account: Account, data: dict[str, Any], about: About, state: State) -> Heard:
    receipt, amount = text(data.get("TransID")), major(data.get("TransAmount"), Currency.KES)
    if not receipt or amount is None or amount.amount <= 0:
        raise Malformed("TransID or TransAmount is missing")
    if text(data.get("BusinessShortCode")) not in shortcodes(account):
        raise Forged("the money went to another shortcode")
    reference = "".join(each for each in text(data.get("BillRefNumber")) if each.isalnum()).upper()
    names = (text(data.get(part)) for part in ("FirstName", "MiddleName", "LastName"))
    status = Status(
        state,
        provider_ref=receipt,
        amount=amount,
        receipt=receipt,
        reference=reference,
        paid_at=_moment(text(data.get("TransTime"))),
        raw={"TransactionType": without_people(text(data.get("TransactionType")))},
    )
    return Heard(
        about,
        f"{about}:{receipt}",
        provider_ref=receipt,
        reference=reference,
        subject=receipt,
        status=status,
        proof=about is About.DEPOSIT,
        phone=phone(text(data.get("MSISDN"))),
        name=" ".join(filter(None, names)),
    )


def _moved(about: About, dedupe: str, key: str, subject: str, status: Status, name: str = "") -> Heard:
    """A refund or a payout: `reference` is our key of it."""
    proof = status.state in (State.SUCCEEDED, State.FAILED)
    return Heard(about, dedupe, reference=key, subject=subject, status=status, proof=proof, name=name)


def _told(result: Mapping[str, Any], items: Sequence[tuple[str, Any]]) -> State:
    """The state in a status query's result; unknown when the query itself did not work."""
    if _code(result) == ALREADY_REVERSED:
        return State.REVERSED
    return told_state(_first(items, "TransactionStatus")) if _code(result) == PAID else State.UNKNOWN


def _result(data: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    result = data.get("Result")
    if not isinstance(result, dict):
        raise Malformed("Result is missing")
    return result, _items(result.get("ResultParameters"), "ResultParameter", "Key")


def _items(holder: Any, name: str, key: str) -> list[tuple[str, Any]]:
    """Named values in the order they came: names occur twice, values are left out, one alone comes without a list."""
    found = holder.get(name) if isinstance(holder, dict) else None
    rows = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
    return [(str(row[key]), row.get("Value")) for row in rows if isinstance(row, dict) and key in row]


def _first(items: Sequence[tuple[str, Any]], name: str) -> str:
    return next((text(value) for key, value in items if key == name and value is not None), "")


def _money(items: Sequence[tuple[str, Any]], name: str) -> Money | None:
    return next((major(value, Currency.KES) for key, value in items if key == name), None)


def _charge(items: Sequence[tuple[str, Any]]) -> Money | None:
    """`Fee For B2C Payment|KES|22.40`."""
    parts = _first(items, "DebitPartyCharges").split("|")
    return major(parts[2], Currency.KES) if len(parts) == 3 and parts[1] == Currency.KES else None


def _code(told: Mapping[str, Any]) -> str:
    """ResultCode, a number or text. Malformed without one."""
    found = told.get("ResultCode")
    if isinstance(found, bool) or not isinstance(found, int | str) or str(found) == "":
        raise Malformed("ResultCode is missing")
    return str(found)


def _words(told: Mapping[str, Any]) -> str:
    return without_people(told.get("ResultDesc"))


def _raw(result: Mapping[str, Any]) -> dict[str, Any]:
    names = ("ResultCode", "OriginatorConversationID", "ConversationID", "TransactionID")
    return {"ResultDesc": _words(result)} | {name: text(result.get(name)) for name in names}


def _moment(written: str) -> datetime | None:
    """20191219102115 or 06.07.2024 22:48:52, in Nairobi."""
    return moment(written, NAIROBI, "%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S")
