"""A package to a course on paper: converted in a child process, whose answer is checked, and its documents read."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ingestion.readers import Limits, ReaderProcess, Unreadable, read
from ingestion.readers.child import STOPPED, Child
from ingestion.sources.packages import saying
from ingestion.sources.packages.drafting import Converted
from ingestion.sources.packages.sniffing import Package
from ingestion.sources.schemas import (
    AssetDraft,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    NotCarried,
    Progress,
    QuestionDraft,
    QuizDraft,
)
from lms_core.learning.assessments.schemas import QuestionIn

SECONDS = 600.0  # for a whole package
LANGUAGE_CHARS = 12_000
MOST_SHOWN = 60  # characters of a question's text in the report


def open_package(
    package: Package,
    *,
    name: str,
    title: str | None,
    language: str | None,
    limits: Limits,
    progress: Progress | None,
    workspace: Path,
) -> CourseDraft:
    """The course in `package`. Raises Unreadable when nothing of it can become a lesson."""
    request = {"root": str(package.root), "kind": package.kind, "name": name}
    with Child("ingestion.sources.packages", replace(limits, seconds=max(limits.seconds, SECONDS))) as child:
        answer = child.ask(request, tell=None if progress is None else lambda told: progress(*_told(told)))
    try:
        converted = TypeAdapter(Converted).validate_python(answer)
    except ValidationError as error:
        raise Unreadable("corrupt", STOPPED) from error
    course = converted.course
    report = list(course.report)
    assets = [asset for each in course.assets if (asset := _inside(each, package.root)) is not None]
    lessons = _read(converted, package.root, limits, progress, workspace, assets, report)
    modules = tuple(
        ModuleDraft(
            module.title, tuple(_checked(lessons[each.source_path], report) for each in module.lessons), module.summary
        )
        for module in course.modules
    )
    modules = tuple(replace(module, lessons=tuple(filter(_says_something, module.lessons))) for module in modules)
    if not any(module.lessons for module in modules):
        raise Unreadable("no_text", _nothing(name, report))
    spoken = language or _plain_language(course.language) or _detected(modules)
    modules = tuple(
        replace(module, lessons=tuple(replace(each, language=spoken) for each in module.lessons)) for module in modules
    )
    return replace(
        course,
        title=title or course.title,
        language=spoken,
        modules=modules,
        assets=tuple(assets),
        report=tuple(dict.fromkeys(report)),
    )


def _told(progress: list[object]) -> tuple[int, int, str]:
    done, total, path = progress
    if not (isinstance(done, int) and isinstance(total, int) and isinstance(path, str)):
        raise ValueError(path)
    return done, total, path


def _inside(asset: AssetDraft, root: Path) -> AssetDraft | None:
    """The asset with its file, which a child that was taken over may not choose outside of the package."""
    file = root / asset.file
    real = file.resolve()
    return replace(asset, file=file) if real.is_relative_to(root.resolve()) and real.is_file() else None


def _read(
    converted: Converted,
    root: Path,
    limits: Limits,
    progress: Progress | None,
    workspace: Path,
    assets: list[AssetDraft],
    report: list[NotCarried],
) -> dict[str, LessonDraft]:
    """The lessons by their path, with the text of documents; their pictures are added to `assets`."""
    found = {each.source_path: each for module in converted.course.modules for each in module.lessons}
    with ReaderProcess(limits) as process:
        for done, (path, (file, name)) in enumerate(converted.unread.items()):
            if path not in found:
                continue
            if progress is not None:
                progress(done, len(converted.unread), name)
            lesson = found[path]
            source = _inside(AssetDraft(file, Path(file), ""), root)
            if source is None:
                continue
            try:
                document = read(source.file, limits=limits, name=name, process=process)
            except Unreadable as error:
                report.append(NotCarried(lesson.title, f"Document: {name}"[:300], error.reason))
                continue
            body = document.body
            for picture in document.images:
                own = f"{path}.files/{picture.name}"
                kept = Path(tempfile.mkdtemp(prefix="picture-", dir=workspace)) / picture.name
                kept.write_bytes(picture.content)
                assets.append(AssetDraft(own, kept, picture.media_type))
                body = body.replace(f"(asset:{picture.name})", f"(asset:{own.replace(' ', '%20')})")
            found[path] = replace(lesson, body=body)
    return found


def _checked(lesson: LessonDraft, report: list[NotCarried]) -> LessonDraft:
    """The lesson with those of its questions that quizzes here can hold; a quiz without any is a plain lesson."""
    if lesson.quiz is None:
        return lesson
    kept: list[QuestionDraft] = []
    for question in lesson.quiz.questions:
        try:
            QuestionIn.model_validate(asdict(question))
        except ValidationError:
            shown = saying.of(saying.TOO_LARGE, question.text[:MOST_SHOWN])
            report.append(NotCarried(lesson.title, shown.what, shown.why))
        else:
            kept.append(question)
    if kept:
        return replace(lesson, quiz=QuizDraft(tuple(kept)))
    return replace(lesson, quiz=None, kind="lesson")


def _says_something(lesson: LessonDraft) -> bool:
    return bool(lesson.body.strip() or lesson.quiz or lesson.assignment)


def _nothing(name: str, report: list[NotCarried]) -> str:
    if not report:
        return f"{name} holds nothing that could become a lesson. Check that it is the export of a whole course."
    where, why = report[0].where, report[0].why
    return (
        f"{name} holds nothing that could become a lesson ({where}: {why}). Check that it is the export of a "
        "whole course."
    )


def _plain_language(tag: str) -> str:
    found = tag.replace("_", "-").split("-")[0].lower()
    return found if found.isalpha() and found.isascii() and len(found) in (2, 3) and found != "und" else ""


def _detected(modules: tuple[ModuleDraft, ...]) -> str:
    from rag.retrieval.languages.detection import detect  # its word lists are of no use to other sources

    return detect("\n".join(_texts(modules))[:LANGUAGE_CHARS]) or "en"


def _texts(modules: tuple[ModuleDraft, ...]) -> Iterator[str]:
    for lesson in (lesson for module in modules for lesson in module.lessons):
        yield lesson.body[:1500]
        yield from (question.text for question in (lesson.quiz.questions if lesson.quiz else ())[:5])
