"""Unpacking a ZIP file that nobody vouches for."""

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ingestion.readers import Unreadable
from ingestion.sources.schemas import Failure

MAX_MEMBERS = 20_000
MAX_TOTAL = 1024 * 1024 * 1024
MAX_MEMBER = 100 * 1024 * 1024
# Deflate cannot pass 1032:1; text and code stay far below this.
MAX_RATIO = 200
RATIO_FREE = 1024 * 1024
SYMLINK = 0o120000


def unpack(archive: Path, *, into: Path) -> tuple[Failure, ...]:
    """Unpack `archive` into the empty folder `into`; members left out are Failures.

    Raises Unreadable when nothing of it can be used: corrupt, encrypted, too_large, empty.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            _check(members)
            failures: list[Failure] = []
            seen: set[str] = set()
            for member in members:
                problem = _problem(member, seen) or _extract(opened, member, into)
                if problem:
                    failures.append(Failure(printable(member.filename), *problem))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        reason = "The archive is damaged. Download or pack it again, then import it."
        raise Unreadable("corrupt", reason) from error
    return tuple(failures)


def printable(name: str) -> str:
    """A member's name fit for a report: printable characters, at most 200 of them."""
    kept = "".join(c if c.isprintable() else "?" for c in name.encode("utf-8", "replace").decode())
    return kept[:200]


def _check(members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise Unreadable("empty", "The archive holds no files. Pack the course again and import that.")
    if all(member.flag_bits & 1 for member in members):
        raise Unreadable("encrypted", "The archive is protected by a password. Unpack it and pack it without one.")
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL or len(members) > MAX_MEMBERS:
        reason = (
            f"Unpacked, the archive would have {len(members):,} files and {total // 2**20:,} MB; at most "
            f"{MAX_MEMBERS:,} files and {MAX_TOTAL // 2**20:,} MB are read. Leave out what the course does not need."
        )
        raise Unreadable("too_large", reason)


def _problem(member: zipfile.ZipInfo, seen: set[str]) -> tuple[str, str] | None:
    name = member.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]) or "\0" in name:
        return "unsafe_path", "The name points outside the archive, so the file was left out. Pack the course again."
    if (member.external_attr >> 16) & 0o170000 == SYMLINK:
        return "unsafe_path", "This is a symbolic link, so it was left out. Pack the file itself."
    if member.flag_bits & 1:
        return "encrypted", "The file is protected by a password. Pack it without one."
    if member.file_size > MAX_MEMBER:
        return "too_large", f"Unpacked, the file would take more than {MAX_MEMBER // 2**20} MB. Shrink or leave it out."
    if member.file_size > RATIO_FREE and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return "too_large", "The file inflates like a zip bomb, so it was left out. Pack it again without padding."
    if name.casefold() in seen:
        return "duplicate", "The archive holds this name twice; only the first was read. Rename one of them."
    seen.add(name.casefold())
    return None


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> tuple[str, str] | None:
    target = into / PurePosixPath(member.filename.replace("\\", "/"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        target.unlink(missing_ok=True) if target.is_file() else None
        return "corrupt", f"The file cannot be unpacked ({type(error).__name__}). Pack the course again."
    return None
