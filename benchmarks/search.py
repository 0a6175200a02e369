"""Measures one search as a learner waits for it: rights, embedding, both candidate lists, rows, scores.

Fills a real embedded installation (SQLite and Qdrant Edge in a temporary
folder) with synthetic passages: the sample course's passages repeated, each
with its meaning moved by noise and a part of its words replaced. One course
holds a tenth of them, every other 2,000.
Run: python -m benchmarks.search [--chunks 20000 200000]
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np

import ingestion
from ingestion.chunking import chunk
from lms_core.content import text
from lms_core.content.courses.models import Course, CourseStatus, Lesson, Module
from lms_core.identity.accounts.models import User
from lms_core.kit.context import Actor, WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.enrolments.models import Enrollment
from rag.access import access_to_ask
from rag.embeddings import Embedder, projection
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import Chunk, ChunkEmbedding, CourseIndex
from rag.index.ports import Point
from rag.index.provider import IndexProvider
from rag.index.rows import changed_stats, embedding_row, keep_stats, stats_of
from rag.retrieval.languages import sparse_document
from rag.schemas import ChunkDraft, ChunkVectors, SparseVector
from rag.search import Scope, search
from workers import runtime as runtimes
from workers.runtime import Runtime

SIZES = (20_000, 200_000)
GOALS_MS = {20_000: 40, 200_000: 80}
SAMPLE_COURSE = Path(ingestion.__file__).parent / "sample_course"
_COURSE = 2_000  # chunks
_LESSON = 50  # chunks
_BATCH = 1_000
_NOISE = 0.6  # length of the noise beside a unit vector: copies are near, but never equal
_VOCABULARY = 30_000  # word ids that replaced words are drawn from, by Zipf's law
_REPLACED = 0.3  # share of a passage's words
_QUESTIONS = (
    "How do I send money with a phone?",
    "What is a variable?",
    "How can I protect my PIN from fraud?",
    "Why does a loop need a condition, and what happens when the condition never becomes false?",
    "How often should I repeat what I learned?",
    "What does a function return when nothing is returned?",
    "How is interest on a loan computed?",
    "Which steps help me to prepare for an exam in two weeks?",
)
Row = tuple[str, str, str]  # measure, value, goal


@dataclass(frozen=True, slots=True)
class Passage:
    """A real passage that copies are made of."""

    draft: ChunkDraft
    vectors: ChunkVectors
    terms: SparseVector


@contextmanager
def installation() -> Iterator[Runtime]:
    """An embedded installation in a temporary folder, its jobs at rest."""
    with tempfile.TemporaryDirectory(prefix="mwalimu-bench-") as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), log_level="WARNING", embedding_threads=2)
        runtime = runtimes.build(settings, run_jobs=False)
        try:
            yield runtime
        finally:
            runtime.stop()


def add_course(ctx: WriteCtx, *, lessons: int) -> tuple[UUID, list[UUID]]:
    """A published course of empty lessons: its id and theirs."""
    times = {"created_at": ctx.now, "updated_at": ctx.now}
    course = ctx.add(Course(slug=new_id().hex, title="Bench", status=CourseStatus.PUBLISHED, **times))
    module = ctx.add(Module(course_id=course.id, position=0, title="Bench"))
    rows = [
        Lesson(course_id=course.id, module_id=module.id, position=place, title=f"Lesson {place}", **times)
        for place in range(lessons)
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()
    return course.id, [row.id for row in rows]


def run(sizes: Sequence[int] = SIZES) -> list[Row]:
    """Fill one installation up to each size in turn and search it."""
    rows: list[Row] = []
    with installation() as runtime:
        assert runtime.console is not None
        learner = _learner(runtime, runtime.console.tenant_id)
        embedder = runtime.resources.get(EmbedderProvider).get()
        passages = _passages(embedder)
        courses: list[UUID] = []
        held = 0
        for size in sizes:
            for count in (size // 10, *[_COURSE] * ((size - held - size // 10) // _COURSE)):
                courses.append(_fill(runtime, learner, passages, count=count, seed=len(courses)))
            held = size
            rows += _measured(runtime, learner, courses, size=size)
    return rows


def _learner(runtime: Runtime, tenant_id: UUID) -> Actor:
    with runtime.database.write(system_actor(tenant_id)) as ctx:
        email = "bench@example.org"
        user = ctx.add(User(email=email, email_key=email, full_name="Bench", created_at=ctx.now))
    return Actor(tenant_id=tenant_id, user_id=user.id, roles=frozenset({Role.LEARNER}))


def _passages(embedder: Embedder) -> list[Passage]:
    drafts = [
        draft
        for path in sorted(SAMPLE_COURSE.rglob("*.md"))
        for draft in chunk(text.blocks(path.read_text("utf-8")), title=path.stem, count_tokens=embedder.count_tokens)
    ]
    vectors = embedder.embed_chunks(drafts)
    return [
        Passage(draft, vector, sparse_document(draft.text, "en", draft.prefix))
        for draft, vector in zip(drafts, vectors, strict=True)
    ]


def _fill(runtime: Runtime, learner: Actor, passages: Sequence[Passage], *, count: int, seed: int) -> UUID:
    """A course of `count` chunks that the learner is enrolled in, with rows, points and statistics."""
    chance = np.random.default_rng(seed)
    embedder = runtime.resources.get(EmbedderProvider).get()
    index = runtime.resources.get(IndexProvider).get(embedder)
    actor = system_actor(learner.tenant_id)
    with runtime.database.write(actor) as ctx:
        course_id, lessons = add_course(ctx, lessons=-(-count // _LESSON))
        ctx.add(Enrollment(user_id=learner.user_id, course_id=course_id, enrolled_at=ctx.now))
        statistics = CourseIndex(course_id=course_id, space=embedder.space, updated_at=ctx.now, threshold=0.5)
        stats = stats_of(None)
        for first in range(0, count, _BATCH):
            places = range(first, min(first + _BATCH, count))
            copies = [_copy(passages[place % len(passages)], chance) for place in places]
            ids = [new_id() for _ in copies]
            owners = [lessons[place // _LESSON] for place in places]
            index.upsert(
                [
                    Point(id_, actor.tenant_id, course_id, lesson, "en", True, copy.vectors.dense, copy.terms)
                    for id_, lesson, copy in zip(ids, owners, copies, strict=True)
                ]
            )
            embeddings = [
                embedding_row(id_, embedder.space, copy.vectors, copy.terms)
                for id_, copy in zip(ids, copies, strict=True)
            ]
            _insert_rows(ctx, course_id, ids, owners, copies, embeddings)
            stats = changed_stats(stats, added=embeddings, removed=[])
        keep_stats(statistics, stats)
        ctx.add(statistics)
    return course_id


def _copy(passage: Passage, chance: np.random.Generator) -> Passage:
    vectors, terms = passage.vectors, passage.terms
    moved = vectors.dense + chance.standard_normal(len(vectors.dense)) * (_NOISE / len(vectors.dense) ** 0.5)
    ids = terms.ids.copy()
    replaced = chance.random(len(ids)) < _REPLACED
    ids[replaced] = np.minimum(chance.zipf(1.3, int(replaced.sum())), _VOCABULARY)
    ids, places = np.unique(ids, return_index=True)
    dense = projection.unit(moved).astype(np.float32)
    return Passage(
        passage.draft,
        ChunkVectors(dense, vectors.sentences, vectors.tokens, vectors.pieces),
        SparseVector(ids, terms.weights[places]),
    )


def _insert_rows(
    ctx: WriteCtx,
    course_id: UUID,
    ids: Sequence[UUID],
    lessons: Sequence[UUID],
    copies: Sequence[Passage],
    embeddings: Sequence[ChunkEmbedding],
) -> None:
    """Store the rows and forget them, so that a library does not stay in memory."""
    ctx.session.add_all(
        Chunk(
            id=id_,
            course_id=course_id,
            lesson_id=lesson,
            version=1,
            ordinal=place,
            language="en",
            text=copy.draft.text,
            prefix=copy.draft.prefix,
            heading_path=list(copy.draft.heading_path),
            anchor=copy.draft.anchor,
            spans=[[sentence.start, sentence.end, sentence.kind] for sentence in copy.draft.sentences],
            content_hash=copy.draft.content_hash,
        )
        for place, (id_, lesson, copy) in enumerate(zip(ids, lessons, copies, strict=True))
    )
    ctx.session.flush()
    ctx.session.add_all(embeddings)
    ctx.session.flush()
    ctx.session.expunge_all()


def _measured(runtime: Runtime, learner: Actor, courses: Sequence[UUID], *, size: int) -> list[Row]:
    """Questions asked one after another, half of them in the largest course, each of the others in turn."""
    asked = 200
    largest, others = courses[-1 - (size - size // 10) // _COURSE] if len(courses) > 1 else courses[0], courses
    spent: list[float] = []
    stages: dict[str, list[float]] = {}
    for turn in range(-20, asked):  # the first ones warm caches up, as a running server's are
        course_id = largest if turn % 2 else others[turn // 2 % len(others)]
        # A number makes every question new, so that no cache of questions helps.
        question = f"{_QUESTIONS[turn % len(_QUESTIONS)]} ({turn + 100})"
        started = time.perf_counter()
        with runtime.database.read(learner) as ctx:
            access = access_to_ask(ctx, course=str(course_id))
            scope = Scope(tenant_id=ctx.tenant_id, course_id=access.course_id)
            rights = (time.perf_counter() - started) * 1000
            found = search(ctx, question=question, scope=scope)
        if turn >= 0:
            spent.append((time.perf_counter() - started) * 1000)
            for stage, milliseconds in {"rights": rights, **found.timings_ms}.items():
                stages.setdefault(stage, []).append(milliseconds)
    goal = f"< {GOALS_MS[size]} ms" if size in GOALS_MS else ""
    parts = ", ".join(f"{stage} {np.percentile(each, 50):.1f}" for stage, each in stages.items())
    return [
        (f"search at {size:,} chunks, p95", f"{np.percentile(spent, 95):.1f} ms", goal),
        (f"search at {size:,} chunks, p50", f"{np.percentile(spent, 50):.1f} ms ({parts})", ""),
    ]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=SIZES)
    for measure, value, goal in run(parser.parse_args().chunks):
        print(f"{measure:40} {value:20} {goal}")


if __name__ == "__main__":
    main()
