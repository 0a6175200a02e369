"""`mwalimu course import`."""

import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.console import CommandFailed, checked

POLL_SECONDS = 0.15
SKIPPED = frozenset({".git", "node_modules", "__pycache__", ".venv"})
ENDED = ("done", "failed", "cancelled")


def import_path(client: httpx.Client, path: Path, options: dict[str, str], *, quiet: bool) -> dict[str, Any]:
    """Upload, follow to the end, and report as the contract says."""
    if not path.exists():
        raise CommandFailed(f"{path} is not there. Name a folder, a file or a package.")
    started = time.monotonic()
    view = _upload(client, path, options)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), disable=quiet
    ) as bar:
        task = bar.add_task("Reading", total=None)
        while view["status"] not in ENDED:
            doing = "Reading" if view["status"] in ("queued", "reading") else "Indexing"
            bar.update(task, description=doing, completed=view["done"], total=view["total"] or None)
            time.sleep(POLL_SECONDS)
            view = checked(client.get(f"/imports/{view['id']}"))
        bar.update(task, description="Done", completed=view["done"], total=view["total"] or 1)
    wanted = (
        "status", "course_id", "slug", "updated", "kind", "modules", "lessons", "documents", "chunks", "failed",
        "missing_pictures", "not_carried",
    )  # fmt: skip
    return {name: view[name] for name in wanted} | {"seconds": round(time.monotonic() - started, 2)}


def earlier_course(
    client: httpx.Client, path: Path, *, title: str, agree: Callable[[str], bool] | None
) -> dict[str, str]:
    """The options that make an import update the course which came from the same files before, if there is one.

    `agree` asks a person first; who says no gets a new course.
    """
    name = path.resolve().name
    found = checked(client.get("/imports/earlier", params={"name": name, "title": title})) if name else {"slug": None}
    if found["slug"] is None:
        return {}
    question = f"{name} was imported before, as “{found['title']}” ({found['slug']}). Update that course?"
    return {"slug": found["slug"]} if agree is None or agree(question) else {"new": "true"}


def _upload(client: httpx.Client, path: Path, options: dict[str, str]) -> dict[str, Any]:
    with ExitStack() as stack:
        files, paths = [], []
        for inside, file in _files(path):
            files.append(("files", (file.name, stack.enter_context(file.open("rb")), "application/octet-stream")))
            paths.append(inside)
            if len(files) >= 900:  # stay below the usual limit of open files
                return _upload_zip(client, path, options)
        if not files:
            raise CommandFailed(f"{path} holds no file that could be read.")
        view: dict[str, Any] = checked(client.post("/imports", files=files, data={**options, "paths": paths}))
        return view


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield path.name, path
        return
    root = path.resolve()
    for file in sorted(root.rglob("*")):
        inside = file.relative_to(root)
        hidden = any(part in SKIPPED or part.startswith(".") for part in inside.parts)
        if hidden or not file.is_file() or not file.resolve().is_relative_to(root):
            continue
        yield f"{root.name}/{inside.as_posix()}", file


def _upload_zip(client: httpx.Client, path: Path, options: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as spool:
        with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for inside, file in _files(path):
                archive.write(file, inside)
        spool.seek(0)
        files = [("files", (f"{path.resolve().name}.zip", spool, "application/zip"))]
        view: dict[str, Any] = checked(client.post("/imports", files=files, data=options))
        return view


def show(out: Console, report: dict[str, Any]) -> None:
    """The report, for a person."""
    course = f"{report['slug'] or 'No course'}{' (updated)' if report['updated'] else ''}"
    out.print(
        f"{course}: {report['modules']} modules, {report['lessons']} lessons, "
        f"{report['chunks']} passages in {report['seconds']} s",
        markup=False,
    )
    for failure in (*report["failed"], *report["missing_pictures"]):
        out.print(f"  {failure['path']}: {failure['reason']}", markup=False, style="yellow")
    for left in report["not_carried"]:
        out.print(f"  {left['where']} ({left['what']}): {left['why']}", markup=False, style="yellow")
