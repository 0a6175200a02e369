"""Who owns an embedded data folder: one process, found by the others through a small file.

The lock lasts as long as the process, however it ends. `server.json` tells
other commands where the owner serves, and the token they may work through it with.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any


class FolderInUse(RuntimeError):
    """Another process owns the data folder. `server` says where it serves, if it does."""

    def __init__(self, folder: Path, server: dict[str, Any] | None) -> None:
        where = f" It serves at {server['url']}." if server else ""
        super().__init__(f"The data folder {folder} is in use by another Mwalimu process.{where}")
        self.server = server


class FolderOwner:
    """Holds the folder for this process."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self._folder, self._lock = folder, lock

    @classmethod
    def take(cls, folder: Path) -> "FolderOwner":
        """Take the folder, or raise FolderInUse."""
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "owner.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise FolderInUse(folder, read_server(folder)) from error
        (folder / "server.json").unlink(missing_ok=True)
        return cls(folder, lock)

    def announce(self, url: str, *, token: str) -> None:
        """Tell other commands of this machine's user where to work through this process."""
        path = self._folder / "server.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"url": url, "token": token, "pid": os.getpid()}, file)

    def release(self) -> None:
        """Let the folder go."""
        (self._folder / "server.json").unlink(missing_ok=True)
        self._lock.close()


def is_owned(folder: Path) -> bool:
    """Whether a living process owns the folder."""
    try:
        with (folder / "owner.lock").open("a+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def read_server(folder: Path) -> dict[str, Any] | None:
    """What the owner announced, if it serves."""
    try:
        announced = json.loads((folder / "server.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return announced if isinstance(announced, dict) else None
