"""SCORM 1.2 and 2004, and plain IMS content packages: the text of their pages.

A SCO is a small program that runs in a page and reports to the system around it. Nothing of it runs here: the pages
of each SCO that hold text become lessons, in the order in which its first page names them, and the rest is reported.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from ingestion.readers import Unreadable
from ingestion.readers.serving import Progress
from ingestion.readers.text import escape_inline
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted, Drafting
from ingestion.sources.packages.manifest import Item, Manifest, Resource, modules_of, read_manifest
from ingestion.sources.packages.pages import page_link, read_page

PAGES = (".html", ".htm", ".xhtml")
DOCUMENTS = (".pdf", ".docx", ".txt", ".md")
FEW_WORDS = 20  # a page with fewer that only starts others is no lesson


def convert(contents: Contents, *, name: str, progress: Progress) -> Converted:
    """The course that the manifest's organisation describes."""
    manifest = read_manifest(contents)
    prefix = f"scorm-{manifest.name or name}"
    draft = Drafting(contents, kind="scorm", prefix=prefix, title=manifest.title or name, language=manifest.language)
    reader = _Reader(draft, manifest)
    if manifest.cut:
        draft.lost(draft.title, saying.TOO_MANY)
    if next(markup.within(manifest.root, "sequencing", "prerequisites"), None) is not None:
        draft.lost(draft.title, saying.SEQUENCING)
    modules = modules_of(manifest, title=draft.title)
    for done, (title, items) in enumerate(modules):
        progress(done, len(modules), title)
        draft.module(title)
        for item in items:
            reader.item(item)
    if not manifest.items:
        draft.module(draft.title)
        for resource in manifest.resources.values():
            reader.resource(resource, draft.title, hidden=False)
    return draft.finished()


class _Reader:
    """Reads resources, each page once."""

    def __init__(self, draft: Drafting, manifest: Manifest) -> None:
        self._draft = draft
        self._manifest = manifest
        self._read: set[str] = set()

    def item(self, item: Item, *, above: str = "", depth: int = 0, hidden: bool = False) -> None:
        """An item, then those below it, named after it too where it is no module of its own."""
        title = item.title or self._draft.title
        named = f"{above}: {title}" if above else title
        hidden = hidden or item.hidden
        if item.resource:
            found = self._manifest.resources.get(item.resource)
            if found is None:
                self._draft.lost(named, saying.of(saying.BOOKMARK, item.resource))
            else:
                self.resource(found, named, hidden=hidden)
        for each in item.items:
            self.item(each, above=item.title if depth else "", depth=depth + 1, hidden=hidden)

    def resource(self, resource: Resource, title: str, *, hidden: bool) -> None:
        """The pages of a resource as lessons."""
        if "imsqti" in resource.type:
            self._draft.lost(title, saying.of(saying.QUESTION_BANK, resource.href or resource.name))
            return
        if resource.interactive:
            self._draft.lost(title, saying.TRACKING)
        if resource.href.startswith(("https://", "http://")):
            link = page_link(escape_inline(title), resource.href)
            self._draft.lesson(f"item/{resource.name}", title, link, hidden=hidden)
            return
        pages = self._pages(resource)
        if not pages:
            self._draft.lost(title, saying.of(saying.NO_FILE, resource.href or resource.name))
        alone = len(pages) == 1
        lost: Counter[saying.Lost] = Counter()
        for path in pages:
            if path not in self._read:
                self._read.add(path)
                lost.update(self._page(path, title, alone=alone, first=path == pages[0], hidden=hidden))
        scripts = [each for each in resource.files if each.lower().endswith(".js")]
        for kind, count in lost.items():
            files = f", {len(scripts)} script files: {', '.join(scripts)}" if kind == saying.SCRIPT and scripts else ""
            self._draft.lost(
                title, saying.of(kind, f"{count} pages{files}" if count > 1 else f"{resource.href}{files}")
            )

    def _pages(self, resource: Resource) -> list[str]:
        """The pages of a resource: the one that opens it, those it names in the order of naming, then the others."""
        contents = self._draft.contents
        opening = contents.find(resource.href) if resource.href else None
        files = dict.fromkeys(found for each in resource.files if (found := contents.find(each)) is not None)
        wanted = [each for each in files if each.lower().endswith((*PAGES, *DOCUMENTS)) and each != opening]
        if opening is None:
            return wanted
        if opening.lower().endswith(PAGES):
            try:
                text = contents.text(opening)
            except Unreadable:
                text = ""
            unnamed = len(text)
            wanted.sort(key=lambda path: at if (at := _named_at(path, text)) >= 0 else unnamed)
        return [opening, *wanted]

    def _page(self, path: str, title: str, *, alone: bool, first: bool, hidden: bool) -> Sequence[saying.Lost]:
        """One page as a lesson; what of it is lost, which many pages of a SCO share."""
        draft = self._draft
        if not path.lower().endswith(PAGES):
            draft.file(path, title if alone or first else PurePosixPath(path).stem, path, hidden=hidden)
            return ()
        try:
            html = draft.contents.text(path)
        except Unreadable:
            draft.lost(title, saying.of(saying.DAMAGED, path))
            return ()
        page = read_page(html)
        words = len(page.body.split())
        made_by_scripts = words < FEW_WORDS and saying.SCRIPT in page.lost
        if words == 0 or (made_by_scripts and not alone):
            draft.lost(title, saying.of(saying.NO_TEXT, path))
            return ()
        if first and not alone and words < FEW_WORDS:
            draft.lost(title, saying.of(saying.STARTER, path))
            return ()
        named = title if alone else page.title or _heading(page.body) or PurePosixPath(path).stem
        added = draft.lesson(path, named, page.body, folder=path.rpartition("/")[0], hidden=hidden)
        if added is not None:
            draft.links[path] = added
        return page.lost


def _heading(body: str) -> str:
    first = body.partition("\n")[0]
    return first.lstrip("# ") if first.startswith("#") else ""


def _named_at(path: str, text: str) -> int:
    """Where a page first names another: by its path, or by its name alone. -1: nowhere."""
    at = text.find(path)
    return at if at >= 0 else text.find(PurePosixPath(path).name)
