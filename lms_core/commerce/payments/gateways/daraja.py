"""M-Pesa through Safaricom's Daraja 3.0: prompts on the phone, deposits to an account number, reversals, payouts.

Sources: the Daraja documentation (M-Pesa Express, C2B, B2C, Reversal, Transaction Status, Pull Transactions).
What a prompt's end is, M-Pesa says twice: by callback, with the receipt and the amount, and when asked, with neither.
How a reversal or a payout ended it says by callback only; asking for it brings another callback.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from lms_core.commerce.payments.gateways import daraja_callbacks as callbacks
from lms_core.commerce.payments.gateways.daraja_calls import (
    NAIROBI,
    DarajaCalls,
    Refused,
    address_fault,
    initiator,
    password,
    timestamp,
)
from lms_core.commerce.payments.gateways.daraja_codes import (
    REJECTED_ACCOUNT,
    Kind,
    prompt_ended,
)
from lms_core.commerce.payments.gateways.daraja_list import rows_of
from lms_core.commerce.payments.gateways.lacking import NoSavedMethods
from lms_core.commerce.payments.gateways.port import (
    Account,
    Answer,
    Begun,
    Callback,
    Capabilities,
    Charge,
    Entry,
    Field,
    GatewayError,
    Health,
    Heard,
    Known,
    Movement,
    PayoutAsk,
    RefundAsk,
    State,
    Status,
    Uncertain,
)
from lms_core.commerce.payments.gateways.reading import (
    international,
    needed,
    plain,
    setting,
    switched_on,
    whole_units,
    without_people,
)
from lms_core.commerce.payments.gateways.wire import Wire
from lms_core.kit.clock import Clock, SystemClock
from lms_core.kit.money import Currency

KES = frozenset({Currency.KES})
LEAST_PAYOUT, MOST_PAYOUT = 10, 250_000  # shillings
PULLED_HOURS = 48  # how far back the list goes
PAGES = 200


class Daraja(NoSavedMethods):
    """M-Pesa. `clock` stamps the prompts."""

    name = "daraja"
    title = "M-Pesa"
    fields: Sequence[Field] = (
        Field("shortcode", "Paybill or store number", secret=False, help="The number payments are collected under."),
        Field(
            "till", "Till number", secret=False, required=False, help="For Buy Goods only: the till beside the store."
        ),
        Field("consumer_key", "Consumer key"),
        Field("consumer_secret", "Consumer secret"),
        Field("passkey", "Passkey", help="Of M-Pesa Express (Lipa na M-Pesa Online) for this shortcode."),
        Field("initiator", "Initiator", secret=False, required=False, help="For refunds and payouts: the API user."),
        Field("initiator_password", "Initiator password", required=False, help="Safaricom ends it after 90 days."),
        Field("certificate", "M-Pesa certificate", secret=False, required=False, help="PEM, from the Daraja portal."),
        Field("payout_shortcode", "Payout shortcode", secret=False, required=False, help="When payouts have another."),
        Field("c2b", "Payments to the account number", secret=False, required=False, help="“yes” registers for them."),
        Field(
            "when_unreachable",
            "When we cannot be reached",
            secret=False,
            required=False,
            help="“Completed” (the default): M-Pesa takes such payments unchecked; “Cancelled”: it refuses them.",
        ),
        Field("nominated_number", "Nominated number", secret=False, required=False, help="For Pull Transactions."),
    )
    capabilities = Capabilities(
        currencies=KES,
        step="prompt",
        needs_phone=True,
        whole_units=True,
        refunds="full",
        payouts=True,
        lists_transactions=True,
        signed_callbacks=False,
        smallest={Currency.KES: 100},
        largest={Currency.KES: 250_000_00},
        poll_seconds=(10, 17, 25, 35, 45, 60, 75, 90, 120, 180),
        expires_after=300,
    )

    def __init__(self, wire: Wire, clock: Clock | None = None) -> None:
        self._calls = DarajaCalls(wire)
        self._clock = clock or SystemClock()

    def begin(self, account: Account, charge: Charge) -> Begun:
        """Put a prompt on the payer's phone. There is no idempotency key: a repetition would be a second prompt."""
        shortcode, till = needed(account, "shortcode", "to collect"), setting(account, "till")
        if not (charge.reference.isascii() and charge.reference.isalnum() and len(charge.reference) <= 12):
            raise GatewayError(
                "a reference is letters and digits, at most 12", code="reference", reason="misconfigured"
            )
        phone = international(charge.payer.phone)
        body: dict[str, Any] = self._signed(account, shortcode) | {
            "TransactionType": "CustomerBuyGoodsOnline" if till else "CustomerPayBillOnline",
            "Amount": str(whole_units(charge.amount, KES)),
            "PartyA": phone,
            "PartyB": till or shortcode,
            "PhoneNumber": phone,
            "CallBackURL": callbacks.address(account, callbacks.PROMPT, charge.reference),
            "AccountReference": charge.reference,
            "TransactionDesc": plain(charge.description, least=2, most=13, otherwise="Payment"),
        }
        found = self._calls.post(account, "/mpesa/stkpush/v1/processrequest", body, moves_money=True)
        prompt = str(found.get("CheckoutRequestID") or "")
        if not prompt:
            raise Uncertain("M-Pesa took the prompt and gave no id")
        status = Status(
            State.PENDING,
            provider_ref=prompt,
            reference=charge.reference,
            raw={"MerchantRequestID": str(found.get("MerchantRequestID") or "")},
        )
        return Begun(status, message="M-Pesa asks for your PIN on your phone now.")

    def status(self, account: Account, known: Known) -> Status:
        """Ask about the prompt. The amount is the one asked for: a payer cannot change it, and M-Pesa does not tell it.

        Nor does it tell the receipt. Without the prompt's id (a crash lost it) M-Pesa can only be asked about a
        receipt, and its callback answers.
        """
        try:
            if known.provider_ref:
                return self._prompt_status(account, known)
            if known.receipt:
                about = {"TransactionID": known.receipt}
                self._ask_status(account, about, callbacks.RECEIPT, known.reference, "to ask about a receipt")
        except GatewayError as error:
            return Status(State.UNKNOWN, provider_ref=known.provider_ref, code=error.code, reason=error.reason)
        return Status(State.UNKNOWN)

    def _prompt_status(self, account: Account, known: Known) -> Status:
        shortcode = needed(account, "shortcode", "to ask")
        body = self._signed(account, shortcode) | {"CheckoutRequestID": known.provider_ref}
        try:
            found = self._calls.post(account, "/mpesa/stkpushquery/v1/query", body)
        except Refused as refused:
            if refused.kind is Kind.PENDING:
                return Status(State.PENDING, provider_ref=known.provider_ref, code=refused.code)
            raise
        if found.get("CheckoutRequestID", known.provider_ref) != known.provider_ref or "ResultCode" not in found:
            return Status(State.UNKNOWN, provider_ref=known.provider_ref, reason="other")
        code, text = str(found["ResultCode"]), without_people(found.get("ResultDesc"))
        state, reason = prompt_ended(code, text)
        paid = state is State.SUCCEEDED
        return Status(
            state,
            provider_ref=known.provider_ref,
            amount=known.amount if paid else None,
            receipt=known.receipt if paid else "",
            code=code,
            reason=reason,
            raw={"ResultCode": code, "ResultDesc": text},
        )

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """Prompts, deposits and the ends of refunds and payouts; see `daraja_callbacks`."""
        return callbacks.hear(account, callback)

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Validation waits eight seconds for the word. Elsewhere M-Pesa only wants to hear that it was heard."""
        if callback.topic == callbacks.CHECK:
            code, words = ("0", "Accepted") if accepted else (REJECTED_ACCOUNT, "Rejected")
            return Answer(body=f'{{"ResultCode":"{code}","ResultDesc":"{words}"}}'.encode())
        if not accepted:
            return Answer(status=400, body=b'{"ResultCode":1,"ResultDesc":"Rejected"}')
        words = "Success" if callback.topic == callbacks.DEPOSIT else "Accepted"
        return Answer(body=f'{{"ResultCode":0,"ResultDesc":"{words}"}}'.encode())

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Reverse a whole payment. A second reversal of it is refused by M-Pesa (R000001), so none is paid twice."""
        if ask.amount != ask.paid:
            raise GatewayError("M-Pesa reverses whole payments; send a part as a payout", code="amount", reason="limit")
        if not ask.receipt:
            raise GatewayError(
                "M-Pesa has not told the receipt number of this payment yet", code="receipt", retryable=True
            )
        name, credential = initiator(account, "to refund")
        body = {
            "Initiator": name,
            "SecurityCredential": credential,
            "CommandID": "TransactionReversal",
            "TransactionID": ask.receipt,
            "Amount": str(whole_units(ask.amount, KES)),
            "ReceiverParty": needed(account, "shortcode", "to refund"),
            "RecieverIdentifierType": "11",
            "ResultURL": callbacks.address(account, callbacks.REFUND, ask.key),
            "QueueTimeOutURL": callbacks.address(account, callbacks.REFUND + callbacks.LATE, ask.key),
            "Remarks": plain(ask.reason, least=2, most=100, otherwise="Refund"),
        }
        found = self._calls.post(account, "/mpesa/reversal/v1/request", body, moves_money=True)
        return Movement(
            State.PENDING,
            provider_ref=str(found.get("OriginatorConversationID") or ""),
            raw={"ConversationID": str(found.get("ConversationID") or "")},
        )

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """Ask; the callback answers. Without the reversal's id the payment itself is asked about."""
        if provider_ref:
            about, key = {"OriginalConversationID": provider_ref}, f"{ask.key}|itself"
        else:
            about, key = {"TransactionID": ask.receipt}, f"{ask.key}|payment"
        return self._asked(account, about, callbacks.REFUND, key, provider_ref)

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """Send shillings to a phone (B2C). M-Pesa refuses our id a second time, so a repetition pays nothing twice."""
        amount = whole_units(ask.amount, KES)
        if amount < LEAST_PAYOUT:
            raise GatewayError(f"M-Pesa sends {LEAST_PAYOUT} shillings at least", code="amount", reason="limit")
        if amount > MOST_PAYOUT:
            raise GatewayError(f"M-Pesa sends {MOST_PAYOUT:,} shillings at most", code="amount", reason="limit")
        name, credential = initiator(account, "to pay out")
        about = callbacks.conversation(ask.key)
        body = {
            "OriginatorConversationID": about,
            "InitiatorName": name,
            "SecurityCredential": credential,
            "CommandID": "BusinessPayment",
            "Amount": str(amount),
            "PartyA": self._payout_shortcode(account),
            "PartyB": international(ask.phone),
            "Remarks": plain(ask.remarks, least=2, most=100, otherwise="Payout"),
            "QueueTimeOutURL": callbacks.address(account, callbacks.PAYOUT + callbacks.LATE, ask.key),
            "ResultURL": callbacks.address(account, callbacks.PAYOUT, ask.key),
            "Occassion": "",
        }
        try:
            found = self._calls.post(account, "/mpesa/b2c/v3/paymentrequest", body, moves_money=True)
        except Refused as refused:
            if refused.kind is not Kind.REPEATED:
                raise
            return Movement(State.PENDING, provider_ref=about, code=refused.code, reason=refused.reason)
        return Movement(
            State.PENDING, provider_ref=about, raw={"ConversationID": str(found.get("ConversationID") or "")}
        )

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """Ask by our own id; the callback answers."""
        about = {"OriginalConversationID": callbacks.conversation(ask.key)}
        return self._asked(account, about, callbacks.PAYOUT, ask.key, provider_ref, self._payout_shortcode(account))

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """What came in to the shortcode, by Pull Transactions: the last 48 hours, where a nominated number is set."""
        if not setting(account, "nominated_number"):
            raise GatewayError(
                "M-Pesa lists transactions only for accounts with Pull Transactions: ask Safaricom for it and fill in"
                " the nominated number",
                code="nominated_number",
                reason="misconfigured",
            )
        since = max(since, self._clock.now() - timedelta(hours=PULLED_HOURS))
        found: dict[str, Entry] = {}
        for _ in range(PAGES):
            rows = rows_of(self._page(account, since, until, len(found)))
            new = {each.receipt: each for each in rows if each.receipt not in found}
            if not new:
                break
            found |= new
        return [each for each in found.values() if since <= each.at <= until]

    def _page(self, account: Account, since: datetime, until: datetime, offset: int) -> dict[str, Any]:
        path = "/pulltransactions/v1/query"
        body = {
            "ShortCode": needed(account, "shortcode", "to list"),
            "StartDate": f"{since.astimezone(NAIROBI):%Y-%m-%d %H:%M:%S}",
            "EndDate": f"{until.astimezone(NAIROBI):%Y-%m-%d %H:%M:%S}",
            "OffSetValue": str(offset),
        }
        # The documentation says GET with a body in one place and POST in another.
        reply, verdict = self._calls.ask(account, "POST", path, body)
        if verdict.code in ("405.001", "404.001.04", "405"):
            reply, verdict = self._calls.ask(account, "GET", path, body)
        if reply.status == 200 and "errorCode" not in reply.found:
            return reply.found
        raise Refused(verdict, reply.found.get("errorMessage"))

    def prepare(self, account: Account) -> None:
        """Register the addresses for deposits, and for Pull Transactions, where the account has them switched on.

        In production both are taken once; "already registered" is as good. GatewayError when M-Pesa refuses.
        """
        shortcode = needed(account, "shortcode", "to collect")
        if switched_on(account, "c2b"):
            unreachable = setting(account, "when_unreachable", "Completed").capitalize()
            body = {
                "ShortCode": shortcode,
                "ResponseType": unreachable if unreachable in ("Completed", "Cancelled") else "Completed",
                "ConfirmationURL": callbacks.deposit_address(account, callbacks.DEPOSIT),
                "ValidationURL": callbacks.deposit_address(account, callbacks.CHECK),
            }
            try:
                self._calls.post(account, "/mpesa/c2b/v2/registerurl", body)
            except Refused as refused:
                if refused.kind is not Kind.REGISTERED:
                    raise
        if number := setting(account, "nominated_number"):
            body = {
                "ShortCode": shortcode,
                "RequestType": "Pull",
                "NominatedNumber": number,
                "CallBackURL": callbacks.deposit_address(account, callbacks.PULL),
            }
            reply, verdict = self._calls.ask(account, "POST", "/pulltransactions/v1/register", body)
            if str(reply.found.get("ResponseStatus")) not in ("1000", "1001"):
                raise Refused(verdict, reply.found.get("ResponseDescription") or reply.found.get("errorMessage"))

    def check(self, account: Account) -> Health:
        """A fresh look at the keys, the callback address, the initiator's certificate and the registrations."""
        if fault := address_fault(account):
            return Health(False, fault)
        try:
            self._calls.token(account, fresh=True)
            needed(account, "passkey", "for prompts")
            if setting(account, "initiator"):
                initiator(account, "to refund and to pay out")
            self.prepare(account)
        except GatewayError as error:
            return Health(False, f"{error.detail} ({error.code})" if error.code else error.detail)
        return Health(True)

    def _signed(self, account: Account, shortcode: str) -> dict[str, Any]:
        stamp = timestamp(self._clock.now())
        key = needed(account, "passkey", "for prompts")
        return {
            "BusinessShortCode": shortcode,
            "Password": password(shortcode, key, stamp),
            "Timestamp": stamp,
        }

    def _payout_shortcode(self, account: Account) -> str:
        return setting(account, "payout_shortcode") or needed(account, "shortcode", "to pay out")

    def _asked(
        self, account: Account, about: dict[str, str], kind: str, key: str, provider_ref: str, shortcode: str = ""
    ) -> Movement:
        try:
            self._ask_status(account, about, kind, key, "to ask how it stands", shortcode)
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref=provider_ref, code=error.code, reason=error.reason)
        return Movement(State.PENDING if provider_ref else State.UNKNOWN, provider_ref=provider_ref)

    def _ask_status(
        self, account: Account, about: dict[str, str], kind: str, key: str, why: str, shortcode: str = ""
    ) -> None:
        name, credential = initiator(account, why)
        ending = kind + callbacks.STATE
        body = about | {
            "Initiator": name,
            "SecurityCredential": credential,
            "CommandID": "TransactionStatusQuery",
            "PartyA": shortcode or needed(account, "shortcode", why),
            "IdentifierType": "4",
            "ResultURL": callbacks.address(account, ending, key),
            "QueueTimeOutURL": callbacks.address(account, ending + callbacks.LATE, key),
            "Remarks": "Status",
            "Occasion": "",
        }
        self._calls.post(account, "/mpesa/transactionstatus/v1/query", body)
