"""The public retrieval benchmarks and the visible question set, read into one shape.

Owns the reading of SQuAD, XQuAD, Cranfield, AfriQA and the course questions
from the shared data folder and of the sample course; courses are read and cut
by the product's own code. Knows nothing of embedding, ranking or measures.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ingestion
from ingestion.chunking import chunk
from ingestion.sources import open_source
from lms_core.content.text import blocks
from rag.schemas import ChunkDraft, Sentence

SHARED = Path(os.environ.get("MWALIMU_SHARED_DIR", Path(__file__).resolve().parents[2] / "shared"))
_SENTENCE_END = re.compile(r"(?<=[.!?؟।。！？])[\"')\]]*(?:\s+|(?<=[。！？]))|\n+")


class DatasetMissing(Exception):
    """The benchmark's files are not on this machine; the message names the path."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the documents that answer it (id to grade) and its variant (plain, paraphrase, swahili, oos)."""

    text: str
    relevant: dict[str, int]
    variant: str = "plain"
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """`documents[i]` is the id that chunk `drafts[i]` counts for."""

    name: str
    language: str
    drafts: tuple[ChunkDraft, ...]
    documents: tuple[str, ...]
    questions: tuple[Question, ...]


def squad(path: str = "data/benchmarks/squad/dev-v1.1.visible.json", *, language: str = "en") -> Dataset:
    """SQuAD 1.1 layout (also XQuAD): every paragraph is one passage; a question's own paragraph is right."""
    drafts: list[ChunkDraft] = []
    documents: list[str] = []
    questions: list[Question] = []
    for article in json.loads(_existing(path).read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            document = f"p{len(drafts)}"
            drafts.append(_passage(paragraph["context"].strip("﻿ \n"), ordinal=len(drafts)))
            documents.append(document)
            for qa in paragraph["qas"]:
                facts = tuple(dict.fromkeys(answer["text"] for answer in qa["answers"]))
                questions.append(Question(qa["question"].strip("\ufeff "), {document: 1}, facts=facts))
    return Dataset(Path(path).stem, language, tuple(drafts), tuple(documents), tuple(questions))


def squad_articles(path: str = "data/benchmarks/squad/dev-v1.1.visible.json") -> list[str]:
    """The article title of each passage of `squad()`, in the same order."""
    articles = json.loads(_existing(path).read_text("utf-8"))["data"]
    return [article["title"] for article in articles for _ in article["paragraphs"]]


def xquad(language: str) -> Dataset:
    """XQuAD, questions and passages both in `language`."""
    return squad(f"data/benchmarks/xquad/xquad.{language}.visible.json", language=language)


def cranfield() -> Dataset:
    """Cranfield: 1,400 abstracts, 225 long questions, judgements taken as gain 1."""
    folder = _existing("data/benchmarks/cranfield")
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels/test.tsv").read_text("utf-8").splitlines()[1:]:
        question, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(question, {})[document] = 1
    drafts: list[ChunkDraft] = []
    documents: list[str] = []
    for row in _rows(folder / "corpus.jsonl"):
        drafts.append(_passage(row["text"] or row["title"] or "-", ordinal=len(drafts)))
        documents.append(row["_id"])
    questions = tuple(
        Question(row["text"], relevant[row["_id"]]) for row in _rows(folder / "queries.jsonl") if row["_id"] in relevant
    )
    return Dataset("cranfield", "en", tuple(drafts), tuple(documents), questions)


def afriqa(*, english: bool = False) -> Dataset:
    """AfriQA: Swahili questions (or their human translation) over English passages."""
    rows = _rows(_existing("data/benchmarks/afriqa-swa/gold_span_passages.swa.en.test.visible.jsonl"))
    passages: dict[str, str] = {}
    questions = []
    for row in rows:
        document = passages.setdefault(row["context"], f"p{len(passages)}")
        text = row["question_translated"] if english else row["question_lang"]
        questions.append(Question(text, {document: 1}, "plain" if english else "swahili"))
    drafts = tuple(_passage(text, ordinal=number) for number, text in enumerate(passages))
    return Dataset("afriqa", "en", drafts, tuple(passages.values()), tuple(questions))


def afriqa_train_questions() -> list[tuple[str, str]]:
    """(Swahili question, human English translation) pairs without passages."""
    rows = _rows(_existing("data/benchmarks/afriqa-swa/queries.swa.en.train.jsonl"))
    return [(row["question"], row["translated_question"]) for row in rows]


def iot_course(count_tokens: Callable[[str], int], *, max_tokens: int) -> Dataset:
    """The IoT course's English lessons, read and cut as the service does, with its 60 questions.

    `count_tokens` and `max_tokens` are the embedding model's.
    """
    questions = _existing("data/questions/iot-for-beginners.jsonl")
    folder = _existing("data/courses/iot-for-beginners")
    return _course("iot", folder, questions, count_tokens=count_tokens, max_tokens=max_tokens)


def sample_course(count_tokens: Callable[[str], int], *, max_tokens: int) -> Dataset:
    """The project's own sample course in English with its questions, otherwise as `iot_course`."""
    folder = Path(ingestion.__file__).parent / "sample_course"
    return _course("sample", folder, folder / "questions.jsonl", count_tokens=count_tokens, max_tokens=max_tokens)


def _course(
    name: str, folder: Path, questions: Path, *, count_tokens: Callable[[str], int], max_tokens: int
) -> Dataset:
    drafts: list[ChunkDraft] = []
    documents: list[str] = []
    lessons = [lesson for module in open_source(folder).modules for lesson in module.lessons]
    for lesson in lessons:
        if lesson.language == "en" and lesson.translation_of is None and lesson.kind != "quiz":
            read = blocks(lesson.body)
            cut = chunk(read, title=lesson.title, count_tokens=count_tokens, max_tokens=max_tokens)
            drafts += [replace(draft, ordinal=len(drafts) + number) for number, draft in enumerate(cut)]
            documents += [lesson.source_path] * len(cut)
    asked = tuple(
        Question(
            row["question"],
            dict.fromkeys(row["expected_lesson_paths"], 1),
            row["variant"],
            tuple(row["answer_facts"]),
        )
        for row in _rows(questions)
    )
    return Dataset(name, "en", tuple(drafts), tuple(documents), asked)


def _passage(text: str, *, ordinal: int) -> ChunkDraft:
    sentences = tuple(Sentence(start, end, "paragraph") for start, end in _spans(text))
    digest = hashlib.sha256(f"{text}\0{sentences}".encode()).hexdigest()
    return ChunkDraft(ordinal, text, "", sentences, (), None, None, None, digest)


def _spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.end() if match else len(text)
        body = text[start:end]
        if body.strip():
            left = start + len(body) - len(body.lstrip())
            spans.append((left, left + len(body.strip())))
        start = end
    return spans


def _existing(path: str) -> Path:
    found = SHARED / path
    if not found.exists():
        raise DatasetMissing(f"{path} is not in the shared data folder (set MWALIMU_SHARED_DIR)")
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
