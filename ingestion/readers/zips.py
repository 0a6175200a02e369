"""ZIP archives nobody vouches for: what opening one may raise, names that leave it, members that inflate."""

import zipfile
import zlib
from pathlib import PurePosixPath

MOST_RATIO = 200  # deflate cannot pass 1032:1; text and code stay far below this
RATIO_FREE = 1024 * 1024  # bytes: small members may be as dense as they like
# What `zipfile` raises of damaged archives. NotImplementedError: a compression it does not know; RuntimeError: a member
# that is encrypted although its directory entry does not say so.
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def leads_outside(name: str) -> bool:
    """Whether a member's name, its separators being slashes, is none inside the archive."""
    parts = PurePosixPath(name).parts
    return not parts or name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name


def is_bomb(member: zipfile.ZipInfo) -> bool:
    """Whether a member unpacks to far more than text or pictures do."""
    return member.file_size > RATIO_FREE and member.file_size > MOST_RATIO * max(member.compress_size, 1)
