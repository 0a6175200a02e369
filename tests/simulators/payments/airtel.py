"""Airtel Money: short tokens, prompts, enquiries by our id, hashed callbacks, full refunds, payouts, signed messages.

After the Airtel Africa Open API: errors come as HTTP 200 with the truth inside, the answer to a prompt that was sent
says SUCCESS, an enquiry tells no amount, and a refund is done or refused at once.
"""

import base64
import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulators.payments.base import Reply, Request, Sent, Simulator

TOKEN_PATH, KEYS_PATH = "/auth/oauth2/token", "/v1/rsa/encryption-keys"
PIN = "4827"
# How a prompt ends: status word and code.
ENDS = {
    "cancelled": ("TF", "DP00800001008"), "insufficient_funds": ("TF", "DP00800001007"),
    "timeout": ("TF", "DP00800001024"), "wrong_pin": ("TF", "DP00800001002"), "limit": ("TF", "DP00800001003"),
    "expired": ("TE", "DP00800001029"),
}  # fmt: skip


@cache
def key_pair() -> tuple[RSAPrivateKey, str]:
    """Airtel's key, and the public part as base64 of its DER."""
    key = generate_private_key(65537, 1024)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key, base64.b64encode(public).decode()


@dataclass
class Prompt:
    """A collection; amounts in whole units."""

    id: str
    amount: int
    currency: str
    msisdn: str
    word: str = "TIP"
    code: str = "DP00800001006"
    paid: int = 0
    paid_currency: str = ""
    money_id: str = ""
    given_back: int = 0


@dataclass
class Sending:
    """A disbursement."""

    id: str
    amount: int
    msisdn: str
    word: str = "TIP"
    money_id: str = ""


class Airtel(Simulator):
    """Knobs: `hash_over` (raw, compact, indented, transaction; "" sends no hash), `ambiguous` (so many enquiries are
    answered TA first), `contradicts` (enquiries say success false beside TS, as in official samples), `signing` (the
    v2 paths want signed messages), `pays_at_once` (a payout is done in its answer).
    """

    name = "airtel"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"client_secret": "simulated-secret", "callback_key": "simulated-callback-key", "pin": PIN}
        self.options = {"client_id": "simulated-client", "country": "KE", "pin_key": key_pair()[1]}
        self.hash_over, self.ambiguous = "compact", 0
        self.contradicts = self.signing = self.pays_at_once = False
        self.tokens = 0
        self.token_faults: deque[str] = deque()
        self.prompts: dict[str, Prompt] = {}
        self.sendings: dict[str, Sending] = {}
        self._count = 0

    # What people and Airtel do.

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        """The PIN is entered; `amount` in minor units."""
        prompt = self.prompts[key]
        prompt.word, prompt.code, prompt.money_id = "TS", "DP00800001001", self._money_id()
        prompt.paid = prompt.amount if amount is None else amount if prompt.currency == "UGX" else amount // 100
        prompt.paid_currency = currency or prompt.currency

    def fail(self, key: str, reason: str = "cancelled") -> None:
        """The prompt ends unpaid."""
        self.prompts[key].word, self.prompts[key].code = ENDS[reason]

    def reverse(self, key: str) -> None:
        """Airtel gives the payer their money back, and tells nobody."""
        self.prompts[key].given_back = self.prompts[key].paid

    def settle_refunds(self) -> None:
        """None waits: a refund is done in its answer."""

    def settle_payouts(self) -> None:
        """Every payout that waits is paid."""
        for each in self.sendings.values():
            if each.word == "TIP":
                each.word, each.money_id = "TS", self._money_id()

    def fail_payout(self, key: str) -> None:
        """Nobody has the money."""
        self.sendings[key].word = "TF"

    def revoke_token(self) -> None:
        """The token runs out."""
        self.tokens += 1

    # What can be read off.

    def callbacks(self, key: str) -> list[Sent]:
        """The end of the prompt, to the one address of the application; nothing while it is open."""
        prompt = self.prompts[key]
        if prompt.word == "TIP":
            return []
        told = {"id": prompt.id, "message": self._message(prompt), "status_code": prompt.word}
        if prompt.word == "TS":
            told["airtel_money_id"] = prompt.money_id
        return [Sent("", hashed(told, self.credentials["callback_key"], self.hash_over))]

    def forged(self, key: str) -> list[Sent]:
        """A payment that was never made: without hash, with one under a guessed key, and with one of other bytes."""
        told = {"id": key, "message": "Paid", "status_code": "TS", "airtel_money_id": "MP000000.0000.L00000"}
        other = hashed(told | {"id": "OTHER"}, self.credentials["callback_key"], "raw")
        bodies = [hashed(told, "guessed", form) for form in ("", "raw", "compact", "indented", "transaction")]
        return [Sent("", body) for body in (*bodies, other.replace(b"OTHER", key.encode()))]

    def charged(self, key: str) -> int:
        """Paid, less what came back, in minor units."""
        prompt = self.prompts.get(key)
        return 0 if prompt is None else (prompt.paid - prompt.given_back) * (1 if prompt.currency == "UGX" else 100)

    # The server.

    def serve(self, request: Request) -> Reply:
        """Faults are for what is asked with a token; those of the token itself are in `token_faults`."""
        if request.path not in (TOKEN_PATH, KEYS_PATH):
            return super().serve(request)
        with self.lock:
            self.requests.append(request)
            if request.path == KEYS_PATH:
                return self.answer(request)
            return self.busy() if self.token_faults and self.token_faults.popleft() else self._token(request)

    def answer(self, request: Request) -> Reply:
        """One call."""
        if not self.tokens or request.headers.get("authorization") != f"Bearer {self._valid()}":
            words = "The access token is invalid or has expired"
            return Reply({"error_description": words, "error": "invalid_token"}, 401)
        if request.headers.get("x-country") != self.options["country"]:
            return Reply({"status_message": "Partner not found", "status_code": "ROUTER110"}, 400)
        if not request.headers.get("x-currency"):
            return refusal("ESB000008", "Missing request header 'x-wallet-id' for method parameter")
        parts = request.path.strip("/").split("/")
        if request.method == "GET":
            if request.path == KEYS_PATH:
                data = {"key_id": 100, "key": key_pair()[1], "valid_upto": "12-08-2030 21:29:26"}
                return Reply({"data": data, "status": {"response_code": "DP02010001001", "success": True}})
            return self._sending_state(parts[-1]) if "disbursements" in parts else self._state(parts[-1])
        if parts[1] == "v2" and self._badly_signed(request):
            return refusal("DP00800001026", "X-signature and payload did not match")
        if parts[-1] == "refund":
            return self._refund(request.json)
        if "disbursements" in parts:
            return self._send(request.json)
        if parts[0] == "merchant" and parts[2] == "payments" and (parts[1] == "v2") == self.signing:
            return self._collect(request.json)
        return Reply({"status_message": "not found", "status_code": "ROUTER003"}, 404)

    def _valid(self) -> str:
        return f"simulated-token-{self.tokens}"

    def _money_id(self) -> str:
        self._count += 1
        return f"MP261120.1234.L{self._count:05d}"

    def _token(self, request: Request) -> Reply:
        body = request.json
        right = {"client_id": self.options["client_id"], "client_secret": self.credentials["client_secret"]}
        if body != right | {"grant_type": "client_credentials"}:
            return Reply({"error_description": "Invalid client authentication", "error": "invalid_client"}, 401)
        self.tokens += 1
        return Reply({"access_token": self._valid(), "expires_in": "180", "token_type": "bearer"})

    def _badly_signed(self, request: Request) -> bool:
        """Whether what was signed is not what was received."""
        try:
            sealed = base64.b64decode(request.headers["x-key"])
            key, start = (base64.b64decode(each) for each in key_pair()[0].decrypt(sealed, PKCS1v15()).split(b":"))
            cipher = Cipher(AES256(key), CBC(start)).decryptor()
            padded = cipher.update(base64.b64decode(request.headers["x-signature"])) + cipher.finalize()
            unpadder = PKCS7(128).unpadder()
            return unpadder.update(padded) + unpadder.finalize() != request.body
        except (KeyError, ValueError):
            return True

    def _collect(self, body: dict[str, Any]) -> Reply:
        subscriber, told = body["subscriber"], body["transaction"]
        if len(subscriber["msisdn"]) != 9:
            return refusal("ESB000033", "Invalid MSISDN Length")
        if subscriber["country"] != self.options["country"] or told["currency"] != subscriber["currency"]:
            return refusal("ESB000035", "Invalid currency")
        if told["id"] in self.prompts:
            return refusal("ESB000041", "External Transaction ID already exists.")
        if not isinstance(told["amount"], int) or told["amount"] < 1:
            return refusal("DP00800001004", "Invalid amount")
        made = Prompt(told["id"], told["amount"], told["currency"], subscriber["msisdn"])
        self.prompts[made.id] = made
        return success({"id": made.id, "status": "SUCCESS"}, "DP00800001006")

    def _message(self, prompt: Prompt) -> str:
        if prompt.word != "TS":
            return "Transaction failed"
        return (
            f"Paid {prompt.paid_currency} {prompt.paid:,} to SIMULATED SCHOOL LIMITED Charge {prompt.paid_currency} 14,"
            f" Trans ID {prompt.money_id}."
        )

    def _state(self, key: str) -> Reply:
        prompt = self.prompts.get(key)
        if prompt is None:
            return refusal("DP00800001025", "Transaction not found")
        if self.ambiguous > 0:
            self.ambiguous -= 1
            return success({"id": key, "status": "TA", "message": "Ambiguous"}, "DP00800001000")
        told = {"id": key, "status": prompt.word, "message": self._message(prompt)}
        if prompt.word == "TS":
            told["airtel_money_id"] = prompt.money_id
        reply = success(told, "DP00800001006" if self.contradicts else prompt.code)
        if self.contradicts:
            reply.data["status"]["success"] = False
        return reply

    def _refund(self, body: dict[str, Any]) -> Reply:
        number = body["transaction"]["airtel_money_id"]
        found = [each for each in self.prompts.values() if each.money_id and each.money_id == number]
        if not found:
            return refusal("DP00100001005", "Transaction not found")
        if found[0].given_back:
            return success({"airtel_money_id": number, "status": "FAILED"}, "DP00100001001")
        found[0].given_back = found[0].paid
        reply = success({"airtel_money_id": f"R{number}", "status": "SUCCESS"}, "DP00100001001")
        reply.data["status"]["success"] = False  # as in the official sample
        return reply

    def _send(self, body: dict[str, Any]) -> Reply:
        told = body["transaction"]
        try:
            pin = key_pair()[0].decrypt(base64.b64decode(body["pin"]), PKCS1v15()).decode()
        except ValueError:
            return refusal("ROUTER116", "Wrong encryption")
        if pin != PIN:
            return refusal("ROUTER115", "Invalid PIN")
        if told["id"] in self.sendings:
            return refusal("DP00900001017", "Duplicate transaction id")
        made = Sending(told["id"], told["amount"], body["payee"]["msisdn"])
        self.sendings[made.id] = made
        if self.pays_at_once:
            self.settle_payouts()
        return self._sending_state(made.id)

    def _sending_state(self, key: str) -> Reply:
        made = self.sendings.get(key)
        if made is None:
            return refusal("DP00900001015", "Transaction not found")
        code = {"TS": "DP00900001001", "TF": "DP00900001005"}.get(made.word, "DP00900001006")
        told = {"reference_id": "1", "airtel_money_id": made.money_id, "id": key, "status": made.word, "message": ""}
        return success(told, code)


def success(transaction: dict[str, str], code: str) -> Reply:
    """An answer as good ones look."""
    told = {"code": "200", "message": "SUCCESS", "result_code": "ESB000010", "response_code": code, "success": True}
    return Reply({"data": {"transaction": transaction}, "status": told})


def refusal(code: str, message: str) -> Reply:
    """An error, with HTTP 200."""
    name = "response_code" if code.startswith("DP") else "result_code"
    return Reply({"status": {name: code, "code": "400", "success": False, "message": message}})


def hashed(transaction: dict[str, str], key: str, over: str) -> bytes:
    """A callback with its hash over one of the writings; without a hash for ""."""
    outer = {"transaction": transaction}
    whole = json.dumps(outer).encode()
    content = {
        "raw": whole,
        "compact": json.dumps(outer, separators=(",", ":")).encode(),
        "indented": json.dumps(outer, indent=2).encode(),
        "transaction": json.dumps(transaction, separators=(",", ":")).encode(),
    }.get(over)
    if content is None:
        return whole
    told = base64.b64encode(hmac.new(key.encode(), content, hashlib.sha256).digest())
    return whole[:-1] + b', "hash": "' + told + b'"}'
