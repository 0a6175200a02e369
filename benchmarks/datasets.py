"""The public retrieval benchmarks and the visible question set, read into one shape.

Owns the reading of SQuAD, XQuAD, Cranfield, AfriQA and the course questions
from the shared data folder; knows nothing of embedding, ranking or measures.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from rag.schemas import ChunkDraft, Sentence

SHARED = Path(os.environ.get("MWALIMU_SHARED_DIR", Path(__file__).resolve().parents[2] / "shared"))
WORDS_PER_CHUNK = 150
_SENTENCE_END = re.compile(r"(?<=[.!?؟।。！？])[\"')\]]*(?:\s+|(?<=[。！？]))|\n+")
_HEADING = re.compile(r"^(#{1,6})\s+(.*)")
_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+(.*)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


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
    drafts, documents, questions = [], [], []
    for article in json.loads(_existing(path).read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            document = f"p{len(drafts)}"
            drafts.append(_passage(paragraph["context"].strip("﻿ \n"), ordinal=len(drafts)))
            documents.append(document)
            questions += [Question(text=qa["question"].strip("﻿ "), relevant={document: 1}) for qa in paragraph["qas"]]
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
    drafts, documents = [], []
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


def course_questions() -> Dataset:
    """The IoT course's English lessons in chunks of about 150 words, with its 60 questions."""
    folder = _existing("data/courses/iot-for-beginners")
    drafts: list[ChunkDraft] = []
    documents: list[str] = []
    for path in sorted(folder.rglob("*.md")):
        relative = path.relative_to(folder).as_posix()
        if relative.startswith("translations/") or "/translations/" in relative:
            continue
        chunks = markdown_chunks(path.read_text("utf-8", errors="replace"), first=len(drafts))
        drafts += chunks
        documents += [relative] * len(chunks)
    questions = tuple(
        Question(
            row["question"],
            dict.fromkeys(row["expected_lesson_paths"], 1),
            row["variant"],
            tuple(row["answer_facts"]),
        )
        for row in _rows(_existing("data/questions/iot-for-beginners.jsonl"))
    )
    return Dataset("iot", "en", tuple(drafts), tuple(documents), questions)


def markdown_chunks(markdown: str, *, first: int = 0) -> list[ChunkDraft]:
    """A plain splitter for measurement: blocks under one heading, packed to about 150 words."""
    chunks: list[ChunkDraft] = []
    headings: list[str] = []
    blocks: list[tuple[str, str]] = []

    def flush() -> None:
        if blocks:
            chunks.append(_chunk(list(blocks), headings, ordinal=first + len(chunks)))
            blocks.clear()

    for kind, text, level in _blocks(markdown):
        if kind == "heading":
            flush()
            del headings[level - 1 :]
            headings.append(text)
            continue
        if sum(len(body.split()) for _, body in blocks) + len(text.split()) > WORDS_PER_CHUNK:
            flush()
        blocks.append((kind, text))
    flush()
    return chunks


def _blocks(markdown: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    code: list[str] | None = None
    paragraph: list[str] = []

    def end_paragraph() -> None:
        if paragraph:
            found.append(("paragraph", " ".join(paragraph), 0))
            paragraph.clear()

    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            end_paragraph()
            if code:
                found.append(("code", "\n".join(code), 0))
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif not line.strip():
            end_paragraph()
        elif heading := _HEADING.match(line):
            end_paragraph()
            found.append(("heading", _plain(heading[2]), len(heading[1])))
        elif item := _LIST_ITEM.match(line):
            end_paragraph()
            found.append(("list_item", _plain(item[1]), 0))
        else:
            paragraph.append(_plain(line.lstrip("> ").strip()))
    end_paragraph()
    return [block for block in found if block[1].strip()]


def _plain(text: str) -> str:
    return re.sub(r"[*`]|</?\w+[^>]*>", "", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))).strip()


def _chunk(blocks: list[tuple[str, str]], headings: list[str], *, ordinal: int) -> ChunkDraft:
    text = "\n".join(body for _, body in blocks)
    sentences: list[Sentence] = []
    position = 0
    for kind, body in blocks:
        spans = [(0, len(body))] if kind == "code" else _spans(body)
        sentences += [Sentence(position + start, position + end, kind) for start, end in spans]
        position += len(body) + 1
    return _draft(text, " > ".join(headings), tuple(sentences), tuple(headings), ordinal)


def _passage(text: str, *, ordinal: int) -> ChunkDraft:
    sentences = tuple(Sentence(start, end, "paragraph") for start, end in _spans(text))
    return _draft(text, "", sentences, (), ordinal)


def _draft(
    text: str, prefix: str, sentences: tuple[Sentence, ...], headings: tuple[str, ...], ordinal: int
) -> ChunkDraft:
    digest = hashlib.sha256(f"{prefix}\0{text}\0{sentences}".encode()).hexdigest()
    return ChunkDraft(ordinal, text, prefix, sentences, headings, None, None, None, digest)


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


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
