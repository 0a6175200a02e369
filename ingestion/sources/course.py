"""A folder of pages as a course: what is read from it, and how the parts come together."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingestion.readers import Limits, ReaderProcess, Unreadable
from ingestion.sources.front_page import FrontPage, read_front_page
from ingestion.sources.modules import modules_of
from ingestion.sources.outline import Outline, read_outline
from ingestion.sources.pages import (
    Page,
    folder_title,
    is_assignment,
    lesson_paths,
    read_page,
    unreadable_if_deferred,
)
from ingestion.sources.quiz_places import quiz_files
from ingestion.sources.resolving import Resolver
from ingestion.sources.schemas import CourseDraft, Failure, LessonDraft, Progress
from ingestion.sources.tree import walk

LANGUAGE_PAGES = 8  # pages, and characters of each, by which a course's language is told
LANGUAGE_CHARS = 1500


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
    pages, failures = _read_pages(tree.files, outline, limits, progress)
    originals = [page for page in pages if not page.translated]
    spoken = language or outline.language or _common_language(originals)
    quizzes = quiz_files(tree.files, language=spoken)
    if not pages and not quizzes:
        why = f" ({failures[0].path}: {failures[0].reason})" if failures else ""
        raise Unreadable("no_text", f"No lesson was found in {name}{why}. Put Markdown files or documents into it.")
    front = read_front_page(tree.files)
    named = title or outline.title or _front_title(front, originals) or folder_title(name)
    lessons = _without_table_of_contents(pages, front, named)
    resolver = Resolver(tree.files, lessons, hidden=[quiz.path for quiz in quizzes], workspace=workspace)
    modules = modules_of(
        lessons, quizzes, outline=outline, title=named, lesson=lambda page: _lesson(page, spoken, resolver)
    )
    return CourseDraft(
        named,
        "markdown",
        spoken,
        modules,
        summary=front.summary,
        slug=front.slug,
        tags=front.tags,
        assets=tuple(resolver.assets.values()),
        failures=(*tree.failures, *failures, *resolver.failures),
        missing=tuple(resolver.missing.values()),
    )


def _read_pages(
    files: dict[str, Path], outline: Outline, limits: Limits, progress: Progress | None
) -> tuple[list[Page], list[Failure]]:
    pages: list[Page] = []
    failures: list[Failure] = []
    paths = lesson_paths(files, skipped_folders=outline.for_instructors)
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
    return _standing_alone(pages), failures


def _standing_alone(pages: Sequence[Page]) -> list[Page]:
    """The pages; a translation whose original was not read is a lesson of its own, in the original's place."""
    read = {page.path for page in pages}
    return [page if page.original in read else replace(page, original=page.path) for page in pages]


def _common_language(pages: Sequence[Page]) -> str:
    from rag.retrieval.languages.detection import detect

    stated = [page.language for page in pages if page.language]
    if stated:
        return max(sorted(set(stated)), key=stated.count)
    return detect("\n".join(page.body[:LANGUAGE_CHARS] for page in pages[:LANGUAGE_PAGES])) or "en"


def _front_title(front: FrontPage, originals: Sequence[Page]) -> str:
    return next((page.title for page in originals if page.path == front.path), "")


def _without_table_of_contents(pages: Sequence[Page], front: FrontPage, title: str) -> list[Page]:
    """The pages that are lessons: a front page that only leads to them is the course's summary, no lesson."""
    if not front.teaches and any(page.original != front.path for page in pages):
        return [page for page in pages if page.original != front.path]
    # A front page without a heading of its own would be named after one of its sections.
    return [
        replace(page, title=title) if page.path == front.path and not re.search(r"^#\s", page.body, re.M) else page
        for page in pages
    ]


def _lesson(page: Page, language: str, resolver: Resolver) -> LessonDraft:
    return LessonDraft(
        source_path=page.path,
        title=page.title,
        body=resolver.body(page),
        language=page.language or language,
        kind="assignment" if is_assignment(page.place) else "lesson",
        translation_of=page.original if page.translated else None,
        documents=(page.path,),
    )
