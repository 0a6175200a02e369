"""Pages into modules: one for the course's own pages, then one for each folder, lessons in reading order."""

import posixpath
from collections.abc import Callable, Sequence

from ingestion.sources.outline import Outline, order_key
from ingestion.sources.pages import Page, folder_title, is_assignment, is_introduction
from ingestion.sources.quiz_places import place_quizzes
from ingestion.sources.quizzes import QuizFile
from ingestion.sources.schemas import LessonDraft, ModuleDraft


def modules_of(
    pages: Sequence[Page],
    quizzes: Sequence[QuizFile],
    *,
    outline: Outline,
    title: str,
    lesson: Callable[[Page], LessonDraft],
) -> tuple[ModuleDraft, ...]:
    """The modules of a course called `title`. A lesson is followed by its translations, then by its quizzes."""
    originals = [page for page in pages if not page.translated]
    translations: dict[str, list[Page]] = {}
    for page in sorted(pages, key=lambda page: page.path):
        if page.translated:
            translations.setdefault(page.original, []).append(page)
    groups = _by_folder(originals, outline)
    # The course's own pages open it; folders follow in the order of their names or the outline.
    folders = sorted(groups, key=lambda folder: (folder != "", order_key(outline, folder)))
    ordered = [page for folder in folders for page in groups[folder]]
    places = place_quizzes(quizzes, ordered, translations=translations, folders=folders)
    modules = []
    for folder in folders:
        lessons: list[LessonDraft] = []
        for page in groups[folder]:
            lessons += [lesson(page), *map(lesson, translations.get(page.path, ())), *places.after.get(page.path, ())]
        lessons += places.closing.get(folder, ())
        modules.append(ModuleDraft(_module_title(folder, groups[folder], title), tuple(lessons)))
    return (*modules, *places.apart)


def _by_folder(originals: Sequence[Page], outline: Outline) -> dict[str, list[Page]]:
    depth = _shared_depth([page.place for page in originals if "/" in page.place])
    groups: dict[str, list[Page]] = {}
    for page in sorted(originals, key=lambda page: _page_key(page, outline)):
        parts = page.place.split("/")
        groups.setdefault("/".join(parts[: depth + 1]) if len(parts) > depth + 1 else "", []).append(page)
    return groups


def _shared_depth(paths: list[str]) -> int:
    """How many leading folders all of `paths` share: with one wrapper folder, modules are the folders inside it."""
    if not paths:
        return 0
    shared = posixpath.commonpath([posixpath.dirname(path) for path in paths]).split("/")
    nested = any(len(path.split("/")) > len(shared) + 1 for path in paths)
    return len(shared) if shared != [""] and nested else 0


def _page_key(page: Page, outline: Outline) -> tuple[object, ...]:
    folder, _, name = page.place.rpartition("/")
    rank = 0 if is_introduction(name) else 2 if is_assignment(name) else 1
    order = page.order if page.order is not None else 1 << 30
    keys = order_key(outline, page.place)
    # Deeper folders come after their parent's own pages; the folder's key keeps siblings together.
    return keys[:-1] if folder else [], rank, order, keys[-1], page.path


def _module_title(folder: str, pages: Sequence[Page], course_title: str) -> str:
    if not folder:
        return course_title
    opening = (page for page in pages if is_introduction(page.place))
    found = next((page.title for page in opening if posixpath.dirname(page.place) == folder), None)
    return found or folder_title(folder.rpartition("/")[2])
