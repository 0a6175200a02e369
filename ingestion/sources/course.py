"""A folder of pages as a course: modules from folders, lessons in order, links and pictures resolved."""

import mimetypes
import posixpath
import re
from dataclasses import replace
from pathlib import Path

from ingestion.readers import Limits, ReaderProcess, Unreadable
from ingestion.sources.links import rewrite
from ingestion.sources.outline import Outline, order_key, read_outline
from ingestion.sources.pages import (
    MARKDOWN,
    Page,
    folder_title,
    is_assignment,
    is_introduction,
    lesson_paths,
    placed,
    read_page,
    unreadable_if_deferred,
)
from ingestion.sources.quizzes import QuizFile, read_quizzes
from ingestion.sources.schemas import AssetDraft, CourseDraft, Failure, LessonDraft, ModuleDraft, Progress
from ingestion.sources.tree import is_project_page, walk

MAX_ASSET = 10 * 1024 * 1024
NOT_ASSETS = (*MARKDOWN, ".js", ".html", ".htm", ".exe", ".sh", ".bat")


def read_course(
    root: Path,
    *,
    name: str,
    title: str | None,
    language: str | None,
    limits: Limits,
    progress: Progress | None,
    workspace: Path,
) -> CourseDraft:
    """The course in the folder `root`. Raises Unreadable(no_text) when it has no lesson at all."""
    tree = walk(root)
    outline = read_outline(tree.files)
    pages, failures = _read_pages(tree.files, limits, progress)
    originals = [page for page in pages if not page.translated]
    spoken = language or outline.language or _common_language(originals)
    quizzes = _quiz_files(tree.files, spoken)
    if not pages and not quizzes:
        why = f" ({failures[0].path}: {failures[0].reason})" if failures else ""
        raise Unreadable("no_text", f"No lesson was found in {name}{why}. Put Markdown files or documents into it.")
    front = next((page for page in originals if "/" not in page.path and is_introduction(page.path)), None)
    named = title or outline.title or (front.title if front else "") or folder_title(name)
    # A front page without a heading of its own would be named after one of its sections.
    untitled = front is not None and not re.search(r"^#\s", front.body, re.M)
    pages = [replace(page, title=named) if page is front and untitled else page for page in pages]
    resolver = _Resolver(tree.files, pages, workspace)
    modules = _modules(pages, quizzes, outline, named, spoken, resolver)
    problems = (*tree.failures, *failures, *resolver.failures)
    return CourseDraft(named, "markdown", spoken, modules, assets=tuple(resolver.assets.values()), failures=problems)


def _read_pages(files: dict[str, Path], limits: Limits, progress: Progress | None) -> tuple[list[Page], list[Failure]]:
    pages: list[Page] = []
    failures: list[Failure] = []
    paths = lesson_paths(files)
    with ReaderProcess(limits) as process:
        for done, path in enumerate(paths):
            if progress is not None:
                progress(done, len(paths), path)
            try:
                unreadable_if_deferred(path)
                page = read_page(path, files[path], files, limits=limits, process=process)
            except Unreadable as error:
                failures.append(Failure(path, error.code, error.reason))
            except OSError as error:
                reason = f"The file cannot be opened ({error.strerror}). Check its permissions and try again."
                failures.append(Failure(path, "corrupt", reason))
            else:
                pages += [page] if page else []
    if progress is not None and paths:
        progress(len(paths), len(paths), paths[-1])
    return pages, failures


def _common_language(pages: list[Page]) -> str:
    from rag.retrieval.languages.detection import detect

    stated = [page.language for page in pages if page.language]
    if stated:
        return max(sorted(set(stated)), key=stated.count)
    return detect("\n".join(page.body[:1500] for page in pages[:8])) or "en"


def _quiz_files(files: dict[str, Path], language: str) -> list[QuizFile]:
    found = [
        quiz
        for path, file in files.items()
        if path.endswith(".json")
        and not is_project_page(path)
        and (quiz := read_quizzes(path, file, language=language))
    ]
    base = {posixpath.dirname(quiz.path): quiz for quiz in found if quiz.language == language}
    return [_linked_translations(quiz, base.get(posixpath.dirname(quiz.path))) for quiz in found]


def _linked_translations(quiz: QuizFile, original: QuizFile | None) -> QuizFile:
    if original is None or original.path == quiz.path:
        return quiz
    known = {lesson.source_path for lesson in original.quizzes}
    linked = []
    for lesson in quiz.quizzes:
        source = original.path + lesson.source_path.removeprefix(quiz.path)
        linked.append(replace(lesson, translation_of=source) if source in known else lesson)
    return replace(quiz, quizzes=tuple(linked))


def _modules(
    pages: list[Page], quizzes: list[QuizFile], outline: Outline, title: str, language: str, resolver: "_Resolver"
) -> tuple[ModuleDraft, ...]:
    depth = _shared_depth([page.original for page in pages if "/" in page.original])
    groups: dict[str, list[Page]] = {}
    for page in sorted(pages, key=lambda page: _page_key(page, outline)):
        parts = page.original.split("/")
        groups.setdefault("/".join(parts[: depth + 1]) if len(parts) > depth + 1 else "", []).append(page)
    # The course's own pages open it; folders follow in the order of their names or the outline.
    folders = sorted(groups, key=lambda folder: (folder != "", order_key(outline, folder)))
    beside: dict[str, list[LessonDraft]] = {}
    apart: list[ModuleDraft] = []
    for quiz in quizzes:
        home = max((f for f in folders if f and quiz.path.startswith(f + "/")), key=len, default=None)
        if home is not None:
            beside.setdefault(home, []).extend(quiz.quizzes)
        elif quiz.language == language or not any(lesson.translation_of for lesson in quiz.quizzes):
            others = [lesson for other in quizzes if other is not quiz for lesson in other.quizzes]
            mine = {lesson.source_path for lesson in quiz.quizzes}
            translated = [lesson for lesson in others if lesson.translation_of in mine]
            apart.append(ModuleDraft(quiz.title, (*quiz.quizzes, *translated)))
    modules = [
        ModuleDraft(
            _module_title(folder, groups[folder], title),
            (*(_lesson(page, language, resolver) for page in groups[folder]), *beside.get(folder, ())),
        )
        for folder in folders
    ]
    return (*modules, *apart)


def _shared_depth(paths: list[str]) -> int:
    """How many leading folders all of `paths` share: with one wrapper folder, modules are the folders inside it."""
    if not paths:
        return 0
    shared = posixpath.commonpath([posixpath.dirname(path) for path in paths]).split("/")
    nested = any(len(path.split("/")) > len(shared) + 1 for path in paths)
    return len(shared) if shared != [""] and nested else 0


def _page_key(page: Page, outline: Outline) -> tuple[object, ...]:
    folder, _, name = page.original.rpartition("/")
    rank = 0 if is_introduction(name) else 2 if is_assignment(name) else 1
    # Deeper folders come after their parent's own pages; the folder's key keeps siblings together.
    order = page.order if page.order is not None else 1 << 30
    keys = order_key(outline, page.original)
    folder_keys = keys[:-1] if folder else []
    return page.translated, folder_keys, rank, order, keys[-1], page.path


def _module_title(folder: str, pages: list[Page], course_title: str) -> str:
    if not folder:
        return course_title
    opening = (page for page in pages if not page.translated and is_introduction(page.path))
    found = next((page.title for page in opening if posixpath.dirname(page.path) == folder), None)
    return found or folder_title(folder.rpartition("/")[2])


def _lesson(page: Page, language: str, resolver: "_Resolver") -> LessonDraft:
    return LessonDraft(
        source_path=page.path,
        title=page.title,
        body=resolver.body(page),
        language=page.language or language,
        kind="assignment" if is_assignment(page.original) else "lesson",
        translation_of=page.original if page.translated else None,
        documents=(page.path,),
    )


class _Resolver:
    """Resolves the links of pages, and gathers the files that they show."""

    def __init__(self, files: dict[str, Path], pages: list[Page], workspace: Path) -> None:
        self._files = files
        self._lessons = {page.path for page in pages}
        self._translations = {(page.original, page.language): page.path for page in pages if page.translated}
        self._workspace = workspace
        self.assets: dict[str, AssetDraft] = {}
        self.failures: list[Failure] = []
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
        return rewrite(text, folder=posixpath.dirname(page.path), resolve=lambda path: self._resolve(path, page))

    def _resolve(self, path: str, page: Page) -> str | None:
        mirrored = placed(path, self._files)[1] if path not in self._files else path
        tail = path.split("/", 2)[2] if path.startswith("translations/") and path.count("/") > 1 else mirrored
        for candidate in dict.fromkeys((path, mirrored, tail)):
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
        if path in self._too_large:
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
