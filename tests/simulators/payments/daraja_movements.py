"""The part of M-Pesa that answers by callback alone: reversals, payouts, and questions about how something stands."""

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.simulators.payments.base import Reply, Sent, Simulator
from tests.simulators.payments.daraja_words import accepted, error, result

INITIATOR, INITIATOR_PASSWORD = "testapi", "Safaricom123!!"
MSISDN = re.compile(r"254[17]\d{8}")


@cache
def key_pair() -> tuple[RSAPrivateKey, str]:
    """Safaricom's key, and its certificate as PEM."""
    key = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated.example")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(Encoding.PEM).decode()


@dataclass
class Prompt:
    """An STK push, or money deposited (then `topic` is "")."""

    id: str
    reference: str
    amount: int  # shillings
    phone: str
    topic: str
    number: int
    code: str = ""  # how it ended
    paid: int = 0
    receipt: str = ""
    given_back: int = 0


@dataclass
class Asked:
    """A reversal, payout or status query, to be answered by callback. `done` is the result, once there is one."""

    originator: str
    conversation: str
    result_topic: str
    late_topic: str
    body: dict[str, Any]
    code: str = ""
    receipt: str = ""
    late: bool = False
    values: list[tuple[str, Any]] = field(default_factory=list)


class Movements(Simulator):
    """What came in, and what went out again."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[Prompt] = []
        self.deposits: list[Prompt] = []
        self.reversals: list[Asked] = []
        self.payouts: dict[str, Asked] = {}
        self.queries: list[Asked] = []
        self._count = 0

    def settle_refunds(self) -> None:
        """Every reversal that waits ends: done, done already (R000001), or of nothing (R000002)."""
        with self.lock:
            for asked in self.reversals:
                if not asked.code and not asked.late:
                    self._reverse(asked)

    def settle_payouts(self) -> None:
        """Every payout that waits is paid."""
        with self.lock:
            for asked in self.payouts.values():
                if not asked.code and not asked.late:
                    self._pay_out(asked)

    def fail_payout(self, key: str, code: str = "2040") -> None:
        """A payout ends with a code: nobody has the money."""
        self.payouts[key].code = code

    def queue_time_out(self) -> None:
        """What waits in the queue is given up."""
        for asked in [*self.reversals, *self.payouts.values(), *self.queries]:
            asked.late = asked.late or not asked.code

    def refund_callbacks(self, key: str) -> list[Sent]:
        """Results of reversals of the charge, and of questions about them."""
        receipts = {each.receipt for each in self.prompts if each.reference == key and each.receipt}
        own = [each for each in self.reversals if each.body["TransactionID"] in receipts]
        about = receipts | {each.originator for each in own}
        return [sent for each in [*own, *self._questions(about)] for sent in told(each)]

    def payout_callbacks(self, key: str) -> list[Sent]:
        """The result of the payout, and of questions about it."""
        own = [self.payouts[key]] if key in self.payouts else []
        return [sent for each in [*own, *self._questions({key})] for sent in told(each)]

    def query_callbacks(self, receipt: str) -> list[Sent]:
        """Results of the questions about a receipt."""
        return [sent for each in self._questions({receipt}) for sent in told(each)]

    def _questions(self, about: set[str]) -> list[Asked]:
        return [
            each
            for each in self.queries
            if each.body.get("TransactionID") in about or each.body.get("OriginalConversationID") in about
        ]

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _receipt(self) -> str:
        return f"SKR{self._next():07d}"

    def _initiated(self, body: dict[str, Any], name: str) -> Reply | None:
        """What is wrong with the initiator; a wrong password is told by callback in truth, so only its form here."""
        try:
            sealed = base64.b64decode(str(body.get("SecurityCredential")), validate=True)
            secret = key_pair()[0].decrypt(sealed, PKCS1v15()).decode()
        except ValueError:
            return error("400.002.02", "Bad Request - Invalid SecurityCredential", 400)
        wrong = body.get(name) != INITIATOR or secret != INITIATOR_PASSWORD
        return error("400.002.02", f"Bad Request - Invalid {name}", 400) if wrong else None

    def _begun(self, body: dict[str, Any], originator: str = "") -> Asked:
        number = self._next()
        return Asked(
            originator or f"53e3-4aa8-9fe0-{number}",
            f"AG_20240706_{number:020d}",
            str(body["ResultURL"]).rsplit("/", 1)[1],
            str(body["QueueTimeOutURL"]).rsplit("/", 1)[1],
            body,
        )

    def _taken(self, asked: Asked) -> Reply:
        return Reply(accepted() | {"OriginatorConversationID": asked.originator, "ConversationID": asked.conversation})

    def _ask_reversal(self, body: dict[str, Any]) -> Reply:
        if wrong := self._initiated(body, "Initiator"):
            return wrong
        if body.get("RecieverIdentifierType") != "11" or body.get("CommandID") != "TransactionReversal":
            return error("400.002.02", "Bad Request - Invalid RecieverIdentifierType", 400)
        asked = self._begun(body)
        self.reversals.append(asked)
        return self._taken(asked)

    def _reverse(self, asked: Asked) -> None:
        found = [p for p in [*self.prompts, *self.deposits] if p.receipt and p.receipt == asked.body["TransactionID"]]
        if not found:
            asked.code = "R000002"
        elif found[0].given_back:
            asked.code = "R000001"
        else:
            found[0].given_back = found[0].paid
            asked.code, asked.receipt = "0", self._receipt()
            asked.values = [
                ("DebitAccountBalance", "Utility Account|KES|51661.00|51661.00|0.00|0.00"),
                ("Amount", int(asked.body["Amount"])),
                ("TransCompletedTime", 20240706224852),
                ("OriginalTransactionID", asked.body["TransactionID"]),
                ("Charge", 0),
                ("CreditPartyPublicName", f"{found[0].phone} - JANE WANJIKU"),
            ]

    def _ask_payout(self, body: dict[str, Any]) -> Reply:
        if wrong := self._initiated(body, "InitiatorName"):
            return wrong
        if not MSISDN.fullmatch(str(body.get("PartyB"))) or "Occassion" not in body:
            return error("400.002.02", "Bad Request - Invalid PartyB", 400)
        if not 2 <= len(str(body.get("Remarks"))) <= 100 or not 10 <= int(body["Amount"]) <= 250_000:
            return error("400.002.02", "Bad Request - Invalid Remarks", 400)
        own = str(body["OriginatorConversationID"])
        if own in self.payouts:
            return error("500.002.1001", "Duplicate OriginatorConversationID.", 500)
        self.payouts[own] = self._begun(body, own)
        return self._taken(self.payouts[own])

    def _pay_out(self, asked: Asked) -> None:
        asked.code, asked.receipt = "0", self._receipt()
        asked.values = [
            ("TransactionAmount", int(asked.body["Amount"])),
            ("TransactionReceipt", asked.receipt),
            ("ReceiverPartyPublicName", f"{asked.body['PartyB']} - NICHOLAS JOHN SONGOK"),
            ("TransactionCompletedDateTime", "06.07.2024 22:48:52"),
            ("B2CUtilityAccountAvailableFunds", 8959269.60),
        ]

    def _ask_state(self, body: dict[str, Any]) -> Reply:
        if wrong := self._initiated(body, "Initiator"):
            return wrong
        if body.get("IdentifierType") != "4" or body.get("CommandID") != "TransactionStatusQuery":
            return error("400.002.02", "Bad Request - Invalid IdentifierType", 400)
        asked = self._begun(body)
        self.queries.append(asked)
        self._look(asked)
        return self._taken(asked)

    def _look(self, asked: Asked) -> None:
        """What is known when the question comes."""
        receipt, origin = asked.body.get("TransactionID"), asked.body.get("OriginalConversationID")
        money = [p for p in [*self.prompts, *self.deposits] if p.receipt and p.receipt == receipt]
        sent = [a for a in [*self.payouts.values(), *self.reversals] if a.originator == origin]
        if not money and not sent:
            asked.code = "2"
            return
        asked.code = "0"
        if money:
            words, amount, number = "Completed", money[0].paid, money[0].receipt
        else:
            words = {"": "Pending", "0": "Completed"}.get(sent[0].code, "Declined")
            amount, number = int(sent[0].body["Amount"]), sent[0].receipt
        asked.values = [
            ("DebitPartyName", "600310 - Simulated"),
            ("DebitPartyName", "600310 - Simulated"),  # twice, as in an official sample
            ("OriginatorConversationID", sent[0].originator if sent else ""),
            ("DebitPartyCharges", "Fee For B2C Payment|KES|22.40" if sent else ""),
            ("TransactionReason", None),
            ("TransactionStatus", words),
            ("FinalisedTime", 20240706224852),
            ("Amount", f"{amount}.00"),
            ("ReceiptNo", number),
        ]


def told(asked: Asked) -> list[Sent]:
    """The callback about something asked: its result, the note of the queue, or nothing yet."""
    if asked.late:
        return [Sent(asked.late_topic, b"{}")]
    return [Sent(asked.result_topic, result(asked))] if asked.code else []
