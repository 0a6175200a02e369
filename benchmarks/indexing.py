"""Measures indexing against what a developer would otherwise write, on the same files in the same run.

The other side is LangChain's recursive splitter, HuggingFaceEmbeddings and
Qdrant's local mode at their defaults (with this project's weights, so that the
model is the same), once with the splitter's own 4,000 characters and once with
the tutorials' 1,000 and 200. The model cuts what is longer than its window, so
only characters of the source that really reach it count for either side. Ours
is what the product does for lessons that wait together: blocks, chunks, chunk,
sentence and token vectors, term weights, the index, the rows.
Run: python -m benchmarks.indexing [--files DIR]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.datasets import SHARED
from benchmarks.search import SAMPLE_COURSE, add_course, installation
from ingestion.chunking import chunk
from lms_core.content import text
from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import new_job
from rag.embeddings import weights
from rag.embeddings.provider import EmbedderProvider
from rag.index import indexing
from rag.index.indexing import LessonText
from workers.runtime import Runtime

GOAL = 2.5
THREADS = 2
REAL_COURSE = "data/courses/iot-for-beginners"
ROUNDS = 3  # the best of each side counts: other programs only ever slow one down
LONGEST = 150_000  # characters
DEFAULT_SPLITTER: dict[str, int] = {}
TUTORIAL_SPLITTER = {"chunk_size": 1000, "chunk_overlap": 200}
Row = tuple[str, str, str]  # measure, value, goal


@dataclass(frozen=True, slots=True)
class Speed:
    """Characters of the source that reached the model, and the best round's seconds."""

    characters: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Characters a second."""
        return self.characters / self.seconds


def run() -> list[Row]:
    """Both ways, over a real course where the shared data is, and over the sample course, half of it in Swahili."""
    real = SHARED / REAL_COURSE
    found = [*compared(real, "a real course")] if real.is_dir() else []
    return [*found, *compared(SAMPLE_COURSE, "the sample course")]


def compared(files: Path, name: str) -> list[Row]:
    """Index the Markdown files under `files` both ways."""
    sources = _sources(files)
    with installation() as runtime:
        ours, plain = _ours(runtime, sources)
    tutorial = _langchain(sources, TUTORIAL_SPLITTER)
    default = _langchain(sources, DEFAULT_SPLITTER)
    whole = sum(map(len, sources))
    return [
        (f"indexing {name}, ours", _shown(ours), ""),
        ("  LangChain 1,000/200", _shown(tutorial), ""),
        ("  LangChain defaults", f"{_shown(default)}, {default.characters / whole:.0%} of the text embedded", ""),
        ("  ours / LangChain 1,000/200", f"{ours.per_second / tutorial.per_second:.2f}", f">= {GOAL}"),
        ("  ours / LangChain defaults", f"{ours.per_second / default.per_second:.2f}", f">= {GOAL}"),
        # A reader's text is shorter than its Markdown (addresses of links, markup): the strictest count.
        ("  our text without markup / 1,000/200", f"{plain / ours.seconds / tutorial.per_second:.2f}", ""),
    ]


def _shown(speed: Speed) -> str:
    return f"{speed.per_second:,.0f} characters/s"


def _sources(folder: Path) -> list[str]:
    """Texts of the folder's Markdown files, up to LONGEST characters together."""
    sources: list[str] = []
    for path in sorted(folder.rglob("*.md")):
        sources.append(path.read_text("utf-8"))
        if sum(map(len, sources)) > LONGEST:
            break
    return sources


def _best(work: Callable[[], None]) -> float:
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def _ours(runtime: Runtime, sources: Sequence[str]) -> tuple[Speed, int]:
    """The product's speed, and the characters of text without markup that it embedded."""
    assert runtime.console is not None
    actor = system_actor(runtime.console.tenant_id)
    embedder = runtime.resources.get(EmbedderProvider).get()
    embedder.embed_question("warm")
    embedded = 0

    def index() -> None:
        nonlocal embedded
        embedded = 0
        with runtime.database.write(actor) as ctx:  # a course of its own each round, so that nothing is known yet
            course_id, lessons = add_course(ctx, lessons=len(sources))
            job = new_job("ingestion.index_lesson", {}, tenant_id=actor.tenant_id, now=ctx.now)
        work = Work(runtime.database, job)
        waiting: list[LessonText] = []
        for lesson_id, source in zip(lessons, sources, strict=True):
            drafts = chunk(
                text.blocks(source),
                title="Lesson",
                count_tokens=embedder.count_tokens,
                max_tokens=embedder.max_tokens,
            )
            embedded += sum(len(draft.text) for draft in drafts)
            if waiting and sum(len(each.drafts) for each in waiting) + len(drafts) > indexing.CHUNKS_PER_RUN:
                indexing.index_lessons(work, waiting, is_current=lambda *_: True)
                waiting = []
            waiting.append(LessonText(actor.tenant_id, course_id, lesson_id, 1, "en", drafts))
        indexing.index_lessons(work, waiting, is_current=lambda *_: True)

    seconds = _best(index)
    return Speed(sum(map(len, sources)), seconds), embedded


def _langchain(sources: Sequence[str], splitter_options: dict[str, int]) -> Speed:
    # Imported here: these libraries serve this comparison alone.
    import torch
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_qdrant import QdrantVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    torch.set_num_threads(THREADS)
    model = HuggingFaceEmbeddings(model_name=str(weights.folder(weights.DEFAULT_MODEL, models_dir=None)))
    model.embed_query("warm")
    splitter = RecursiveCharacterTextSplitter(**splitter_options, add_start_index=True)
    documents = [Document(page_content=source, metadata={"source": place}) for place, source in enumerate(sources)]

    def index() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = QdrantVectorStore.from_documents(
                splitter.split_documents(documents), model, path=folder, collection_name=uuid4().hex
            )
            store.client.close()

    seconds = _best(index)
    return Speed(_read_by_the_model(splitter.split_documents(documents)), seconds)


def _read_by_the_model(pieces: Sequence[Any]) -> int:
    """Characters of the sources inside the window of at least one piece; overlaps count once."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights.folder(weights.DEFAULT_MODEL, models_dir=None) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    covered: dict[int, set[int]] = {}
    for piece in pieces:
        start = piece.metadata["start_index"]
        last = max((end for _, end in tokenizer.encode(piece.page_content).offsets), default=0)
        covered.setdefault(piece.metadata["source"], set()).update(range(start, start + last))
    return sum(map(len, covered.values()))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, default=SAMPLE_COURSE)
    for measure, value, goal in compared(parser.parse_args().files, "the files"):
        print(f"{measure:48} {value:28} {goal}")


if __name__ == "__main__":
    main()
