"""The virus scanner port: nobody by default, or a clamd over TCP.

clamd's INSTREAM (clamd(8)): `zINSTREAM` NUL, then pieces as a 4-byte big-endian
length and so many bytes, a length of zero at the end; the answer, up to a NUL, is
`stream: OK`, `stream: <name> FOUND`, or ends in ` ERROR`.
"""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from lms_core.content.media.errors import ScannerUnavailable

PIECE = 256 * 1024
TIMEOUT = 120.0
LONGEST_ANSWER = 4096
DEFAULT_PORT = 3310


class Scanner(Protocol):
    """Looks into a file for viruses."""

    def found_in(self, path: Path) -> str | None: ...


class NoScanner:
    """Looks at nothing: an installation without a scanner."""

    def found_in(self, path: Path) -> str | None:
        """None, whatever the file."""
        return None


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd at a host and port."""

    host: str
    port: int = DEFAULT_PORT

    def found_in(self, path: Path) -> str | None:
        """The name of the virus in the file, or None. ScannerUnavailable when clamd is away or cannot tell."""
        try:
            with socket.create_connection((self.host, self.port), timeout=TIMEOUT) as link, path.open("rb") as file:
                link.sendall(b"zINSTREAM\0")
                while piece := file.read(PIECE):
                    link.sendall(struct.pack(">I", len(piece)) + piece)
                link.sendall(struct.pack(">I", 0))
                answer = _answer(link)
        except OSError as error:
            raise ScannerUnavailable(
                f"The virus scanner does not answer ({error}). The upload waits for it."
            ) from error
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        if answer != "stream: OK":
            raise ScannerUnavailable(f"The virus scanner could not check the file: {answer[:200]}")
        return None


def open_scanner(url: str) -> Scanner:
    """Empty: no scanner; `clamd://host:port`: that clamd. ValueError for anything else."""
    if not url:
        return NoScanner()
    parts = urlsplit(url)
    if parts.scheme != "clamd" or not parts.hostname:
        raise ValueError(f"MWALIMU_VIRUS_SCANNER is clamd://host:port or empty, not {url!r}")
    return Clamd(parts.hostname, parts.port or DEFAULT_PORT)


def _answer(link: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        piece = link.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
