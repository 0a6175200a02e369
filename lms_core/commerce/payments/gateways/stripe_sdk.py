"""Stripe's official SDK on our own connections. Importing it takes seconds: only calls to Stripe do, callbacks do not.

Every POST carries our idempotency key, so Stripe does it once however often it is sent, and tries are safe. Answers are
given as plain dictionaries.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import httpx
import stripe

from lms_core.commerce.payments.gateways.port import GatewayError, Uncertain
from lms_core.commerce.payments.gateways.reading import part
from lms_core.commerce.payments.gateways.wire import TRIES, Wire, read_json

# The SDK would write an id of this machine into the home folder, and send it and the times of calls along.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)  # its information lines repeat what Stripe says about payers

T = TypeVar("T")
PAID = ["latest_charge.balance_transaction"]
Found = dict[str, Any]


class Line(stripe.HTTPClient):
    """The SDK's way out: no redirects, no proxies of the environment, limits of time and size, as every gateway's."""

    name = "httpx"

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def request_with_retries(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,
        max_network_retries: int | None = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Three tries for what is busy or broke off. An `APIConnectionError` caused by `_Unsent` never arrived."""
        content = post_data.encode() if isinstance(post_data, str) else post_data
        doubt = False
        for tried in range(1, TRIES + 1):
            try:
                status, body, found = self._wire.exchange(method, url, headers=headers, content=content)
            except httpx.HTTPError as error:
                doubt = doubt or not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if tried == TRIES:
                    cause = error if doubt else _Unsent()
                    raise stripe.APIConnectionError("no answer") from cause  # type: ignore[no-untyped-call]
            else:
                told = found.get("stripe-should-retry")
                again = told == "true" or (told != "false" and (status in {409, 429} or status >= 500))
                if not again or tried == TRIES:
                    return (body if status < 400 else _as_error(body)), status, found
                doubt = doubt or status >= 500
            self._wire.rest(tried)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """The connections are the wire's."""


def _as_error(body: bytes) -> bytes:
    """An answer that is an error. What stands before Stripe words its own otherwise, and the SDK trips on that."""
    told = read_json(body)
    ours = isinstance(told, dict) and isinstance(told.get("error"), dict)
    return body if ours else b'{"error": {"type": "api_error"}}'


class _Unsent(Exception):
    """No connection was made."""


class Client:
    """What we use of Stripe, for one account. Methods raise `GatewayError`; those that move money also `Uncertain`."""

    def __init__(self, wire: Wire, *, key: str, base: str) -> None:
        addresses: Any = {"api": base, "connect": base, "files": base, "meter_events": base}
        self._api = stripe.StripeClient(key, base_addresses=addresses, http_client=Line(wire), max_network_retries=0).v1

    def begin_session(self, params: Any, key: str) -> Found:
        """A new Checkout Session."""
        made = _asked(lambda: self._api.checkout.sessions.create(params, {"idempotency_key": key}), moves_money=True)
        return made.to_dict()

    def session(self, number: str) -> Found:
        """A Checkout Session with its PaymentIntent, charge and fee."""
        expand = [f"payment_intent.{each}" for each in PAID]
        return _asked(lambda: self._api.checkout.sessions.retrieve(number, {"expand": expand})).to_dict()

    def sessions(self, since: int, until: int) -> Iterator[Found]:
        """Checkout Sessions made between two seconds."""
        params: Any = {"created": {"gte": since, "lte": until}, "limit": 100}
        return _each(lambda: self._api.checkout.sessions.list(params))

    def begin_intent(self, params: Any, key: str) -> Found:
        """A new PaymentIntent, confirmed. A card that is declined is answered with its intent, not with an error."""
        try:
            made = _asked(lambda: self._api.payment_intents.create(params, {"idempotency_key": key}), moves_money=True)
        except _Declined as error:
            return error.intent
        return made.to_dict()

    def intent(self, number: str) -> Found:
        """A PaymentIntent with its charge and fee."""
        return _asked(lambda: self._api.payment_intents.retrieve(number, {"expand": PAID})).to_dict()

    def intents(self, since: int, until: int) -> Iterator[Found]:
        """PaymentIntents made between two seconds."""
        params: Any = {"created": {"gte": since, "lte": until}, "limit": 100}
        return _each(lambda: self._api.payment_intents.list(params))

    def begin_refund(self, params: Any, key: str) -> Found:
        """A new refund."""
        return _asked(lambda: self._api.refunds.create(params, {"idempotency_key": key}), moves_money=True).to_dict()

    def refund(self, number: str) -> Found:
        """A refund."""
        return _asked(lambda: self._api.refunds.retrieve(number)).to_dict()

    def refunds(self, about: Mapping[str, str]) -> Iterator[Found]:
        """The refunds of a charge or a PaymentIntent."""
        params: Any = {**about, "limit": 100}
        return _each(lambda: self._api.refunds.list(params))

    def disputes(self, charge: str) -> Iterator[Found]:
        """The disputes of a charge."""
        params: Any = {"charge": charge, "limit": 100}
        return _each(lambda: self._api.disputes.list(params))

    def movements(self, since: int, until: int) -> Iterator[Found]:
        """Balance transactions of charges made from `since` until before `until`, with what caused them."""
        params: Any = {"created": {"gte": since, "lt": until}, "limit": 100, "expand": ["data.source"]}
        return _each(lambda: self._api.balance_transactions.list(params))

    def balance(self) -> Found:
        """The balance: the cheapest thing to ask."""
        return _asked(lambda: self._api.balance.retrieve()).to_dict()


class _Declined(GatewayError):
    """The card was asked and said no: `intent` tells why."""

    def __init__(self, intent: Found) -> None:
        super().__init__("the card was declined", reason="declined")
        self.intent = intent


def _each(first: Callable[[], Any]) -> Iterator[Found]:
    pages = _asked(lambda: first().auto_paging_iter())
    while (row := _asked(lambda: next(pages, None))) is not None:
        yield row.to_dict()


def _asked(work: Callable[[], T], *, moves_money: bool = False) -> T:
    try:
        return work()
    except stripe.APIConnectionError as error:
        if moves_money and not isinstance(error.__cause__, _Unsent):
            raise Uncertain("Stripe gave no clear answer") from error
        raise GatewayError("Stripe cannot be reached", reason="unreachable", retryable=True) from error
    except stripe.StripeError as error:
        raise _refusal(error, moves_money) from error


def _refusal(error: stripe.StripeError, moves_money: bool) -> Exception:
    """What an error of the SDK means. Its message stays behind: it may quote the payer's address or a part of a key."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    told = part(body, "error")
    status, code = error.http_status or 0, str(told.get("code") or told.get("type") or error.http_status or "")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        detail = "Stripe does not accept the secret key for this: copy it again from its dashboard"
        return GatewayError(detail, code=code, reason="misconfigured")
    if isinstance(error, stripe.RateLimitError):
        return GatewayError("Stripe asks to slow down", code=code, reason="busy", retryable=True)
    if isinstance(told.get("payment_intent"), dict):
        return _Declined({**told["payment_intent"], "last_payment_error": told})
    if status == 409 or not 400 <= status < 500:
        if moves_money:
            return Uncertain(f"Stripe answered {status}")
        return GatewayError(f"Stripe answered {status}", code=code, reason="busy", retryable=True)
    if isinstance(error, stripe.IdempotencyError):
        return GatewayError("this was asked of Stripe before, with other words", code=code, reason="duplicate")
    where = f" ({told['param']})" if told.get("param") else ""
    return GatewayError(f"Stripe refused: {code}{where}", code=code)
