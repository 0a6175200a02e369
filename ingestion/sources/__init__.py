"""What a course can be imported from: a folder or archive of Markdown and documents, a course package, or one document.

What a file is, is told by its content: an archive is opened whatever it is called, and a package in it is known by
what it holds.

A source only reads. One unreadable file among others is a `Failure` of the draft;
`Unreadable` is raised when nothing can be imported at all.
"""

import atexit
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ingestion.readers import DEFAULT, Limits, Unreadable, read
from ingestion.sources.archives import is_archive, unpack
from ingestion.sources.course import read_course
from ingestion.sources.links import pictures, rewrite
from ingestion.sources.packages import find_package, open_package
from ingestion.sources.resolving import MOST_MISSING, missing_picture
from ingestion.sources.schemas import AssetDraft, CourseDraft, LessonDraft, ModuleDraft, Progress

__all__ = ["open_source"]


def open_source(
    path: Path,
    *,
    title: str | None = None,
    language: str | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
    workspace: Path | None = None,
) -> CourseDraft:
    """The course at `path`: a folder, an archive, a package, or one document.

    `workspace` is an existing folder for unpacked files and pictures; the caller removes it once the draft's assets
    are stored. Without one, a temporary folder lives until the program ends. Raises Unreadable.
    """
    room = workspace or _temporary_workspace()
    if path.is_dir():
        return _folder(
            path, name=path.name, title=title, language=language, limits=limits, progress=progress, workspace=room
        )
    if not path.is_file():
        raise Unreadable("corrupt", f"There is no file or folder named {path.name}. Check the path and try again.")
    if is_archive(path):
        return _archive(path, title=title, language=language, limits=limits, progress=progress, workspace=room)
    return _document(path, title=title, language=language, limits=limits, progress=progress, workspace=room)


def _folder(
    folder: Path,
    *,
    name: str,
    title: str | None,
    language: str | None,
    limits: Limits,
    progress: Progress | None,
    workspace: Path,
) -> CourseDraft:
    """The package in a folder, else its pages."""
    package = find_package(folder)
    if package is not None:
        return open_package(
            package, name=name, title=title, language=language, limits=limits, progress=progress, workspace=workspace
        )
    return read_course(
        folder, name=name, title=title, language=language, limits=limits, progress=progress, workspace=workspace
    )


def _archive(
    path: Path, *, title: str | None, language: str | None, limits: Limits, progress: Progress | None, workspace: Path
) -> CourseDraft:
    folder = Path(tempfile.mkdtemp(prefix="unpacked-", dir=workspace))
    failures = unpack(path, into=folder)
    inside = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    name = PurePosixPath(path.name.removesuffix(".gz")).stem or path.name
    # Archives usually wrap the course in one folder, which is no part of its paths.
    while len(inside) == 1 and inside[0].is_dir() and find_package(folder) is None:
        folder, name = inside[0], inside[0].name
        inside = list(folder.iterdir())
    try:
        draft = _folder(
            folder, name=name, title=title, language=language, limits=limits, progress=progress, workspace=workspace
        )
    except Unreadable as error:
        if failures:
            raise Unreadable(error.code, f"{failures[0].path}: {failures[0].reason} {error.reason}") from error
        raise
    return replace(draft, failures=(*failures, *draft.failures))


def _document(
    path: Path, *, title: str | None, language: str | None, limits: Limits, progress: Progress | None, workspace: Path
) -> CourseDraft:
    from rag.retrieval.languages.detection import detect  # its word lists are of no use to other sources

    if progress is not None:
        progress(0, 1, path.name)
    document = read(path, limits=limits)
    spoken = language or document.language or detect(document.body) or "en"
    assets: dict[str, AssetDraft] = {}
    for picture in document.images:
        file = Path(tempfile.mkdtemp(prefix="picture-", dir=workspace)) / picture.name
        file.write_bytes(picture.content)
        assets[picture.name] = AssetDraft(picture.name, file, picture.media_type)
    body = rewrite(document.body, folder="", resolve=lambda target: f"asset:{target}" if target in assets else None)
    lost = [path for path in dict.fromkeys(pictures(document.body, folder="")) if path not in assets]
    named = title or document.title
    lesson = LessonDraft(path.name, named, body, spoken, documents=(path.name,))
    if progress is not None:
        progress(1, 1, path.name)
    return CourseDraft(
        named,
        "document",
        spoken,
        (ModuleDraft(named, (lesson,)),),
        assets=tuple(assets.values()),
        missing=tuple(missing_picture(each, shown_in=path.name) for each in lost[:MOST_MISSING]),
    )


def _temporary_workspace() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mwalimu-import-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
