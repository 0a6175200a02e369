"""`mwalimu backup` and `mwalimu restore`: a whole embedded installation, with a hash of every file."""

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from api.cli.console import CommandFailed
from lms_core.kit.settings import Settings
from workers.owner import FolderInUse, FolderOwner

MANIFEST = "manifest.json"
DATABASE = "mwalimu.sqlite3"
NOT_KEPT = frozenset({"owner.lock", "server.json", f"{DATABASE}-wal", f"{DATABASE}-shm"})


def backup(settings: Settings, folder: Path) -> dict[str, Any]:
    """Copy everything into an empty `folder` while nothing writes, and check the copy."""
    _need_embedded(settings)
    _need_empty(folder)
    owner = _take(settings)
    try:
        for source in _files(settings.data_dir):
            target = folder / source.relative_to(settings.data_dir)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.name == DATABASE:
                _copy_database(source, target)
            else:
                shutil.copy2(source, target)
    finally:
        owner.release()
    files = {str(file.relative_to(folder)): _digest(file) for file in _files(folder)}
    (folder / MANIFEST).write_text(json.dumps({"format": 1, "files": files}, indent=1), encoding="utf-8")
    return {"files": len(files), "bytes": sum(file.stat().st_size for file in _files(folder))}


def restore(settings: Settings, folder: Path) -> dict[str, Any]:
    """Bring a checked backup into an empty data folder."""
    _need_embedded(settings)
    try:
        files: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise CommandFailed(f"{folder} is not a backup: its {MANIFEST} is missing or damaged.") from error
    _check(folder, files)
    _need_empty(settings.data_dir)
    for name in files:
        target = settings.data_dir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, target)
    _check(settings.data_dir, files)
    return {"files": len(files)}


def _need_embedded(settings: Settings) -> None:
    if settings.mode != "embedded":
        raise CommandFailed(
            "A scaled installation is backed up by its parts: pg_dump for PostgreSQL, a snapshot of the bucket; "
            "the vector index can be made again from both. See docs/operations.md."
        )


def _need_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise CommandFailed(f"{folder} is not empty. Name a new or an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)


def _take(settings: Settings) -> FolderOwner:
    try:
        return FolderOwner.take(settings.data_dir)
    except FolderInUse as taken:
        raise CommandFailed(f"{taken} Stop it for the minute that a backup takes.") from taken


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name not in NOT_KEPT)


def _copy_database(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as database, sqlite3.connect(target) as copy:
        database.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise CommandFailed("The copy of the database is damaged. Check the disk and try again.")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _check(folder: Path, files: dict[str, str]) -> None:
    for name, digest in files.items():
        inside = (folder / name).resolve()
        if not inside.is_relative_to(folder.resolve()) or not inside.is_file() or _digest(inside) != digest:
            raise CommandFailed(f"{name} is missing from the backup or was changed. Use another backup.")
