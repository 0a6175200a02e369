"""Quiz files beside lessons: JSON lists of questions with marked answers, as readable practice questions."""

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.readers.text import decode, escape
from ingestion.sources.schemas import LessonDraft

MAX_BYTES = 5_000_000
LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?$", re.I)
WORDS = {
    "en": ("Question", "Show the answer"),
    "sw": ("Swali", "Onyesha jibu"),
    "fr": ("Question", "Voir la réponse"),
}


@dataclass(frozen=True, slots=True)
class QuizFile:
    """One quiz file: its own title and its quizzes."""

    path: str
    title: str
    language: str
    quizzes: tuple[LessonDraft, ...]


def read_quizzes(path: str, file: Path, *, language: str) -> QuizFile | None:
    """The quizzes in a JSON file, or None when it holds something else."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return None
        data = json.loads(decode(file.read_bytes()))
    except Exception as error:
        if isinstance(error, (ValueError, RecursionError, OSError)) or hasattr(error, "code"):
            return None
        raise
    top = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else data
    if not isinstance(top, dict):
        return None
    stem = PurePosixPath(path).stem
    own = stem.lower().replace("_", "-") if LANGUAGE.fullmatch(stem) and len(stem) <= 5 else language
    listed = top.get("quizzes") if isinstance(top.get("quizzes"), list) else [top]
    quizzes = tuple(
        lesson for number, quiz in enumerate(listed or [], 1) if (lesson := _quiz(path, quiz, number, own)) is not None
    )
    return QuizFile(path, str(top.get("title") or "Quizzes"), own, quizzes) if quizzes else None


def _quiz(path: str, quiz: Any, number: int, language: str) -> LessonDraft | None:
    if not isinstance(quiz, dict):
        return None
    questions = quiz.get("quiz") or quiz.get("questions")
    if not isinstance(questions, list):
        return None
    written = [text for at, question in enumerate(questions, 1) if (text := _question(question, at, language))]
    if not written:
        return None
    title = str(quiz.get("title") or f"Quiz {number}")
    body = "\n\n".join([f"# {escape(title)}", *written]) + "\n"
    return LessonDraft(f"{path}/{quiz.get('id', number)}", title, body, language, "quiz", None, (path,))


def _question(question: Any, number: int, language: str) -> str:
    if not isinstance(question, dict):
        return ""
    text = question.get("questionText") or question.get("question") or question.get("text")
    options = question.get("answerOptions") or question.get("answers") or question.get("options")
    if not isinstance(text, str) or not isinstance(options, list):
        return ""
    answers = [(_answer(option), _is_correct(option)) for option in options]
    if not any(correct for _, correct in answers):
        return ""
    label, show = WORDS.get(language.split("-")[0], WORDS["en"])
    choices = "\n".join(f"- {escape(answer)}" for answer, _ in answers)
    correct = "\n".join(f"- {escape(answer)}" for answer, right in answers if right)
    details = f"<details>\n<summary>{show}</summary>\n\n{correct}\n\n</details>"
    return f"## {label} {number}\n\n{escape(text)}\n\n{choices}\n\n{details}"


def _answer(option: Any) -> str:
    return str(option.get("answerText") or option.get("text") or "") if isinstance(option, dict) else str(option)


def _is_correct(option: Any) -> bool:
    flag = option.get("isCorrect", option.get("correct")) if isinstance(option, dict) else None
    return flag is True or str(flag).lower() == "true"
