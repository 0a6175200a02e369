"""Every adapter of the vector-index port behaves alike; the embedded one also survives kill -9.

Runs against Qdrant Edge, the client's in-memory mode, and a real server when QDRANT_URL is set.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import numpy as np
import pytest

from rag.index import Filter, IndexLocked, Point, SpaceMismatch, VectorIndex, open_index
from rag.schemas import FloatArray, SparseVector

DIM = 16
TENANT, OTHER_TENANT = uuid4(), uuid4()
COURSE, LESSON, LESSON_2 = uuid4(), uuid4(), uuid4()
Opener = Callable[[str], VectorIndex]
KINDS = ["edge", "memory", *(["server"] if os.environ.get("QDRANT_URL") else [])]


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    space = f"test-{uuid4()}"
    if request.param == "edge":
        opened = open_index("edge", tmp_path, space)
    else:
        opened = open_index("server", ":memory:" if request.param == "memory" else os.environ["QDRANT_URL"], space)
    yield opened
    opened.close()


def dense(seed: int) -> FloatArray:
    vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return vector / np.linalg.norm(vector)


def sparse(weights: dict[int, float]) -> SparseVector:
    ids = sorted(weights)
    return SparseVector(np.array(ids, np.uint32), np.array([weights[i] for i in ids], np.float32))


def point(seed: int, **changes: object) -> Point:
    fields: dict[str, object] = {
        "chunk_id": uuid5(COURSE, str(seed)),
        "tenant_id": TENANT,
        "course_id": COURSE,
        "lesson_id": LESSON,
        "language": "en",
        "published": True,
        "dense": dense(seed),
        "sparse": sparse({seed: 1.0, 4_000_000_000: 0.5}),
    }
    return Point(**(fields | changes))  # type: ignore[arg-type]


def nearest(index: VectorIndex, seed: int, where: Filter, limit: int = 10) -> list[UUID]:
    return [i for i, _ in index.search(dense=dense(seed), sparse=None, where=where, limit=limit).dense]


ALL = Filter(tenant_id=TENANT)


def test_finds_by_meaning_and_by_words(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(i) for i in range(20)])
    found = index.search(dense=dense(3), sparse=sparse({7: 2.0, 8: 1.0}), where=ALL, limit=5)
    assert found.dense[0][0] == point(3).chunk_id
    assert found.dense[0][1] == pytest.approx(1.0, abs=1e-4)
    assert found.sparse == [(point(7).chunk_id, pytest.approx(2.0)), (point(8).chunk_id, pytest.approx(1.0))]


def test_same_chunk_again_replaces_it(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(1)])
    index.upsert([point(1, dense=dense(99), sparse=sparse({5: 1.0}))])
    assert index.count(ALL) == 1
    found = index.search(dense=dense(99), sparse=sparse({1: 1.0}), where=ALL, limit=5)
    assert found.dense[0][1] == pytest.approx(1.0, abs=1e-4)
    assert found.sparse == []


def test_deleted_lesson_disappears_at_once(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(i, lesson_id=LESSON if i % 2 else LESSON_2) for i in range(10)])
    index.delete(Filter(tenant_id=TENANT, lessons=frozenset({LESSON})))
    assert index.count(ALL) == 5
    assert point(1).chunk_id not in nearest(index, 1, ALL)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"tenant_id": OTHER_TENANT}, {}),
        ({"course_id": LESSON_2}, {"course_id": COURSE}),
        ({"lesson_id": LESSON_2}, {"lessons": frozenset({LESSON})}),
        ({"lesson_id": LESSON_2}, {"without_lessons": frozenset({LESSON_2})}),
        ({}, {"chunks": frozenset({uuid5(COURSE, "1")})}),
        ({"language": "sw"}, {"languages": frozenset({"en", "fr"})}),
        ({"published": False}, {"published": True}),
    ],
)
def test_filters_hold_in_search_count_and_delete(
    index: VectorIndex, change: dict[str, object], where: dict[str, object]
) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(1), point(2, **change)])
    narrowed = Filter(tenant_id=TENANT, **where)  # type: ignore[arg-type]
    assert nearest(index, 2, narrowed) == [point(1).chunk_id]
    found = index.search(dense=None, sparse=sparse({4_000_000_000: 1.0}), where=narrowed, limit=5)
    assert [i for i, _ in found.sparse] == [point(1).chunk_id]
    assert index.count(narrowed) == 1
    index.delete(narrowed)
    remaining = index.count(ALL) + index.count(Filter(tenant_id=OTHER_TENANT))
    assert remaining == 1


def test_an_empty_choice_of_lessons_matches_nothing(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(1)])
    nothing = Filter(tenant_id=TENANT, lessons=frozenset())
    assert nearest(index, 1, nothing) == []
    index.delete(nothing)
    assert index.count(ALL) == 1


def test_an_index_without_points_answers(index: VectorIndex) -> None:
    assert index.count(ALL) == 0
    assert nearest(index, 1, ALL) == []
    index.delete(ALL)
    index.ensure(index.space, DIM)
    found = index.search(dense=dense(1), sparse=sparse({}), where=ALL, limit=5)
    assert (found.dense, found.sparse) == ([], [])


def test_spaces_are_never_mixed(index: VectorIndex) -> None:
    with pytest.raises(SpaceMismatch, match="re-index"):
        index.ensure("another model", DIM)
    index.ensure(index.space, DIM)
    with pytest.raises(SpaceMismatch, match="dimensions"):
        index.ensure(index.space, DIM + 1)
    with pytest.raises(SpaceMismatch, match="embed the chunk again"):
        index.upsert([point(1, dense=np.ones(3, np.float32))])
    with pytest.raises(SpaceMismatch, match="in use"):
        index.drop(index.space)
    assert index.spaces().count(index.space) == 1


def test_languages_may_be_any_text(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    index.upsert([point(1, language="x-🦁-عربي")])
    assert index.count(Filter(tenant_id=TENANT, languages=frozenset({"x-🦁-عربي"}))) == 1


def test_two_thousand_points_from_four_threads(index: VectorIndex) -> None:
    index.ensure(index.space, DIM)
    jobs = [threading.Thread(target=index.upsert, args=([point(i) for i in range(k, 2000, 4)],)) for k in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert index.count(ALL) == 2000
    assert nearest(index, 1234, ALL)[0] == point(1234).chunk_id
    assert len(nearest(index, 1, ALL, limit=50)) == 50


def test_edge_reopens_where_it_was(tmp_path: Path) -> None:
    first = open_index("edge", tmp_path, "a")
    first.ensure("a", DIM)
    first.upsert([point(i) for i in range(5)])
    first.close()
    again = open_index("edge", tmp_path, "a")
    assert again.count(ALL) == 5
    assert nearest(again, 2, ALL)[0] == point(2).chunk_id
    again.close()


def test_edge_builds_a_new_space_beside_the_old(tmp_path: Path) -> None:
    old, new = open_index("edge", tmp_path, "model/one"), open_index("edge", tmp_path, "model/two")
    old.ensure("model/one", DIM)
    new.ensure("model/two", DIM)
    old.upsert([point(1)])
    assert (old.count(ALL), new.count(ALL)) == (1, 0)
    assert new.spaces() == ["model/one", "model/two"]
    with pytest.raises(IndexLocked):
        new.drop("model/one")
    old.close()
    new.drop("model/one")
    assert new.spaces() == ["model/two"]
    new.close()


WRITER = """
import sys, time
sys.path.insert(0, {root!r})
from tests.rag.test_index_conformance import DIM, point
from rag.index import open_index
import uuid
index = open_index("edge", {folder!r}, "a")
index.ensure("a", DIM)
from dataclasses import replace
for i in range(50):
    index.upsert([replace(point(i), tenant_id=uuid.UUID({tenant!r}))])
print("written", flush=True)
time.sleep(60)
"""


def test_edge_is_locked_while_in_use_and_keeps_all_after_kill(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parents[2])
    code = WRITER.format(root=root, folder=str(tmp_path), tenant=str(TENANT))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == "written"
        with pytest.raises(IndexLocked, match="another process"):
            open_index("edge", tmp_path, "a")
        writer.send_signal(signal.SIGKILL)
    survivor = open_index("edge", tmp_path, "a")
    assert survivor.count(ALL) == 50
    survivor.upsert([point(99)])
    assert survivor.count(ALL) == 51
    survivor.close()
