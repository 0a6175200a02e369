"""Unpacking a ZIP or tar file that nobody vouches for: bounded, nothing outside its folder, no links, no devices."""

import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from ingestion.readers import Unreadable, zips
from ingestion.readers.sniffing import BY_SUFFIX
from ingestion.sources.schemas import Failure

MAX_MEMBERS = 20_000
MAX_TOTAL = 1024 * 1024 * 1024
MAX_MEMBER = 100 * 1024 * 1024
SYMLINK = 0o120000


# Documents that are ZIP files themselves, and are read or refused as documents.
ZIPPED_DOCUMENTS = (".docx", ".pptx", ".xlsx", ".odt", ".odp", ".ods", ".epub")
TAR_MARK, TAR_AT = b"ustar", 257  # POSIX.1-1988, and GNU's with a space after it
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
MAX_EXTENSION = 1024 * 1024
GZIP_MARK = b"\x1f\x8b"
DAMAGED = "The archive is damaged. Download or pack it again, then import it."
TAR_FAULTS = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, OverflowError)


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP or tar archive, told by its content; documents that are ZIP files inside are none."""
    suffix = path.suffix.lower()
    if suffix in ZIPPED_DOCUMENTS or suffix in BY_SUFFIX:
        return False
    with path.open("rb") as file:
        first = file.read(TAR_AT + len(TAR_MARK))
    marked = first.startswith((*ZIP_MARKS, GZIP_MARK)) or first[TAR_AT:] == TAR_MARK
    return marked or suffix == ".zip"


def unpack(archive: Path, *, into: Path) -> tuple[Failure, ...]:
    """Unpack `archive` into the empty folder `into`; members left out are Failures.

    Raises Unreadable when nothing of it can be used: corrupt, encrypted, too_large, empty.
    """
    with archive.open("rb") as file:
        first = file.read(TAR_AT + len(TAR_MARK))
    if first.startswith(GZIP_MARK) or first[TAR_AT:] == TAR_MARK:
        return _unpack_tar(archive, into)
    if not zipfile.is_zipfile(archive):
        raise Unreadable("corrupt", "The file is no whole ZIP archive. Download or pack it again, then import it.")
    return _unpack_zip(archive, into)


def _unpack_tar(archive: Path, into: Path) -> tuple[Failure, ...]:
    """Members one after the other, so that a bomb costs no more than what may be unpacked of it."""
    failures: list[Failure] = []
    seen: set[str] = set()
    total = count = entries = 0
    try:
        with (
            _tar_stream(archive) as stream,
            tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as opened,  # type: ignore[call-overload]
        ):
            for member in opened:
                entries += 1
                if entries > 2 * MAX_MEMBERS:
                    raise Unreadable("too_large", _too_much(entries, total))
                if member.isdir():
                    continue
                count, total = count + 1, total + max(member.size, 0)
                if count > MAX_MEMBERS or total > MAX_TOTAL:
                    raise Unreadable("too_large", _too_much(count, total))
                problem = _tar_problem(member, seen) or _copy_member(opened, member, into)
                if problem:
                    failures.append(Failure(printable(member.name), *problem))
    except TAR_FAULTS as error:
        raise Unreadable("corrupt", DAMAGED) from error
    if not count:
        raise Unreadable("empty", "The archive holds no files. Pack the course again and import that.")
    return tuple(failures)


class _Header(tarfile.TarInfo):
    """A member's header; long names and their like are read into memory whole, so a huge one ends the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        """The header in `buf`. Raises Unreadable(corrupt) for an extension of more than `MAX_EXTENSION` bytes."""
        found = super().frombuf(buf, encoding, errors)
        if found.type not in tarfile.REGULAR_TYPES and found.size > MAX_EXTENSION:
            raise Unreadable("corrupt", DAMAGED)
        return found


class _Bounded:
    """A stream that ends in an error past `limit` bytes: the gzip stream of a bomb between its members."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._left = limit

    def __enter__(self) -> "_Bounded":
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises Unreadable(too_large) past the limit."""
        found = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(found)
        if self._left < 0:
            raise Unreadable("too_large", _too_much(MAX_MEMBERS, MAX_TOTAL))
        return found


def _tar_stream(archive: Path) -> _Bounded:
    with archive.open("rb") as file:
        packed = file.read(2) == GZIP_MARK
    stream = gzip.GzipFile(archive, "rb") if packed else archive.open("rb")
    # Each member has a header of 512 bytes and is padded to as much.
    return _Bounded(stream, MAX_TOTAL + MAX_MEMBERS * 2048)


def _tar_problem(member: tarfile.TarInfo, seen: set[str]) -> tuple[str, str] | None:
    if member.issym() or member.islnk():
        return "unsafe_path", "This is a symbolic link, so it was left out. Pack the file itself."
    if not member.isreg():
        return "unsafe_path", "This is a device or a pipe and no file, so it was left out. Pack files only."
    return _name_problem(member.name, member.size, seen)


def _copy_member(opened: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> tuple[str, str] | None:
    source = opened.extractfile(member)
    return _copied(source, member.name, into) if source is not None else None


def _unpack_zip(archive: Path, into: Path) -> tuple[Failure, ...]:
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
        raise Unreadable("corrupt", DAMAGED) from error
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
        raise Unreadable("too_large", _too_much(len(members), total))


def _too_much(files: int, total: int) -> str:
    return (
        f"Unpacked, the archive would have {files:,} files and {total // 2**20:,} MB; at most "
        f"{MAX_MEMBERS:,} files and {MAX_TOTAL // 2**20:,} MB are read. Leave out what the course does not need."
    )


def _problem(member: zipfile.ZipInfo, seen: set[str]) -> tuple[str, str] | None:
    if (member.external_attr >> 16) & 0o170000 == SYMLINK:
        return "unsafe_path", "This is a symbolic link, so it was left out. Pack the file itself."
    if member.flag_bits & 1:
        return "encrypted", "The file is protected by a password. Pack it without one."
    if member.file_size <= MAX_MEMBER and zips.is_bomb(member):
        return "too_large", "The file inflates like a zip bomb, so it was left out. Pack it again without padding."
    return _name_problem(member.filename, member.file_size, seen)


def _name_problem(named: str, size: int, seen: set[str]) -> tuple[str, str] | None:
    name = named.replace("\\", "/")
    if zips.leads_outside(name):
        return "unsafe_path", "The name points outside the archive, so the file was left out. Pack the course again."
    if size > MAX_MEMBER:
        return "too_large", f"Unpacked, the file would take more than {MAX_MEMBER // 2**20} MB. Shrink or leave it out."
    key = "/".join(PurePosixPath(name).parts).casefold()
    if key in seen:
        return "duplicate", "The archive holds this name twice; only the first was read. Rename one of them."
    seen.add(key)
    return None


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> tuple[str, str] | None:
    try:
        return _copied(opened.open(member), member.filename, into)
    except zips.FAULTS as error:
        return "corrupt", f"The file cannot be unpacked ({type(error).__name__}). Pack the course again."


def _copied(source: IO[bytes], name: str, into: Path) -> tuple[str, str] | None:
    target = into / PurePosixPath(name.replace("\\", "/"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except Unreadable:
        raise
    except zips.FAULTS as error:
        target.unlink(missing_ok=True) if target.is_file() else None
        return "corrupt", f"The file cannot be unpacked ({type(error).__name__}). Pack the course again."
    return None
