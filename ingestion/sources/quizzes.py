"""Quiz files: JSON lists of questions with marked answers.

Each becomes a practice page that hides the key until asked, and a quiz to be taken and graded.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.readers import Unreadable
from ingestion.readers.text import decode, escape
from ingestion.sources.schemas import ChoiceDraft, LessonDraft, QuestionDraft, QuizDraft

MAX_BYTES = 5_000_000
LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?$", re.I)
WORDS = {
    "en": ("Quiz", "Question", "Show the answer"),
    "sw": ("Jaribio", "Swali", "Onyesha jibu"),
    "fr": ("Quiz", "Question", "Voir la réponse"),
    "ar": ("اختبار", "السؤال", "أظهر الإجابة"),
    "zh": ("测验", "问题", "显示答案"),
}


@dataclass(frozen=True, slots=True)
class QuizFile:
    """One quiz file: its own title ("" when it has none) and its quizzes."""

    path: str
    title: str
    language: str
    quizzes: tuple[LessonDraft, ...]


def read_quizzes(path: str, file: Path, *, language: str) -> QuizFile | None:
    """The quizzes in a JSON file, or None when it holds something else. A file named "sw.json" is in Swahili."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return None
        data = json.loads(decode(file.read_bytes()))
    except (Unreadable, ValueError, RecursionError, OSError):
        return None
    stem = PurePosixPath(path).stem
    own = stem.lower().replace("_", "-") if LANGUAGE.fullmatch(stem) and len(stem) <= 5 else language
    listed = list(_collected(data))
    quizzes = [lesson for at, quiz in enumerate(listed, 1) if (lesson := _quiz(path, quiz, at, own)) is not None]
    if len(listed) == 1 and quizzes and "id" not in listed[0]:
        quizzes = [_at_path(quizzes[0], path)]
    top = data[0] if isinstance(data, list) and data else data
    title = str(top.get("title") or "") if isinstance(top, dict) else ""
    return QuizFile(path, title, own, tuple(_distinct(quizzes))) if quizzes else None


def named_after(quiz: LessonDraft, lesson_title: str) -> str:
    """The title of a quiz that has none of its own: the one of its lesson."""
    return f"{_words(quiz.language)[0]}: {lesson_title}"


def _collected(data: Any) -> Iterator[dict[str, Any]]:
    """Every quiz in the data: a collection, one quiz, or a bare list of questions."""
    if isinstance(data, dict):
        listed = data.get("quizzes")
        yield from (quiz for quiz in (listed if isinstance(listed, list) else [data]) if isinstance(quiz, dict))
    elif isinstance(data, list):
        if data and all(isinstance(item, dict) and _options(item) is not None for item in data):
            yield {"quiz": data}
        else:
            yield from (quiz for item in data if isinstance(item, dict) for quiz in _collected(item))


def _at_path(lesson: LessonDraft, path: str) -> LessonDraft:
    return replace(lesson, source_path=path, documents=(path,))


def _distinct(quizzes: list[LessonDraft]) -> Iterator[LessonDraft]:
    seen: Counter[str] = Counter()
    for quiz in quizzes:
        seen[quiz.source_path] += 1
        again = seen[quiz.source_path]
        path = quiz.source_path if again == 1 else f"{quiz.source_path}~{again}"
        yield replace(quiz, source_path=path)


def _quiz(path: str, quiz: dict[str, Any], number: int, language: str) -> LessonDraft | None:
    questions = quiz.get("quiz") or quiz.get("questions")
    if not isinstance(questions, list):
        return None
    written = [text for at, question in enumerate(questions, 1) if (text := _question(question, at, language))]
    if not written:
        return None
    title = " ".join(str(quiz.get("title") or "").split())
    body = "\n\n".join(written) + "\n"
    asked = tuple(draft for question in questions if (draft := _draft(question)) is not None)
    own_path = f"{path}/{quiz.get('id', number)}"
    return LessonDraft(own_path, title, body, language, "quiz", None, (path,), QuizDraft(asked) if asked else None)


def _draft(question: Any) -> QuestionDraft | None:
    """The question to be graded; None when it offers fewer than two answers, or one that says nothing."""
    options = _options(question)
    if options is None or len(options) < 2 or not all(answer for answer, _ in options):
        return None
    text = question.get("questionText") or question.get("question") or question.get("text")
    reason = question.get("explanation") or question.get("feedback")
    return QuestionDraft(
        "single" if sum(right for _, right in options) == 1 else "multiple",
        escape(" ".join(text.split())),
        feedback=escape(" ".join(reason.split())) if isinstance(reason, str) else "",
        choices=tuple(ChoiceDraft(escape(answer), right) for answer, right in options),
    )


def _question(question: Any, number: int, language: str) -> str:
    options = _options(question)
    if options is None:
        return ""
    text = question.get("questionText") or question.get("question") or question.get("text")
    _, label, show = _words(language)
    choices = "\n".join(f"- {escape(answer)}" for answer, _ in options)
    correct = "\n".join(f"- {escape(answer)}" for answer, right in options if right)
    reason = question.get("explanation") or question.get("feedback")
    explained = f"\n\n{escape(' '.join(reason.split()))}" if isinstance(reason, str) and reason.strip() else ""
    details = f"<details>\n<summary>{show}</summary>\n\n{correct}{explained}\n\n</details>"
    return f"## {label} {number}\n\n{escape(' '.join(text.split()))}\n\n{choices}\n\n{details}"


def _options(question: Any) -> list[tuple[str, bool]] | None:
    """The answers offered and whether each is right; None when this is no question with a marked answer."""
    if not isinstance(question, dict):
        return None
    text = question.get("questionText") or question.get("question") or question.get("text")
    listed = question.get("answerOptions") or question.get("options") or question.get("answers")
    if not isinstance(text, str) or not isinstance(listed, list):
        return None
    keys = [question.get(name) for name in ("answer", "correct", "correctAnswer", "correct_answer")]
    key = next((each for each in keys if each is not None), None)
    marked = [(_answer(option), _is_right(option, at, key)) for at, option in enumerate(listed)]
    return marked if any(right for _, right in marked) else None


def _answer(option: Any) -> str:
    shown = (option.get("answerText") or option.get("text") or "") if isinstance(option, dict) else option
    return " ".join(str(shown).split())


def _is_right(option: Any, at: int, key: Any) -> bool:
    flag = option.get("isCorrect", option.get("correct")) if isinstance(option, dict) else None
    if flag is not None:
        return flag is True or str(flag).lower() == "true"
    wanted = key if isinstance(key, list) else [key]
    return at in [each for each in wanted if type(each) is int] or _answer(option) in [
        " ".join(each.split()) for each in wanted if isinstance(each, str)
    ]


def _words(language: str) -> tuple[str, str, str]:
    return WORDS.get(language.split("-")[0], WORDS["en"])
