"""Freshness: what a lesson says now answers, what it said before or elsewhere never does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from ingestion.lessons.jobs import CATCH_UP_JOB, catch_up
from ingestion.lessons.models import LessonIndex
from lms_core.content.courses import service as courses
from lms_core.content.courses.models import Lesson, LessonStatus
from lms_core.content.courses.schemas import LessonEdit
from lms_core.kit.context import Actor, Interrupted, Work, system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from rag.embeddings.provider import EmbedderProvider
from rag.index import indexing
from rag.index.models import Chunk, ChunkEmbedding, CourseIndex
from rag.index.ports import Filter, VectorIndex
from rag.index.provider import IndexProvider
from rag.index.stats import profile
from rag.search import Scope, search
from tests.draining import drain
from tests.factories.assistant import BEES, embedder, farm_course, installation
from tests.factories.courses import Made
from tests.factories.people import actor_of, create_person
from workers.runtime import Runtime

HONEY = "When do I harvest honey?"


@dataclass
class Farm:
    """An installation with one indexed course; nothing runs unless the test says so."""

    runtime: Runtime
    actor: Actor
    course: Made

    def found(self, question: str, *, drafts: bool = False) -> list[str]:
        """The texts a learner's search retrieves, best first."""
        scope = Scope(tenant_id=self.actor.tenant_id, course_id=self.course.id, drafts=drafts)
        with self.runtime.database.read(self.actor) as view:
            return [hit.candidate.text for hit in search(view, question=question, scope=scope).hits]

    def lessons(self) -> dict[str, UUID]:
        with self.runtime.database.read(self.actor) as view:
            wanted = select(Lesson.source_path, Lesson.id).where(Lesson.course_id == self.course.id)
            return {str(path): lesson_id for path, lesson_id in view.session.execute(wanted)}

    def edit(self, path: str, **change: object) -> UUID:
        lesson_id = self.lessons()[path]
        with self.runtime.database.write(self.actor) as ctx:
            version = courses.read_lesson(ctx, lesson_id).version
            courses.edit_lesson(ctx, lesson_id, edit=LessonEdit(base_version=version, **change))
        return lesson_id

    def points(self, **where: object) -> int:
        return self.index.count(Filter(tenant_id=self.actor.tenant_id, **where))

    @property
    def index(self) -> VectorIndex:
        return self.runtime.resources.get(IndexProvider).get(embedder().get())

    def rows(self) -> int:
        with self.runtime.database.read(self.actor) as view:
            return len(view.session.execute(select(Chunk.id).where(Chunk.course_id == self.course.id)).all())

    def work(self) -> Work:
        now = self.runtime.database.clock.now()
        job = Job(name="test", queue="heavy", tenant_id=self.actor.tenant_id, run_at=now, created_at=now)
        return Work(self.runtime.database, job)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    built = installation(tmp_path_factory.mktemp("farm"))
    yield built
    built.stop()


@pytest.fixture
def farm(house: Runtime) -> Farm:
    instructor = create_person(house.database, role=Role.INSTRUCTOR)
    made = farm_course(house.database, instructor)
    return Farm(house, actor_of(house.database, instructor), made)  # after the course: its maker edits it


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many passages each indexing run embedded."""
    embedded: list[int] = []
    model = embedder().get()
    really = model.embed_chunks

    def counted(drafts: list, progress: object = None) -> list:
        embedded.append(len(drafts))
        return really(drafts, progress=progress)

    monkeypatch.setattr(model, "embed_chunks", counted)
    return embedded


def test_an_edit_answers_with_its_new_text_and_never_with_the_old(farm: Farm) -> None:
    assert any("in the evening" in text for text in farm.found(HONEY))
    farm.edit("farm/bees.md", body=BEES.replace("in the evening, when the bees are calm", "at dawn, with a veil"))
    assert not any("in the evening" in text for text in farm.found(HONEY)), "not even before any job ran"
    drain(farm.runtime.database)
    texts = farm.found(HONEY)
    assert any("at dawn, with a veil" in text for text in texts)
    assert not any("in the evening" in text for text in texts)
    assert farm.points(course_id=farm.course.id) == farm.rows()


def test_a_changed_passage_alone_is_embedded_again(farm: Farm, counts: list[int]) -> None:
    sections = [f"## Part {n}\n\n" + f"The plough of part {n} turns the red soil slowly. " * 25 for n in range(5)]
    farm.edit("farm/bees.md", body="\n\n".join(sections))
    drain(farm.runtime.database)
    whole = counts[-1]
    assert whole >= 5
    sections[2] = sections[2].replace("red soil slowly", "black soil fast")
    farm.edit("farm/bees.md", body="\n\n".join(sections))
    drain(farm.runtime.database)
    assert 1 <= counts[-1] <= whole // 2


def test_a_deleted_lesson_is_gone_at_once_and_its_points_follow(farm: Farm) -> None:
    lesson_id = farm.lessons()["farm/bees.md"]
    with farm.runtime.database.write(farm.actor) as ctx:
        courses.delete_lesson(ctx, lesson_id)
    assert not any("honey" in text for text in farm.found(HONEY, drafts=True))
    assert farm.points(lessons=frozenset({lesson_id})) > 0
    drain(farm.runtime.database)
    assert farm.points(lessons=frozenset({lesson_id})) == 0
    with farm.runtime.database.read(farm.actor) as view:
        known = profile(view, course_id=farm.course.id, space=embedder().get().space)
    assert known.stats.chunks == farm.rows()


def test_a_hidden_lesson_is_found_by_editors_alone(farm: Farm) -> None:
    farm.edit("farm/bees.md", status=LessonStatus.DRAFT)
    for _ in ("before any job ran", "after"):
        assert not any("honey" in text for text in farm.found(HONEY))
        assert any("honey" in text for text in farm.found(HONEY, drafts=True))
        drain(farm.runtime.database)
    farm.edit("farm/bees.md", status=LessonStatus.PUBLISHED)
    assert any("honey" in text for text in farm.found(HONEY))


def test_an_archived_course_is_found_by_nobody_who_learns(farm: Farm) -> None:
    with farm.runtime.database.write(farm.actor) as ctx:
        courses.archive(ctx, farm.course.id)
    assert farm.found(HONEY) == []
    drain(farm.runtime.database)
    assert farm.found(HONEY) == []


def test_a_deleted_course_leaves_no_point_behind(farm: Farm) -> None:
    with farm.runtime.database.write(farm.actor) as ctx:
        courses.archive(ctx, farm.course.id)
        courses.delete_course(ctx, farm.course.id)
    assert farm.found(HONEY, drafts=True) == []
    drain(farm.runtime.database)
    assert farm.points(course_id=farm.course.id) == 0


def test_a_lesson_that_changes_its_language_alone_is_indexed_anew(farm: Farm) -> None:
    lesson_id = farm.lessons()["farm/bees.md"]
    with farm.runtime.database.write(farm.actor) as ctx:
        ctx.session.execute(update(Lesson).where(Lesson.id == lesson_id).values(language="sw"))
        ctx.enqueue("ingestion.index_lesson", lesson_id=str(lesson_id))
    drain(farm.runtime.database)
    with farm.runtime.database.read(farm.actor) as view:
        stored = set(view.session.execute(select(Chunk.language).where(Chunk.lesson_id == lesson_id)).scalars())
    assert stored == {"sw"}
    of_lesson = frozenset({lesson_id})
    assert farm.points(lessons=of_lesson, languages=frozenset({"en"})) == 0
    assert farm.points(lessons=of_lesson, languages=frozenset({"sw"})) > 0


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", ["_move_kept", "_mark"])
def test_a_crash_anywhere_is_mended_by_the_next_run(farm: Farm, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingestion.lessons import jobs as lesson_jobs

    def killed(*_args: object, **_more: object) -> None:
        raise Killed

    where = indexing if at == "_move_kept" else lesson_jobs
    lesson_id = farm.edit("farm/bees.md", body=BEES.replace("in the evening", "at dawn"))
    with monkeypatch.context() as patched:
        patched.setattr(where, at, killed)
        with pytest.raises(Killed):
            lesson_jobs.index_lesson(farm.work(), lesson_id=str(lesson_id))
    assert not any("in the evening" in text for text in farm.found(HONEY))
    drain(farm.runtime.database)
    assert any("at dawn" in text for text in farm.found(HONEY))
    assert farm.points(course_id=farm.course.id) == farm.rows()


def test_lessons_that_wait_together_share_one_run(farm: Farm, counts: list[int]) -> None:
    for path in farm.lessons():
        farm.edit(path, body=f"# New\n\nThe barn of {path} has a green roof.\n")
    drain(farm.runtime.database)
    assert len(farm.lessons()) > 1
    assert len(counts) == 1
    assert sum("green roof" in text for text in farm.found("Which barn has a green roof?")) == len(farm.lessons())
    with farm.runtime.database.read(farm.actor) as view:
        marked = view.session.execute(select(LessonIndex.lesson_id).where(LessonIndex.course_id == farm.course.id))
        assert set(marked.scalars()) == set(farm.lessons().values())
    assert farm.points(course_id=farm.course.id) == farm.rows()


def test_points_that_an_overtaken_run_left_behind_go_with_the_next(farm: Farm) -> None:
    lesson_id = farm.lessons()["farm/bees.md"]
    stale = farm.index.count(Filter(tenant_id=farm.actor.tenant_id, lessons=frozenset({lesson_id})))
    with farm.runtime.database.write(farm.actor) as ctx:  # as if the rows had gone and the process had died then
        gone = select(Chunk).where(Chunk.lesson_id == lesson_id)
        for row in ctx.session.execute(gone).scalars():
            ctx.session.delete(row)
    farm.edit("farm/bees.md", body="# Bees\n\nAnother text altogether about wax.\n")
    drain(farm.runtime.database)
    assert stale > 0
    assert farm.points(course_id=farm.course.id) == farm.rows()


def test_an_older_run_that_finishes_late_changes_nothing(farm: Farm) -> None:
    lesson_id = farm.lessons()["farm/bees.md"]
    with farm.runtime.database.read(farm.actor) as view:
        old = courses.lesson_source(view, lesson_id)
    farm.edit("farm/bees.md", body="# Bees\n\nWax melts at sixty-three degrees.\n")
    drain(farm.runtime.database)
    late = indexing.LessonText(farm.actor.tenant_id, old.course_id, lesson_id, old.version, old.language, ())
    assert indexing.index_lessons(farm.work(), [late], is_current=lambda *_: False) == [None]
    assert any("sixty-three" in text for text in farm.found("When does wax melt?"))


def test_statistics_stay_those_of_the_rows(farm: Farm) -> None:
    space = embedder().get().space
    farm.edit("farm/bees.md", body="# Bees\n\nWax melts at sixty-three degrees.\n")
    drain(farm.runtime.database)
    with farm.runtime.database.read(farm.actor) as view:
        kept = profile(view, course_id=farm.course.id, space=space).stats
    with farm.runtime.database.write(farm.actor) as ctx:
        ctx.session.execute(update(CourseIndex).where(CourseIndex.course_id == farm.course.id).values(chunks=-1))
    indexing.recount(farm.work(), course_id=farm.course.id)
    with farm.runtime.database.read(farm.actor) as view:
        counted = profile(view, course_id=farm.course.id, space=space).stats
    assert counted.chunks == kept.chunks == farm.rows()
    assert counted.piece_df == {key: count for key, count in kept.piece_df.items() if count}
    assert counted.term_df == {key: count for key, count in kept.term_df.items() if count}


def test_indexing_looks_up_when_the_process_stops(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.embeddings.embedder._CHUNKS_PER_ROUND", 1)
    body = "\n\n".join(f"## Part {n}\n\n" + f"The plough number {n} turns the soil. " * 30 for n in range(4))
    lesson_id = farm.edit("farm/bees.md", body=body)
    from ingestion.lessons import jobs as lesson_jobs

    farm.runtime.database.stopping.set()
    try:
        with pytest.raises(Interrupted):
            lesson_jobs.index_lesson(farm.work(), lesson_id=str(lesson_id))
    finally:
        farm.runtime.database.stopping.clear()
    drain(farm.runtime.database)
    assert any("plough" in text for text in farm.found("Which plough turns the soil?"))


class OtherSpace:
    """The real model under another name, as a changed setting would bring."""

    def __init__(self, space: str) -> None:
        self.space = space

    def __getattr__(self, name: str) -> object:
        return getattr(embedder().get(), name)


class OtherProvider(EmbedderProvider):
    """Provides the model in another space."""

    def get(self) -> OtherSpace:  # type: ignore[override]
        return OtherSpace("another-model/float32/x")


def test_a_changed_model_is_indexed_beside_the_old_one_and_replaces_it(tmp_path: Path) -> None:
    before = installation(tmp_path)
    instructor = create_person(before.database, role=Role.INSTRUCTOR)
    made = farm_course(before.database, instructor)
    farm = Farm(before, actor_of(before.database, instructor), made)
    chunks, old_space = farm.rows(), embedder().get().space
    before.stop()

    after = installation(tmp_path)
    after.resources.put(EmbedderProvider, OtherProvider(model="", models_dir=None, threads=None))
    moved = Farm(after, farm.actor, farm.course)
    assert moved.found(HONEY) == [], "vectors of two models are never compared"
    with after.database.write(system_actor()) as ctx:
        ctx.enqueue(CATCH_UP_JOB)
    drain(after.database)
    assert any("honey" in text for text in moved.found(HONEY))
    with after.database.read(moved.actor) as view:
        spaces = view.session.execute(select(ChunkEmbedding.space)).scalars().all()
        assert set(view.session.execute(select(LessonIndex.space)).scalars()) == {"another-model/float32/x"}
    assert sorted(spaces) == sorted([old_space] * chunks + ["another-model/float32/x"] * chunks)

    with after.database.write(moved.actor) as ctx:
        long_ago = ctx.now - timedelta(days=2)
        ctx.session.execute(update(CourseIndex).where(CourseIndex.space == old_space).values(updated_at=long_ago))
    catch_up(moved.work())
    assert after.resources.get(IndexProvider).get(OtherProvider.get(None)).spaces() == ["another-model/float32/x"]  # type: ignore[arg-type]
    assert moved.rows() == chunks
    assert any("honey" in text for text in moved.found(HONEY))
    after.stop()
