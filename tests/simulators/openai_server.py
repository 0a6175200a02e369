"""A local server that speaks the OpenAI chat completions protocol, streaming and plain, and misbehaves on request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True, slots=True)
class Script:
    """How the server behaves. Delays in seconds; `break_after` cuts the connection after that many tokens."""

    reply: str = ""
    first_token_delay: float = 0.0
    token_delay: float = 0.0
    break_after: int | None = None
    status: int = 200
    garbage: bool = False  # bytes that are no event stream and no JSON


Behaviour = Script | Callable[[dict[str, Any]], Script]


class OpenAIServer:
    """`with OpenAIServer(Script(reply="...")) as server:` then point a client at `server.base_url`.

    A callable in place of the script sees each request's JSON and returns the script for it.
    `requests` holds every body received.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[dict[str, Any]] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def script(self, body: dict[str, Any]) -> Script:
        self.requests.append(body)
        return self.behaviour if isinstance(self.behaviour, Script) else self.behaviour(body)

    def __enter__(self) -> "OpenAIServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def tokens(reply: str) -> Iterator[str]:
    """The reply in pieces of about four characters, as a model streams it."""
    for start in range(0, len(reply), 4):
        yield reply[start : start + 4]


class _Server(ThreadingHTTPServer):
    owner: OpenAIServer
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.server.owner.script(body)
        try:
            if self.path != "/v1/chat/completions":
                self._json(404, {"error": {"message": f"no route {self.path}"}})
            elif script.status != 200:
                time.sleep(script.first_token_delay)
                self._json(script.status, {"error": {"message": "scripted failure", "type": "server_error"}})
            elif script.garbage:
                self._garbage()
            elif body.get("stream"):
                self._stream(script, body["model"])
            else:
                self._plain(script, body["model"])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _json(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _garbage(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b'data: {"choices": [{"delta\xff\x00 not json\n\n<html>502</html>\n\n')
        self.close_connection = True

    def _plain(self, script: Script, model: str) -> None:
        time.sleep(script.first_token_delay)
        message = {"role": "assistant", "content": script.reply}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model}
        self._json(200, answer | {"choices": [choice], "usage": usage})

    def _stream(self, script: Script, model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        time.sleep(script.first_token_delay)
        self._event(model, {"role": "assistant", "content": ""}, None)
        for sent, piece in enumerate(tokens(script.reply)):
            if script.break_after is not None and sent >= script.break_after:
                self.close_connection = True  # no last chunk: the client sees a broken body
                return
            self._event(model, {"content": piece}, None)
            time.sleep(script.token_delay)
        self._event(model, {}, "stop")
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, model: str, delta: dict[str, Any], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": model}
        self._chunk(f"data: {json.dumps(event | {'choices': [choice]})}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass
