"""HTTP to providers: one client with limits, what a broken call means, and tokens shared between processes.

A call that moves money and gets no clear answer raises `Uncertain`; it is never repeated here. Any other call is tried
three times. Redirects are not followed, answers above 1 MB (unpacked) or longer than a minute are refused, and no host
is spoken to but the provider's own and those that the operator allows (`MWALIMU_PAYMENT_HOSTS`), so an address in an
account cannot reach inside the network.
"""

import functools
import json
import random
import ssl
import time
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from lms_core.commerce.payments.gateways.port import Account, GatewayError, Uncertain
from lms_core.kit.cache import Cache
from lms_core.kit.crypto import Keys

TRIES = 3
LARGEST_ANSWER = 1024 * 1024
LARGEST_DOCUMENT = 64 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
LONGEST_CALL = 60.0  # seconds for a whole answer; each piece of it has its own time-out
BUSY = frozenset({429, 500, 502, 503, 504})
TOKEN_PURPOSE = "payments.token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `data` is its JSON with numbers that have a point as Decimal, None when it is no JSON."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def found(self) -> dict[str, Any]:
        """`data` when it is an object; else an empty one."""
        return self.data if isinstance(self.data, dict) else {}


class Wire:
    """The way to every provider. Safe from several threads. `pause` waits between tries; `elapsed` counts seconds."""

    def __init__(
        self,
        *,
        cache: Cache,
        keys: Keys,
        allowed_hosts: Iterable[str] = (),
        pause: Callable[[float], None] = time.sleep,
        elapsed: Callable[[], float] = time.monotonic,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._cache, self._keys, self._pause, self._elapsed = cache, keys, pause, elapsed
        self.allowed_hosts = frozenset(allowed_hosts)
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            verify=_trust(),
            headers={"Accept-Encoding": "gzip"},
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def base(self, account: Account, own: str) -> str:
        """Where to speak to: the provider's address, or the account's where the operator allows its host."""
        if not account.base_url:
            return own.rstrip("/")
        refuse_strange_host(account.base_url, self.allowed_hosts)
        return account.base_url.rstrip("/")

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        moves_money: bool = False,
        repeatable: bool = False,
    ) -> Reply:
        """One call. `body` is sent as JSON; `content` is JSON already, sent byte for byte.

        `moves_money` and not `repeatable` (no idempotency key): tried once.

        Raises `Uncertain` when money may have moved, else `GatewayError` (retryable) when nobody answered.
        A 4xx or 5xx answer is returned: what it means is the gateway's to say.
        """
        tries = 1 if moves_money and not repeatable else TRIES
        doubt = False  # an earlier try may have arrived
        content = content if body is None else written(body)
        for left in reversed(range(tries)):
            try:
                reply = self._once(method, url, headers=headers, content=content, form=form, params=params, auth=auth)
            except httpx.HTTPError as error:
                doubt = doubt or not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if not left:
                    raise _unanswered(error, doubt and moves_money) from error
            else:
                if reply.status == 429 and not left and doubt and moves_money:
                    raise Uncertain("no clear answer, and then too many calls")
                if reply.status not in BUSY or not left:
                    return reply
                doubt = doubt or reply.status != 429
            self.rest(TRIES - left)
        raise AssertionError("unreachable")

    def read(self, url: str) -> bytes:
        """A small public document (a certificate), at most `LARGEST_DOCUMENT` bytes. `GatewayError` when it is not had.

        The caller has made sure of the host: this asks whatever address it is given, without credentials.
        """
        try:
            status, received, _ = self.exchange("GET", url, headers={})
        except httpx.HTTPError as error:
            raise GatewayError(
                "a document of the provider cannot be read", reason="unreachable", retryable=True
            ) from error
        if status != 200 or len(received) > LARGEST_DOCUMENT:
            raise GatewayError("a document of the provider is not there", reason="unreachable", retryable=True)
        return received

    def roots(self) -> Sequence[x509.Certificate]:
        """The roots that the providers' certificates are checked by."""
        return _roots()

    def token(
        self, account: Account, fetch: Callable[[], tuple[str, int]], *, scope: str = "", fresh: bool = False
    ) -> str:
        """The access token of an account: from the cache, or by `fetch`, which gives it and its life in seconds.

        `fresh` after the provider refused the one at hand. It is kept sealed, a minute less than it lives (a fifth
        less when it lives shorter than five minutes).
        """
        key = f"payments:token:{account.id}:{scope}"
        if not fresh and (kept := self._cache.get(key)):
            return self._keys.decrypt(TOKEN_PURPOSE, kept).decode()
        token, life = fetch()
        seconds = max(1, life - (60 if life >= 300 else life // 5))
        self._cache.put(key, self._keys.encrypt(TOKEN_PURPOSE, token.encode()), seconds=seconds)
        return token

    def _once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        form: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
    ) -> Reply:
        sent = {"Accept": "application/json", **(headers or {})}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        status, received, found = self.exchange(
            method, url, headers=sent, content=content, form=form, params=params, auth=auth
        )
        return Reply(status, read_json(received), {name.lower(): value for name, value in found.items()})

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> tuple[int, bytes, httpx.Headers]:
        """One request and its answer byte for byte, tried once: for a provider's own SDK. Raises httpx.HTTPError."""
        login = httpx.BasicAuth(*auth) if auth else None
        with self._client.stream(
            method, url, headers=headers, content=content, data=form, params=params, auth=login
        ) as answer:
            received, begun = bytearray(), self._elapsed()
            for piece in answer.iter_raw():
                received += piece
                if len(received) > LARGEST_ANSWER:
                    raise _TooLarge("the answer is too large")
                if self._elapsed() - begun > LONGEST_CALL:
                    raise httpx.ReadTimeout("the answer does not end")
            return answer.status_code, _unpacked(bytes(received), answer.headers), answer.headers

    def rest(self, tried: int) -> None:
        """Wait before the next try, longer each time."""
        self._pause(tried * 0.3 * (1 + random.random()))  # noqa: S311


@functools.cache
def _trust() -> ssl.SSLContext:
    """The roots that providers' certificates are checked by. Reading them takes a tenth of a second: once a process."""
    return httpx.create_ssl_context(trust_env=False)


@functools.cache
def _roots() -> Sequence[x509.Certificate]:
    found = []
    for each in _trust().get_ca_certs(binary_form=True):
        # One root's number is zero, against RFC 5280: read with a warning today, refused by a later version.
        with warnings.catch_warnings(), suppress(ValueError):
            warnings.simplefilter("ignore")
            found.append(x509.load_der_x509_certificate(each))
    return tuple(found)


def _unanswered(error: httpx.HTTPError, uncertain: bool) -> Exception:
    if uncertain:
        return Uncertain(f"no clear answer: {type(error).__name__}")
    return GatewayError("the provider cannot be reached", reason="unreachable", retryable=True)


def _unpacked(received: bytes, headers: httpx.Headers) -> bytes:
    """The answer as it was before it was packed (gzip), as long as it is no larger than an answer may be."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed == "identity" or not received:
        return received
    if packed != "gzip":
        raise httpx.DecodingError("packed in a way that was not asked for")
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(received, LARGEST_ANSWER + 1)
    except zlib.error as error:
        raise httpx.DecodingError("the answer cannot be unpacked") from error
    if len(found) > LARGEST_ANSWER or not reader.eof:
        raise _TooLarge("the answer is too large, or cut")
    return found


class _TooLarge(httpx.TransportError):
    """An answer nobody would send in earnest."""


def read_json(content: bytes) -> Any:
    """What the bytes say, numbers with a point as Decimal; None when they are no JSON."""
    try:
        return json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def refuse_strange_host(address: str, allowed: Iterable[str]) -> None:
    """GatewayError unless the address is http(s) to a host on the operator's list (`host` or `host:port`)."""
    parts = urlsplit(address)
    hosts = set(allowed)
    known = parts.hostname in hosts or parts.netloc in hosts
    if parts.scheme not in {"http", "https"} or parts.username or not known:
        raise GatewayError(
            "this address is not allowed; the operator lists hosts in MWALIMU_PAYMENT_HOSTS", reason="misconfigured"
        )


def written(body: Any) -> bytes:
    """The bytes that `call` sends for `body`: compact JSON. Providers that want a body signed sign these."""
    return json.dumps(body, default=_written, separators=(",", ":")).encode()


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
