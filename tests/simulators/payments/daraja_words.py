"""The bodies that M-Pesa answers and calls back with."""

import json
from typing import Any, Protocol

from tests.simulators.payments.base import Reply

PAID_WORDS = "The service request is processed successfully."
CODES = {
    "cancelled": "1032", "insufficient_funds": "1", "timeout": "1037", "wrong_pin": "2001", "expired": "1019",
    "limit": "8", "declined": "8006", "busy": "1001",
}  # fmt: skip


class Paid(Protocol):
    """A prompt or a deposit."""

    id: str
    reference: str
    phone: str
    number: int
    code: str
    paid: int
    receipt: str


class Ended(Protocol):
    """What was asked, with its result."""

    originator: str
    conversation: str
    code: str
    receipt: str
    values: list[tuple[str, Any]]


def error(code: str, message: str, status: int) -> Reply:
    """The envelope of an error."""
    return Reply({"requestId": "1c5b-4ba8-815c-ac45c57a3db0", "errorCode": code, "errorMessage": message}, status)


def accepted() -> dict[str, str]:
    """What every call that was taken says."""
    return {"ResponseCode": "0", "ResponseDescription": "Success. Request accepted for processing"}


def prompt_end(prompt: Paid, *, with_balance: bool, as_text: bool) -> bytes:
    """The callback of a prompt."""
    words = PAID_WORDS if prompt.code == "0" else "Request cancelled by user" if prompt.code == "1032" else "Ended"
    told: dict[str, Any] = {
        "MerchantRequestID": f"2654-4b64-97ff-{prompt.number}",
        "CheckoutRequestID": prompt.id,
        "ResultCode": prompt.code if as_text or not prompt.code.isdigit() else int(prompt.code),
        "ResultDesc": words,
    }
    if prompt.code == "0":
        items: list[dict[str, Any]] = [
            {"Name": "Amount", "Value": float(prompt.paid)},
            {"Name": "MpesaReceiptNumber", "Value": prompt.receipt},
            {"Name": "TransactionDate", "Value": 20191219102115},
            {"Name": "PhoneNumber", "Value": int(prompt.phone)},
        ]
        if with_balance:
            items.insert(2, {"Name": "Balance"})
        told["CallbackMetadata"] = {"Item": items}
    return json.dumps({"Body": {"stkCallback": told}}).encode()


def confirmation(paid: Paid, shortcode: str, *, balance: str) -> bytes:
    """Validation and confirmation have one shape; the balance is in the latter only."""
    body = {
        "TransactionType": "Pay Bill", "TransID": paid.receipt, "TransTime": "20231121121325",
        "TransAmount": f"{paid.paid}.00", "BusinessShortCode": shortcode, "BillRefNumber": paid.reference,
        "InvoiceNumber": "", "OrgAccountBalance": balance, "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 126", "FirstName": "NICHOLAS", "MiddleName": "", "LastName": "",
    }  # fmt: skip
    return json.dumps(body).encode()


def result(asked: Ended) -> bytes:
    """A result. Codes with letters are text, and a failure has no parameters."""
    told: dict[str, Any] = {
        "ResultType": 0,
        "ResultCode": int(asked.code) if asked.code.isdigit() else asked.code,
        "ResultDesc": PAID_WORDS if asked.code == "0" else "Ended",
        "OriginatorConversationID": asked.originator,
        "ConversationID": asked.conversation,
        "TransactionID": asked.receipt or "SG60000000",
        "ReferenceData": {"ReferenceItem": {"Key": "QueueTimeoutURL", "Value": "https://internal.example/submit"}},
    }
    if asked.values:
        rows = [{"Key": key} | ({} if value is None else {"Value": value}) for key, value in asked.values]
        told["ResultParameters"] = {"ResultParameter": rows}
    return json.dumps({"Result": told}).encode()
