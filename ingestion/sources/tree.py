"""The files of an imported folder: found without following links out of it, in natural order."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingestion.sources.schemas import Failure

MAX_FILES = 20_000
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "__macosx", "venv", "dist", "target", "vendor"})
PROJECT_PAGES = frozenset(
    [
        "license",
        "licence",
        "attributions",
        "attribution",
        "contributing",
        "code_of_conduct",
        "code-of-conduct",
        "security",
        "support",
        "changelog",
        "citation",
        "authors",
        "maintainers",
        "translations",
        "troubleshooting",
        "pull_request_template",
        "issue_template",
        "notice",
        "copying",
        "governance",
        "lesson-template",
    ]
)


@dataclass(frozen=True, slots=True)
class Tree:
    """Files by their path inside the course (POSIX, no leading slash), in natural order."""

    files: dict[str, Path]
    failures: tuple[Failure, ...]


def walk(root: Path) -> Tree:
    """The files below `root`. Hidden and tool folders are left out; links that leave `root` are Failures."""
    real_root = root.resolve()
    files: dict[str, Path] = {}
    failures: list[Failure] = []
    for folder, subfolders, names in os.walk(root):
        here = Path(folder)
        subfolders[:] = [name for name in subfolders if not _skipped(name)]
        for name in [*names, *(sub for sub in subfolders if (here / sub).is_symlink())]:
            file = here / name
            path = file.relative_to(root).as_posix().encode("utf-8", "replace").decode()
            if name.startswith("."):
                continue
            if file.is_symlink() and not _inside(file, real_root):
                reason = "This is a link to a place outside the course, so it was left out. Copy the file itself."
                failures.append(Failure(path, "unsafe_path", reason))
            elif file.is_file():
                files[path] = file
            if len(files) > MAX_FILES:
                reason = (
                    f"The folder holds more than {MAX_FILES:,} files; the rest was left out. Import a smaller folder."
                )
                failures.append(Failure(path, "too_large", reason))
                return Tree(_ordered(files), tuple(failures))
    return Tree(_ordered(files), tuple(failures))


def natural(path: str) -> list[tuple[int, int, str]]:
    """A sort key under which 2 comes before 10."""
    pieces = re.findall(r"\d{1,18}|\D+|\d+", path.lower())
    return [(0, int(piece), "") if piece.isdecimal() and len(piece) < 19 else (1, 0, piece) for piece in pieces]


def leading_number(name: str) -> int | None:
    """The number that a file or folder name begins with (or "lesson-3", "week 2"), else None."""
    found = re.match(r"(?:(?:lesson|module|chapter|week|unit|day|part|episode)[\s_-]*)?(\d{1,6})(?!\d)", name, re.I)
    return int(found.group(1)) if found else None


def is_project_page(path: str) -> bool:
    """Whether the file is about the repository (licence, contributing, ...), not about the subject."""
    pure = PurePosixPath(path)
    stem = pure.stem.lower().split(".")[0]
    return stem in PROJECT_PAGES or any(part.lower() in PROJECT_PAGES - {"translations"} for part in pure.parts[:-1])


def _ordered(files: dict[str, Path]) -> dict[str, Path]:
    return {path: files[path] for path in sorted(files, key=natural)}


def _inside(file: Path, root: Path) -> bool:
    try:
        return file.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _skipped(name: str) -> bool:
    return name.startswith(".") or name.lower() in SKIPPED_FOLDERS
