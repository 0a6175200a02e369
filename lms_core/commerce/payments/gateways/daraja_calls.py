"""Speaking to Daraja: the token all processes share, one call, the password of a prompt, the initiator's credential."""

import base64
import re
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from lms_core.commerce.payments.gateways.addresses import refused_word
from lms_core.commerce.payments.gateways.daraja_codes import Kind, Verdict, judge
from lms_core.commerce.payments.gateways.port import Account, GatewayError, Mode, Uncertain
from lms_core.commerce.payments.gateways.reading import integer, needed, setting, text, token_scope, without_people
from lms_core.commerce.payments.gateways.wire import Reply, Wire

SANDBOX, PRODUCTION = "https://sandbox.safaricom.co.ke", "https://api.safaricom.co.ke"
NAIROBI = timezone(timedelta(hours=3))  # East Africa Time knows no summer time
TOKEN_LIFE = 3599
TOKEN_TRIES = 6  # several processes that renew it at once end each other's; soon one is left


class Refused(GatewayError):
    """A call that was not taken, with the verdict on it."""

    def __init__(self, verdict: Verdict, message: Any = "") -> None:
        told = without_people(message) if verdict.kind is not Kind.TOKEN else ""  # that message repeats the token
        detail = ": ".join(each for each in (verdict.words or "M-Pesa did not take the request", told) if each)
        super().__init__(detail, code=verdict.code, reason=verdict.reason, retryable=verdict.retryable)
        self.kind = verdict.kind


class DarajaCalls:
    """Calls with a good token. Safe from several threads."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._locks: dict[str, threading.Lock] = {}

    def post(self, account: Account, path: str, body: dict[str, Any], *, moves_money: bool = False) -> dict[str, Any]:
        """The answer to a call that was taken. Refused; GatewayError (retryable) when nobody answered.

        `moves_money`: Uncertain when it may have happened. Each call goes out once, except after "invalid access
        token", which says that nothing was done.
        """
        reply, verdict = self.ask(account, "POST", path, body, moves_money=moves_money)
        if verdict.kind is Kind.TAKEN:
            return reply.found
        if verdict.kind is Kind.UNCLEAR and moves_money:
            raise Uncertain(f"M-Pesa answered {reply.status} {verdict.code}")
        if verdict.kind is Kind.UNCLEAR:
            raise GatewayError("M-Pesa did not answer clearly", code=verdict.code, reason="busy", retryable=True)
        if verdict.kind is Kind.TOKEN:
            verdict = Verdict(verdict.kind, verdict.code, "misconfigured", True, "M-Pesa refused fresh access tokens")
        raise Refused(verdict, reply.found.get("errorMessage") or reply.found.get("ResponseDescription"))

    def ask(
        self, account: Account, method: str, path: str, body: dict[str, Any], *, moves_money: bool = False
    ) -> tuple[Reply, Verdict]:
        """The answer and what it amounts to, with the token renewed when it is no longer good."""
        url = self._base(account) + path
        refused = ""
        for left in reversed(range(TOKEN_TRIES)):
            token = self.token(account, refused=refused)
            try:
                # Never tried again by the wire: Daraja says most of what it says with HTTP 500.
                reply = self._wire.call(
                    method, url, headers={"Authorization": f"Bearer {token}"}, body=body, moves_money=True
                )
            except Uncertain:
                if moves_money:
                    raise
                raise GatewayError("M-Pesa did not answer", reason="unreachable", retryable=True) from None
            verdict = judge(reply.status, reply.found)
            if verdict.kind is not Kind.TOKEN or not left:
                return reply, verdict
            refused = token
        raise AssertionError("unreachable")

    def token(self, account: Account, *, refused: str = "", fresh: bool = False) -> str:
        """An access token that is not `refused`; `fresh` for one that Safaricom has just given.

        A new token ends the one before, so they are shared, and whoever was refused takes first what another thread
        or process fetched meanwhile.
        """
        with self._locks.setdefault(account.id, threading.Lock()):
            scope = token_scope(account, "consumer_key", "consumer_secret")
            found = self._wire.token(account, lambda: self._fetch(account), scope=scope, fresh=fresh)
            if found != refused:
                return found
            return self._wire.token(account, lambda: self._fetch(account), scope=scope, fresh=True)

    def _fetch(self, account: Account) -> tuple[str, int]:
        keys = (
            needed(account, "consumer_key", "to speak to M-Pesa"),
            needed(account, "consumer_secret", "to speak to M-Pesa"),
        )
        reply = self._wire.call(
            "GET",
            self._base(account) + "/oauth/v1/generate",
            params={"grant_type": "client_credentials"},
            auth=keys,
        )
        token = text(reply.found.get("access_token"))
        if reply.status == 200 and token:
            life = integer(reply.found.get("expires_in")) or TOKEN_LIFE  # text in the sandbox
            return token, max(1, min(life, TOKEN_LIFE))
        verdict = judge(reply.status, reply.found)
        if reply.status in (400, 401, 403):
            raise GatewayError(
                "the consumer key and secret are not accepted; copy them again from the app in the Daraja portal, and"
                " see that sandbox and production are not mixed",
                code=verdict.code,
                reason="misconfigured",
            )
        raise GatewayError("M-Pesa gave no access token", code=verdict.code, reason="busy", retryable=True)

    def _base(self, account: Account) -> str:
        return self._wire.base(account, PRODUCTION if account.mode is Mode.LIVE else SANDBOX)


def timestamp(at: datetime) -> str:
    """20210628092408: the time in Nairobi."""
    return at.astimezone(NAIROBI).strftime("%Y%m%d%H%M%S")


def password(shortcode: str, passkey: str, stamp: str) -> str:
    """The password of a prompt and of the question about it."""
    return base64.b64encode(f"{shortcode}{passkey}{stamp}".encode()).decode()


def security_credential(initiator_password: str, certificate: str) -> str:
    """The initiator's password under Safaricom's public key: RSA, PKCS#1 v1.5, nothing appended, base64.

    `certificate`: PEM of the certificate (or of its public key), or the base64 of the DER file. ValueError otherwise.
    """
    sealed = _public_key(certificate).encrypt(initiator_password.encode(), PKCS1v15())
    return base64.b64encode(sealed).decode()


def _public_key(written: str) -> RSAPublicKey:
    text = written.strip().encode()
    if b"BEGIN PUBLIC KEY" in text:
        key: Any = load_pem_public_key(text)
    elif b"BEGIN" in text:
        key = load_pem_x509_certificate(text).public_key()
    else:
        key = load_der_x509_certificate(base64.b64decode(re.sub(rb"\s", b"", text), validate=True)).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the certificate holds no RSA key")
    return key


def initiator(account: Account, why: str) -> tuple[str, str]:
    """Name and SecurityCredential of the initiator. GatewayError(misconfigured) where one is missing or broken."""
    name = needed(account, "initiator", why)
    secret, certificate = needed(account, "initiator_password", why), needed(account, "certificate", why)
    try:
        return name, security_credential(secret, certificate)
    except ValueError as error:
        raise GatewayError(
            "the certificate cannot be read; paste the PEM file from the Daraja portal",
            code="certificate",
            reason="misconfigured",
        ) from error


def address_fault(account: Account) -> str:
    """What Safaricom would not like about the callback address; "" when nothing."""
    if account.mode is Mode.LIVE and not account.callback_url.lower().startswith("https://"):
        return "M-Pesa calls back over https only: set the public address of this installation to one"
    if word := refused_word(account.callback_url):
        return (
            f"the callback address holds “{word}”, which M-Pesa refuses: the public address of this installation"
            " (MWALIMU_PUBLIC_URL) has to be one without it"
        )
    return ""


def shortcodes(account: Account) -> frozenset[str]:
    """Every number of ours that money may be sent to or from."""
    return frozenset(filter(None, (setting(account, name) for name in ("shortcode", "till", "payout_shortcode"))))
