"""Speaking to Airtel: where, with which token and headers, and signed where that is asked for."""

from typing import Any

from lms_core.commerce.payments.gateways import airtel_sealing as sealing
from lms_core.commerce.payments.gateways.airtel_codes import response_code
from lms_core.commerce.payments.gateways.port import Account, GatewayError, Mode, Uncertain
from lms_core.commerce.payments.gateways.reading import integer, needed, part, setting, switched_on, text, token_scope
from lms_core.commerce.payments.gateways.wire import Reply, Wire, written
from lms_core.kit.money import Currency

STAGING, PRODUCTION = "https://openapiuat.airtel.africa", "https://openapi.airtel.africa"
CURRENCIES = {"KE": Currency.KES, "UG": Currency.UGX, "TZ": Currency.TZS}
TOKEN_LIFE = 180  # seconds
LONGEST_LIFE = 24 * 3600
TOKEN_TRIES = 3


def place(account: Account) -> tuple[str, Currency]:
    """The country of the account and its currency."""
    country = setting(account, "country", "KE").upper()
    if country not in CURRENCIES:
        raise GatewayError("the country is KE, UG or TZ", code="country", reason="misconfigured")
    return country, CURRENCIES[country]


class AirtelCalls:
    """Calls with a good token. Safe from several threads."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, account: Account, path: str) -> Reply:
        """A question; asked once, and later again by whoever waits for it."""
        try:
            return self._call(account, "GET", path, None)
        except Uncertain:
            raise GatewayError("Airtel did not answer", reason="unreachable", retryable=True) from None

    def send(self, account: Account, path: str, body: dict[str, Any]) -> Reply:
        """A call that moves money: Uncertain without an answer."""
        return self._call(account, "POST", path, body)

    def _call(self, account: Account, method: str, path: str, body: dict[str, Any] | None) -> Reply:
        country, currency = place(account)
        url, refused = self._base(account) + path, ""
        for left in reversed(range(TOKEN_TRIES)):
            token = refused = self.token(account, refused)
            headers = {
                "Authorization": f"Bearer {token}",
                "Accept": "*/*",
                "X-Country": country,
                "X-Currency": currency.value,
            }
            if body is not None and switched_on(account, "signing"):
                headers |= self._signature(account, written(body))
            reply = self._wire.call(method, url, headers=headers, body=body, moves_money=True)
            if reply.found.get("error") != "invalid_token" and reply.status != 401:
                return reply
            if not left:
                break
        raise GatewayError("Airtel refused fresh access tokens", code="token", reason="misconfigured", retryable=True)

    def _signature(self, account: Account, content: bytes) -> dict[str, str]:
        try:
            return sealing.signed_headers(content, self.server_key(account))
        except ValueError as error:
            raise GatewayError("Airtel's signing key cannot be read", code="signing", reason="misconfigured") from error

    def server_key(self, account: Account) -> str:
        """Airtel changes the key; it is asked for each time, as a payment is rare beside it."""
        country, currency = place(account)
        reply = self._wire.call(
            "GET",
            self._base(account) + "/v1/rsa/encryption-keys",
            headers={
                "Authorization": f"Bearer {self.token(account)}",
                "X-Country": country,
                "X-Currency": currency.value,
            },
        )
        key = text(part(reply.found, "data").get("key"))
        if not key:
            code = response_code(reply.found) or str(reply.status)
            raise GatewayError("Airtel gave no key to sign with", code=code, reason="misconfigured", retryable=True)
        return key

    def token(self, account: Account, refused: str = "", *, fresh: bool = False) -> str:
        """An access token that is not `refused`; `fresh` for one that Airtel has just given. It lives three minutes."""
        scope = token_scope(account, "client_id", "client_secret")
        found = self._wire.token(account, lambda: self._fetch(account), scope=scope, fresh=fresh)
        if found != refused:
            return found
        return self._wire.token(account, lambda: self._fetch(account), scope=scope, fresh=True)

    def _fetch(self, account: Account) -> tuple[str, int]:
        body = {
            "client_id": needed(account, "client_id", "to speak to Airtel"),
            "client_secret": needed(account, "client_secret", "to speak to Airtel"),
            "grant_type": "client_credentials",
        }
        reply = self._wire.call("POST", self._base(account) + "/auth/oauth2/token", body=body)
        if token := text(reply.found.get("access_token")):
            return token, max(1, min(integer(reply.found.get("expires_in")) or TOKEN_LIFE, LONGEST_LIFE))
        if reply.found.get("error") == "invalid_client" or reply.status in (400, 401, 403):
            raise GatewayError(
                "the client ID and secret are not accepted; copy them again from the Airtel portal, and see that"
                " staging and production are not mixed",
                code="invalid_client",
                reason="misconfigured",
            )
        raise GatewayError("Airtel gave no access token", code=str(reply.status), reason="busy", retryable=True)

    def _base(self, account: Account) -> str:
        return self._wire.base(account, PRODUCTION if account.mode is Mode.LIVE else STAGING)
