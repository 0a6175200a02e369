"""Links of a course's pages: to its lessons and to the files they show, which are gathered as assets."""

import mimetypes
import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion.sources.links import pictures, rewrite
from ingestion.sources.pages import MARKDOWN, Page, placed
from ingestion.sources.schemas import AssetDraft, Failure

MAX_ASSET = 10 * 1024 * 1024
MOST_MISSING = 200  # pictures that a report lists
NOT_ASSETS = (*MARKDOWN, ".js", ".html", ".htm", ".exe", ".sh", ".bat")


class Resolver:
    """Resolves the links of pages, and gathers the files that they show.

    `hidden` are paths that no link may open, such as quiz files, which hold the key.
    """

    def __init__(
        self, files: dict[str, Path], pages: Sequence[Page], *, hidden: Iterable[str] = (), workspace: Path
    ) -> None:
        self._files = files
        self._lessons = {page.path for page in pages}
        self._translations = {(page.original, page.language): page.path for page in pages if page.translated}
        self._hidden = frozenset(hidden)
        self._workspace = workspace
        self.assets: dict[str, AssetDraft] = {}
        self.failures: list[Failure] = []
        self.missing: dict[str, Failure] = {}
        self._too_large: set[str] = set()

    def body(self, page: Page) -> str:
        """The page's text with its links resolved and its own pictures kept as assets."""
        text = page.body
        for picture in page.pictures:
            path = f"{page.path}.files/{picture.name}"
            file = self._workspace / f"picture-{len(self.assets)}-{picture.name}"
            file.write_bytes(picture.content)
            self.assets[path] = AssetDraft(path, file, picture.media_type)
            text = text.replace(f"(asset:{picture.name})", f"(asset:{path.replace(' ', '%20')})")
        self._note_missing(page)
        return rewrite(text, folder=posixpath.dirname(page.path), resolve=lambda path: self._resolve(path, page))

    def _note_missing(self, page: Page) -> None:
        for path in pictures(page.body, folder=posixpath.dirname(page.path)):
            known = path in self.missing or len(self.missing) >= MOST_MISSING
            if not known and not any(each in self._files for each in self._candidates(path)):
                self.missing[path] = missing_picture(path, shown_in=page.path)

    def _candidates(self, path: str) -> list[str]:
        """Where a file may be: beside the page, or beside the page that it translates."""
        mirrored = placed(path, self._files)[1] if path not in self._files else path
        tail = path.split("/", 2)[2] if path.startswith("translations/") and path.count("/") > 1 else mirrored
        return list(dict.fromkeys((path, mirrored, tail)))

    def _resolve(self, path: str, page: Page) -> str | None:
        for candidate in self._candidates(path):
            lesson = self._lesson(candidate, page.language)
            if lesson is not None:
                return f"lesson:{lesson.replace(' ', '%20')}"
            if candidate in self._files and not candidate.lower().endswith(NOT_ASSETS):
                return self._asset(candidate)
        return None

    def _lesson(self, path: str, language: str | None) -> str | None:
        stem = path[:-5] if path.endswith(".html") else path
        for name in (path, f"{stem}.md", *(posixpath.join(path, opening) for opening in ("README.md", "index.md"))):
            normal = posixpath.normpath(name)
            if normal in self._lessons:
                return self._translations.get((normal, language), normal)
        return None

    def _asset(self, path: str) -> str | None:
        if path in self._too_large or path in self._hidden:
            return None
        if path not in self.assets:
            if self._files[path].stat().st_size > MAX_ASSET:
                self._too_large.add(path)
                reason = f"The file is larger than {MAX_ASSET // 2**20} MB, so lessons cannot show it. Make it smaller."
                self.failures.append(Failure(path, "too_large", reason))
                return None
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            self.assets[path] = AssetDraft(path, self._files[path], kind)
        return f"asset:{path.replace(' ', '%20')}"


def missing_picture(path: str, *, shown_in: str) -> Failure:
    """That a lesson shows a picture which is not among the files."""
    reason = f"{shown_in} shows this picture, but it is not among the files. Add it at this path and import again."
    return Failure(path[:400], "missing_picture", reason)
