"""Which package a folder holds, told by what lies in it and never by a name given to it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingestion.readers import Unreadable

Kind = Literal["olx", "imscc", "scorm", "moodle", "h5p"]

FIRST_BYTES = 200_000
DEPTH = 2  # folders below the top in which a package may begin: uploads wrap it in folders, exports in one more
# Packages that people have and that are not read, by a file at their top.
OTHERS = {
    "tincan.xml": "an xAPI (Tin Can) package",
    "cmi5.xml": "a cmi5 package",
    "contentv3.xml": "an eXeLearning project",
}
ROOT = re.compile(
    rb"(?:(?><\?.*?\?>)|(?><!--.*?-->)|(?><!DOCTYPE[^>]*>)|\s|\xef\xbb\xbf)*+<(?:[\w.-]+:)?([\w.-]+)", re.S
)


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its kind, and the folder that its paths begin in."""

    kind: Kind
    root: Path


def find_package(folder: Path) -> Package | None:
    """The package in `folder`, or in the only folder inside it; None when there is none.

    Raises Unreadable for a package of a kind or age that is not read, or whose first file is damaged.
    """
    for _ in range(DEPTH + 1):
        found = _kind(folder)
        if found is not None:
            return Package(found, folder)
        inside = [each for each in folder.iterdir() if _worth_a_look(each)]
        if len(inside) != 1:  # a package that lies among others is a sample in somebody's course
            return None
        folder = inside[0]
    return None


def _worth_a_look(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and not folder.name.startswith((".", "__MACOSX"))


def _kind(folder: Path) -> Kind | None:
    for name, what in OTHERS.items():
        if (folder / name).is_file() and not (folder / "imsmanifest.xml").is_file():
            reason = (
                f"This is {what}, which is not read. Export the course as Common Cartridge, SCORM, OLX, a Moodle "
                "backup or Markdown, and import that."
            )
            raise Unreadable("unsupported", reason)
    if _is_root(folder / "moodle_backup.xml", "moodle_backup"):
        return "moodle"
    if (folder / "moodle.xml").is_file() and _is_root(folder / "moodle.xml", "moodle_backup"):
        reason = (
            "This is a backup of Moodle 1.9 or older, which is not read. Restore it in Moodle 2 and back it up there."
        )
        raise Unreadable("unsupported", reason)
    if (folder / "h5p.json").is_file() and (folder / "content" / "content.json").is_file():
        return "h5p"
    if (folder / "imsmanifest.xml").is_file():
        return _of_manifest(folder / "imsmanifest.xml")
    if _is_root(folder / "course.xml", "course") and (
        (folder / "course").is_dir() or (folder / "chapter").is_dir() or b"<chapter" in _first(folder / "course.xml")
    ):
        return "olx"
    return "olx" if _is_root(folder / "library.xml", "library") else None


def _of_manifest(file: Path) -> Kind:
    first = _first(file)
    if not first.strip() or _root_name(first) != "manifest":
        reason = (
            "The package's imsmanifest.xml holds no manifest, so nothing says what its lessons are. "
            "Export the package again from the program that made it."
        )
        raise Unreadable("corrupt", reason)
    if re.search(rb"imscc|Common Cartridge", first, re.I):
        return "imscc"
    # Content packages without the marks of either are read as SCORM's: an organisation of pages.
    return "scorm"


def _is_root(file: Path, name: str) -> bool:
    return file.is_file() and not file.is_symlink() and _root_name(_first(file)) == name


def _root_name(data: bytes) -> str:
    found = ROOT.match(data)
    return found.group(1).decode("ascii", "replace").lower() if found else ""


def _first(file: Path) -> bytes:
    with file.open("rb") as opened:
        data = opened.read(FIRST_BYTES)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    return data
