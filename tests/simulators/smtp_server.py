"""A local SMTP server (RFC 5321) that keeps what it is given, asks for a password, or refuses, as told."""

import base64
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType


@dataclass
class Received:
    """A message as it arrived."""

    sender: str
    recipients: list[str] = field(default_factory=list)
    content: bytes = b""


class SmtpServer:
    """`with SmtpServer() as server:` then send to `server.port`; `received` and `logins` tell what came.

    `login` (user, password) makes it require AUTH PLAIN; `refuse` answers every recipient with 550.
    """

    def __init__(self, *, login: tuple[str, str] | None = None, refuse: bool = False) -> None:
        self.login, self.refuse = login, refuse
        self.received: list[Received] = []
        self.logins: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "SmtpServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    owner: SmtpServer
    daemon_threads = True
    allow_reuse_address = True


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        owner = self.server.owner
        self._allowed = owner.login is None
        self._message = Received("")
        self._say("220 simulator ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            getattr(self, f"_{verb.lower()}", self._unknown)(line)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _unknown(self, line: str) -> None:
        self._say("502 not here")

    def _ehlo(self, line: str) -> None:
        self._say("250-simulator")
        self._say("250 AUTH PLAIN" if self.server.owner.login else "250 8BITMIME")

    def _auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        self.server.owner.logins.append(user)
        self._allowed = (user, password) == self.server.owner.login
        self._say("235 welcome" if self._allowed else "535 wrong password")

    def _mail(self, line: str) -> None:
        self._message = Received(line.partition(":")[2].split(" ")[0])
        self._say("250 ok" if self._allowed else "530 log in first")

    def _rcpt(self, line: str) -> None:
        if self.server.owner.refuse:
            self._say("550 no such mailbox")
            return
        self._message.recipients.append(line.partition(":")[2].split(" ")[0])
        self._say("250 ok")

    def _data(self, line: str) -> None:
        self._say("354 go on")
        lines = []
        while (each := self.rfile.readline()) != b".\r\n":
            lines.append(each)
        self._message.content = b"".join(lines)
        self.server.owner.received.append(self._message)
        self._say("250 kept")

    def _rset(self, line: str) -> None:
        self._say("250 ok")
