"""M-Pesa's Daraja: tokens that end the one before, prompts, deposits with validation, reversals, payouts, lists.

After the Daraja 3.0 documentation and what integrations have recorded of it: an old token is HTTP 404 with
404.001.03, too many calls are HTTP 500, result codes are numbers in callbacks and text in answers, and the end of a
reversal, a payout or a status query is told by callback alone.
"""

import base64
import re
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.simulators.payments.base import Reply, Request, Sent
from tests.simulators.payments.daraja_movements import (
    INITIATOR,
    INITIATOR_PASSWORD,
    MSISDN,
    Movements,
    Prompt,
    key_pair,
)
from tests.simulators.payments.daraja_words import (
    CODES,
    PAID_WORDS,
    accepted,
    confirmation,
    error,
    prompt_end,
)

TOKEN_PATH = "/oauth/v1/generate"
SHORTCODE, TILL = "174379", "5550001"
# The passkey that Safaricom publishes for its sandbox.
PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"


class Daraja(Movements):
    """Knobs: `pending_as_error` (the older answer to a query), `with_balance` (an item without value in callbacks),
    `codes_as_text` in callbacks, `one_prompt_per_phone`, `https_only`, `tell_deposits` (a paid prompt is also told as
    a deposit, as on shortcodes with registered addresses), `get_lists_only`.
    """

    name = "daraja"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "consumer_key": "simulated-key",
            "consumer_secret": "simulated-secret",
            "passkey": PASSKEY,
            "initiator_password": INITIATOR_PASSWORD,
        }
        self.options = {
            "shortcode": SHORTCODE,
            "initiator": INITIATOR,
            "certificate": key_pair()[1],
            "c2b": "yes",
            "nominated_number": "254708374149",
        }
        self.pending_as_error = self.with_balance = self.codes_as_text = False
        self.one_prompt_per_phone = self.https_only = self.tell_deposits = self.get_lists_only = False
        self.production = False  # addresses are registered once
        self.tokens = 0
        self.token_faults: deque[str] = deque()
        self.registered: dict[str, str] = {}
        self.page = 100
        self.listed_at = datetime.now(UTC)

    # What people and M-Pesa do.

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        """The PIN is entered. M-Pesa knows shillings only, so another currency is not possible."""
        prompt = self.prompt(key)
        prompt.code, prompt.paid = "0", prompt.amount if amount is None else amount // 100
        prompt.receipt = prompt.receipt or self._receipt()

    def fail(self, key: str, reason: str = "cancelled") -> None:
        """The prompt ends unpaid: a reason, or a result code."""
        self.prompt(key).code = CODES.get(reason, reason)

    def reverse(self, key: str) -> None:
        """Safaricom gives the payer their money back by itself, and tells nobody."""
        prompt = self.prompt(key)
        prompt.given_back = prompt.paid

    def deposit(
        self, account: str, amount: int, *, phone: str = "2547 ***** 126", shortcode: str = SHORTCODE
    ) -> list[Sent]:
        """Somebody pays `amount` (minor units) to an account number: the validation, then the confirmation."""
        with self.lock:
            made = Prompt("", account, amount // 100, phone, "", self._next(), "0", amount // 100, self._receipt())
            self.deposits.append(made)
        check, done = (
            Sent(self.registered[name], confirmation(made, shortcode, balance=balance))
            for name, balance in (("ValidationURL", ""), ("ConfirmationURL", "25.00"))
        )
        return [check, done]

    def deposit_checked(self, account: str, amount: int, ask: Callable[[Sent], bytes | None]) -> list[Sent]:
        """The same as M-Pesa does it: `ask` gives the answer to the validation, None when there was none in time."""
        check, done = self.deposit(account, amount)
        said = ask(check)
        if said is None:
            taken = self.registered["ResponseType"] == "Completed"
        else:
            answered = Request("POST", "", {}, {}, said).json
            taken = isinstance(answered, dict) and str(answered.get("ResultCode")) == "0"
        if not taken:
            self.deposits.pop()
        return [done] if taken else []

    def revoke_token(self) -> None:
        """Somebody fetched a token elsewhere, so the one in use is no longer good."""
        self.tokens += 1

    # What can be read off.

    def prompt(self, key: str) -> Prompt:
        """The latest prompt with that reference."""
        return next(each for each in reversed(self.prompts) if each.reference == key)

    def callbacks(self, key: str) -> list[Sent]:
        """The end of the prompt; nothing while it is open."""
        prompt = self.prompt(key)
        if not prompt.code:
            return []
        body = prompt_end(prompt, with_balance=self.with_balance, as_text=self.codes_as_text)
        sent = [Sent(prompt.topic, body)]
        if self.tell_deposits and prompt.code == "0":
            sent.append(Sent(self.registered["ConfirmationURL"], confirmation(prompt, SHORTCODE, balance="25.00")))
        return sent

    def forged(self, key: str) -> list[Sent]:
        """A paid prompt, told to guessed addresses: a mac of nothing, one of another thing, and no mac at all."""
        prompt = self.prompt(key)
        paid = Prompt(prompt.id, key, prompt.amount, prompt.phone, "", prompt.number, "0", prompt.amount, "FORGED0001")
        body = prompt_end(paid, with_balance=False, as_text=False)
        kind, about, mac = prompt.topic.split("-")
        guesses = (f"{kind}-{about}-{'0' * len(mac)}", f"{kind}-{b'AAAA'.hex()}-{mac}", kind, "")
        return [Sent(topic, body) for topic in guesses]

    def charged(self, key: str) -> int:
        """Paid, less what came back, in minor units, over all prompts of the reference."""
        return sum((each.paid - each.given_back) * 100 for each in self.prompts if each.reference == key)

    # The server.

    def serve(self, request: Request) -> Reply:
        """Faults are for what is asked with a token; those of the token itself are in `token_faults`."""
        if request.path != TOKEN_PATH:
            return super().serve(request)
        with self.lock:
            self.requests.append(request)
            return self.busy() if self.token_faults and self.token_faults.popleft() else self._token(request)

    def busy(self) -> Reply:
        """HTTP 500, not 429."""
        return error("500.003.02", "Error Occurred: Spike Arrest Violation", 500)

    def answer(self, request: Request) -> Reply:
        """One call."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.tokens or given != self._valid():
            return error("404.001.03", f"Invalid Access Token - {given}", 404)
        if request.path == "/pulltransactions/v1/query":
            return self._list(request)
        if request.method != "POST":
            return error("405.001", "Method Not Allowed", 405)
        body = request.json
        calls: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "/mpesa/stkpush/v1/processrequest": self._push,
            "/mpesa/stkpushquery/v1/query": self._query,
            "/mpesa/c2b/v2/registerurl": self._register,
            "/mpesa/reversal/v1/request": self._ask_reversal,
            "/mpesa/b2c/v3/paymentrequest": self._ask_payout,
            "/mpesa/transactionstatus/v1/query": self._ask_state,
            "/pulltransactions/v1/register": lambda _: Reply(
                {"ResponseRefID": "1", "ResponseStatus": "1000", "ShortCode": SHORTCODE, "ResponseDescription": "Ok"}
            ),
        }
        if request.path not in calls:
            return error("404.001.01", "Resource not found", 404)
        if not isinstance(body, dict) or request.headers.get("content-type") != "application/json":
            return error("400.002.02", "Bad Request - Invalid BusinessShortCode", 400)
        return calls[request.path](body)

    def _valid(self) -> str:
        return f"simulated-token-{self.tokens}"

    def _token(self, request: Request) -> Reply:
        if request.query.get("grant_type") != "client_credentials":
            return error("400.008.02", "Invalid grant type passed", 400)
        pair = f"{self.credentials['consumer_key']}:{self.credentials['consumer_secret']}"
        if request.headers.get("authorization") != "Basic " + base64.b64encode(pair.encode()).decode():
            return error("400.008.01", "Invalid Authentication passed", 400)
        self.tokens += 1
        return Reply({"access_token": self._valid(), "expires_in": "3599"})

    def _wrong_password(self, body: dict[str, Any]) -> bool:
        stamp = str(body.get("Timestamp"))
        right = base64.b64encode(f"{body.get('BusinessShortCode')}{PASSKEY}{stamp}".encode()).decode()
        return body.get("BusinessShortCode") != SHORTCODE or body.get("Password") != right

    def _push(self, body: dict[str, Any]) -> Reply:
        till = body.get("TransactionType") == "CustomerBuyGoodsOnline"
        url = str(body.get("CallBackURL"))
        faults = {
            "Timestamp": not re.fullmatch(r"20\d{12}", str(body.get("Timestamp"))),
            "PhoneNumber": not MSISDN.fullmatch(str(body.get("PhoneNumber"))),
            "PartyA": body.get("PartyA") != body.get("PhoneNumber"),
            "PartyB": body.get("PartyB") != (TILL if till else SHORTCODE),
            "Amount": not re.fullmatch(r"[1-9]\d{0,5}", str(body.get("Amount"))) or int(body["Amount"]) > 250_000,
            "CallBackURL": not url.startswith("https://" if self.https_only else "http"),
            "AccountReference": not re.fullmatch(r"[A-Za-z0-9]{1,12}", str(body.get("AccountReference"))),
            "Remarks": not 1 <= len(str(body.get("TransactionDesc") or "")) <= 13,
        }
        if wrong := [name for name, is_wrong in faults.items() if is_wrong]:
            return error("400.002.02", f"Bad Request - Invalid {wrong[0]}", 400)
        if self._wrong_password(body):
            return error("500.001.1001", "[MerchantValidate] - Wrong credentials", 500)
        if self.one_prompt_per_phone and any(not p.code and p.phone == body["PartyA"] for p in self.prompts):
            words = "Unable to lock subscriber, a transaction is already in process for the current subscriber"
            return error("500.001.1001", words, 500)
        number = self._next()
        made = Prompt(
            f"ws_CO_1007202409152{number:06d}", body["AccountReference"], int(body["Amount"]), body["PartyA"],
            url.rsplit("/", 1)[1], number,
        )  # fmt: skip
        self.prompts.append(made)
        return Reply(accepted() | {
            "MerchantRequestID": f"2654-4b64-97ff-{number}", "CheckoutRequestID": made.id,
            "CustomerMessage": "Success. Request accepted for processing",
        })  # fmt: skip

    def _query(self, body: dict[str, Any]) -> Reply:
        if self._wrong_password(body):
            return error("500.001.1001", "[MerchantValidate] - Wrong credentials", 500)
        found = [each for each in self.prompts if each.id == body.get("CheckoutRequestID")]
        if not found:
            return error("500.001.1001", "The transaction does not exist", 500)
        code = found[0].code
        if not code and self.pending_as_error:
            return error("500.001.1001", "The transaction is being processed", 500)
        words = PAID_WORDS if code == "0" else "Ended" if code else "The transaction is still under processing"
        return Reply(accepted() | {
            "MerchantRequestID": f"2654-4b64-97ff-{found[0].number}", "CheckoutRequestID": found[0].id,
            "ResultCode": code or "4999", "ResultDesc": words,
        })  # fmt: skip

    def _register(self, body: dict[str, Any]) -> Reply:
        if body.get("ShortCode") != SHORTCODE or body.get("ResponseType") not in ("Completed", "Cancelled"):
            return error("400.003.02", "Bad Request - Invalid ResponseType", 400)
        if self.registered and self.production:
            return error("500.003.1001", "Urls are already registered", 500)
        urls = {name: str(body[name]).rsplit("/", 1)[1] for name in ("ConfirmationURL", "ValidationURL")}
        self.registered = urls | {"ResponseType": body["ResponseType"]}
        return Reply({"OriginatorCoversationID": "6e86-45dd", "ResponseCode": "0", "ResponseDescription": "Success"})

    def _list(self, request: Request) -> Reply:
        if self.get_lists_only and request.method != "GET":
            return error("405.001", "Method Not Allowed", 405)
        body = request.json
        rows = [
            {
                "transactionId": each.receipt,
                "trxDate": f"{self.listed_at:%Y-%m-%dT%H:%M:%SZ}",
                "msisdn": 254722000000,
                "sender": "MPESA",
                "transactiontype": "c2b-pay-bill-debit",
                "billreference": each.reference,
                "amount": f"{each.paid}.00",
                "organizationname": "Simulated",
            }
            for each in [*self.prompts, *self.deposits]
            if each.code == "0"
        ]
        offset = int(body["OffSetValue"])
        found = rows[offset : offset + self.page]
        code = "1000" if found else "1001"
        return Reply({"ResponseRefID": "1", "ResponseCode": code, "ResponseMessage": "Success", "Response": [found]})
