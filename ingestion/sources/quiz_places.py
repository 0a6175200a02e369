"""Where quizzes stand in a course: after the lesson they test, at the end of their module, or in one of their own."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestion.sources.pages import Page, is_assignment, is_introduction, placed
from ingestion.sources.quizzes import QuizFile, named_after, read_quizzes
from ingestion.sources.schemas import LessonDraft, ModuleDraft
from ingestion.sources.tree import is_project_page, leading_number

QUIZ_NAME = re.compile(r"(?:[-_. ]?quiz(?:zes)?|[-_. ]?questions?)$", re.I)
ENOUGH_ALIKE = 0.5  # of the words that either title has, both have
# Words that quiz titles add to the title of their lesson.
FRAMING = frozenset(["lesson", "lecture", "quiz", "pre", "post", "test", "chapter", "module", "the", "a", "an"])


@dataclass(frozen=True, slots=True)
class QuizPlaces:
    """Quizzes by where they go: `after` a lesson's path, `closing` a module's folder, or in modules `apart`."""

    after: dict[str, list[LessonDraft]] = field(default_factory=dict)
    closing: dict[str, list[LessonDraft]] = field(default_factory=dict)
    apart: list[ModuleDraft] = field(default_factory=list)


def quiz_files(files: Mapping[str, Path], *, language: str) -> list[QuizFile]:
    """The quiz files of a course in `language`; a quiz in another language points to the one that it translates."""
    found: list[QuizFile] = []
    for path, file in files.items():
        if path.lower().endswith(".json") and not is_project_page(path):
            spoken, _, _ = placed(path, files)
            quiz = read_quizzes(path, file, language=spoken or language)
            found += [quiz] if quiz else []
    by_path = {quiz.path: quiz for quiz in found}
    base = {posixpath.dirname(quiz.path): quiz for quiz in reversed(found) if quiz.language == language}
    return [
        _linked(quiz, by_path.get(placed(quiz.path, files)[1]), base.get(posixpath.dirname(quiz.path)))
        for quiz in found
    ]


def _linked(quiz: QuizFile, mirrored: QuizFile | None, beside: QuizFile | None) -> QuizFile:
    original = mirrored if mirrored is not None and mirrored.path != quiz.path else beside
    if original is None or original.path == quiz.path or original.language == quiz.language:
        return quiz
    known = {lesson.source_path for lesson in original.quizzes}
    linked = []
    for lesson in quiz.quizzes:
        source = original.path + lesson.source_path.removeprefix(quiz.path)
        linked.append(replace(lesson, translation_of=source) if source in known else lesson)
    return replace(quiz, quizzes=tuple(linked))


def place_quizzes(
    quizzes: Sequence[QuizFile],
    lessons: Sequence[Page],
    *,
    translations: Mapping[str, Sequence[Page]],
    folders: Sequence[str],
) -> QuizPlaces:
    """Places for the quizzes. `lessons` are the originals in reading order, `translations` theirs by path.

    A quiz is matched by its file's name, else by the words of its title, else by a lesson number in it.
    """
    places = QuizPlaces()
    translated: dict[str, list[LessonDraft]] = {}
    for lesson in (lesson for quiz in quizzes for lesson in quiz.quizzes if lesson.translation_of):
        translated.setdefault(str(lesson.translation_of), []).append(lesson)
    for quiz in quizzes:
        left: list[LessonDraft] = []
        home = max((f for f in folders if f and quiz.path.startswith(f + "/")), key=len, default=None)
        named = _beside(quiz.path, lessons)
        for number, lesson in enumerate((lesson for lesson in quiz.quizzes if not lesson.translation_of), 1):
            page = named or _matching(lesson.title, lessons)
            family = _titled([lesson, *translated.get(lesson.source_path, ())], page, translations, number)
            if page is not None:
                places.after.setdefault(page.path, []).extend(family)
            elif home is not None:
                places.closing.setdefault(home, []).extend(family)
            else:
                left += family
        if left:
            places.apart.append(ModuleDraft(quiz.title or "Quizzes", tuple(left)))
    return places


def _beside(path: str, lessons: Sequence[Page]) -> Page | None:
    """The lesson "x.md" for a quiz file "x.quiz.json" in the same folder."""
    folder, stem = posixpath.split(path[: -len(".json")])
    bare = QUIZ_NAME.sub("", stem)
    if not bare:
        return None
    wanted = posixpath.join(folder, bare)
    return next((page for page in lessons if posixpath.splitext(page.path)[0] == wanted), None)


def _matching(title: str, lessons: Sequence[Page]) -> Page | None:
    teaching = [page for page in lessons if not is_assignment(page.path)]
    wanted = _title_words(title)
    alike = [(_likeness(wanted, _title_words(page.title)), page) for page in teaching]
    best = max((score for score, _ in alike), default=0.0)
    if best >= ENOUGH_ALIKE:
        found = [page for score, page in alike if score == best]
        if len(found) == 1:
            return found[0]
    number = re.search(r"(?<!\d)(\d{1,3})(?!\d)", title)
    return _numbered(int(number.group(1)), teaching) if number else None


def _numbered(number: int, lessons: Sequence[Page]) -> Page | None:
    """Lesson `number`: the one whose file or folder begins with it, else the one that stands there in the course."""
    units = [(unit, page) for page in lessons if (unit := _unit_number(page.path)) is not None]
    same = [page for unit, page in units if unit == number]
    if len({unit for unit, _ in units}) == len(units):
        return same[0] if same else None
    # Numbers that begin anew in every module: a lesson's own number is then its place in the course.
    return units[number - 1][1] if 1 <= number <= len(units) else None


def _unit_number(path: str) -> int | None:
    """The number of the lesson that a file is, or that its folder is when it opens one below a module."""
    folder, name = posixpath.split(path)
    if not is_introduction(name):
        return leading_number(name)
    return leading_number(posixpath.basename(folder)) if folder.count("/") else None


def _title_words(title: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+", title.lower())
    return frozenset(word for word in words if word not in FRAMING and not word.isdecimal())


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _titled(
    family: Sequence[LessonDraft], page: Page | None, translations: Mapping[str, Sequence[Page]], number: int
) -> list[LessonDraft]:
    """A quiz and its translations, those without a title named after their lesson in their own language."""
    titles = {each.language: each.title for each in translations.get(page.path, ())} if page else {}
    otherwise = page.title if page else str(number)
    return [
        quiz if quiz.title else replace(quiz, title=named_after(quiz, titles.get(quiz.language, otherwise)))
        for quiz in family
    ]
