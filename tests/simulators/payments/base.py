"""What every payment simulator shares: a server on 127.0.0.1 that speaks one provider's protocol, driven by verbs.

Nothing in it sleeps and nothing calls back by itself: the test (or the chaos run) says `pay(key)`, takes the callbacks
that the provider would send from `callbacks(key)`, and delivers them once, twice, late, in another order or never.
`key` is the reference of ours that the charge was begun with.
"""

import json
import socket
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """A call to the provider."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # lower-case names
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider's answer; `data` is sent as JSON, bytes as they are.

    `cut` closes the connection after the work was done and before a byte of answer.
    """

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A callback as the provider sends it: `topic` follows the account's callback address ("" for none)."""

    topic: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


class Simulator(ABC):
    """`with Daraja() as provider:` then give `provider.base_url`, `.credentials` and `.options` to an account.

    `faults` holds what goes wrong with the next calls, in order: "cut" (done, but no answer), "500" (not done), "busy"
    (the provider's own word for too many calls), "" (nothing). `requests` holds every call received.
    """

    name: str
    credentials: dict[str, str]
    options: dict[str, str]

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: deque[str] = deque()
        self.lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def host(self) -> str:
        """For `MWALIMU_PAYMENT_HOSTS`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """The provider's side of one call; called with `lock` held."""

    @abstractmethod
    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        """The payer pays what was asked, or `amount` (minor units) or another `currency` instead."""

    @abstractmethod
    def fail(self, key: str, reason: str = "cancelled") -> None:
        """The payer cancels, has too little money ("insufficient_funds"), or does nothing ("timeout")."""

    @abstractmethod
    def reverse(self, key: str) -> None:
        """The provider takes a paid charge back (a dispute lost, a reversal)."""

    @abstractmethod
    def settle_refunds(self) -> None:
        """Every refund that waits is done."""

    @abstractmethod
    def callbacks(self, key: str) -> list[Sent]:
        """The callbacks for what last happened to the charge, as the provider would send them; repeatable."""

    @abstractmethod
    def forged(self, key: str) -> list[Sent]:
        """The callback of a payment as somebody would send it who does not know the secret; may be several kinds."""

    @abstractmethod
    def charged(self, key: str) -> int:
        """How much money the payer lost to this charge, in minor units: paid, less what was given back."""

    def settle_payouts(self) -> None:  # noqa: B027
        """Every payout that waits is done, where the provider pays out."""

    def payout_callbacks(self, key: str) -> list[Sent]:
        """The callbacks about the payout with that key, where the provider pays out."""
        return []

    def refund_callbacks(self, key: str) -> list[Sent]:
        """The callbacks about refunds of the charge, where the provider sends such."""
        return []

    def requests_to(self, path: str) -> list[Request]:
        """The calls whose path holds `path`."""
        return [each for each in self.requests if path in each.path]

    def serve(self, request: Request) -> Reply:
        """One call, with the next fault."""
        with self.lock:
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else ""
            if fault == "500":
                return Reply({"error": "internal"}, 500)
            if fault == "busy":
                return self.busy()
            reply = self.answer(request)
            return Reply(reply.data, reply.status, reply.headers, cut=True) if fault == "cut" else reply

    def busy(self) -> Reply:
        """Too many calls, as this provider says it."""
        return Reply({"error": "too many requests"}, 429)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopping = threading.Thread(target=self._server.shutdown)
        stopping.start()
        with suppress(OSError):  # wake the server, which otherwise sees only at its next look around that it ends
            socket.create_connection(self._server.server_address[:2], timeout=1).close()
        stopping.join()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    owner: Simulator
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: head and body apart wait 40 ms for each other (Nagle, delayed acknowledgement).
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _work(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        reply = self.server.owner.serve(request)
        if reply.cut:
            self.close_connection = True
            return
        body = reply.data
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _work

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


Deliver = Callable[[Sent], int]
