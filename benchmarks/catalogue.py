"""Measures searching a catalogue of 20,000 courses, on PostgreSQL with two web processes and on SQLite.

Words that many courses hold, words of one course, misses, two words, filters, a category with all inside it, facets,
later pages and the whole page, one reader at a time and ten at once.
"""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx

from benchmarks import load, servers
from benchmarks.http import analyse, environment_set, scaled_environment
from lms_core.content.courses.models import Category, Course, CourseStatus
from lms_core.content.courses.slugs import searchable
from lms_core.kit.context import WriteCtx, system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings

Row = tuple[str, str, str]

COURSES = 20_000
READERS = 10
SECONDS = 6.0
P95_MS = 100
SUBJECTS = ("heat", "water", "light", "maize", "Swahili", "algebra", "poultry", "bookkeeping", "Python", "first aid")
PLACES = ("Kisumu", "Mombasa", "Nakuru", "Eldoret", "Thika", "Garissa", "Nyeri", "Machakos", "Kitale", "Lamu")
LEVELS = ("beginners", "teachers", "farmers", "technicians", "nurses", "traders")
SUMMARY = "What it is, how it is measured, and what to do with it at home and at work, with weekly exercises. " * 2


@dataclass(frozen=True, slots=True)
class Ask:
    """A kind of search and its addresses."""

    name: str
    paths: tuple[str, ...]


def run() -> list[Row]:
    """p95 of each kind of search, alone and beside others."""
    return [*_on_postgresql(), *_on_sqlite()]


def _on_postgresql() -> list[Row]:
    from tests import services

    with services.postgres() as server, services.redis() as redis_url, tempfile.TemporaryDirectory() as folder:
        environment = scaled_environment(server, redis_url, Path(folder))
        with environment_set(environment):
            settings = Settings(_env_file=None)
        _prepare(settings)
        analyse(server)
        return list(_served("PostgreSQL", environment))


def _on_sqlite() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Settings(_env_file=None, data_dir=Path(folder), log_level="WARNING"))
        return list(_served("SQLite", {"MWALIMU_DATA_DIR": folder, "MWALIMU_LOG_LEVEL": "WARNING"}))


def _served(where: str, environment: dict[str, str]) -> Iterator[Row]:
    port = servers.free_port()
    serving = servers.serving(
        servers.mwalimu(), "serve", port=port, environment=environment | {"MWALIMU_PORT": str(port)}
    )
    with serving as process:
        asks = list(_asks(port))
        servers.settle(servers.family(process.pid), longest=20)
        for ask in asks:
            seen = load.measure(port, [load.get(path, {}) for path in ask.paths], readers=1, seconds=SECONDS / 2)
            _none_refused(seen)
            yield f"{COURSES} courses, {where}, {ask.name}: p95 ms", f"{seen.p95_ms:.0f}", f"below {P95_MS}"
        mixed = [load.get(path, {}) for ask in asks for path in ask.paths]
        seen = load.measure(port, mixed, readers=READERS, seconds=SECONDS)
        _none_refused(seen)
        value = f"p95 {seen.p95_ms:.0f} ms, {seen.per_second:.0f} a second"
        yield f"{COURSES} courses, {where}, all kinds, {READERS} readers", value, ""


def _none_refused(seen: load.Load) -> None:
    if seen.refused:
        raise RuntimeError(f"{seen.refused} searches were refused")


def _asks(port: int) -> Iterator[Ask]:
    address = "/api/v1/courses"
    yield Ask("a word of many", tuple(f"{address}?q={quote(word)}" for word in SUBJECTS))
    yield Ask("two words", tuple(f"{address}?q={quote(f'{a} {b}')}" for a, b in zip(SUBJECTS, PLACES, strict=True)))
    yield Ask("a word of one", tuple(f"{address}?q=course-{number}x" for number in range(0, COURSES, 500)))
    yield Ask("a word of none", tuple(f"{address}?q=zzz{number}" for number in range(40)))
    yield Ask("a language and a word", tuple(f"{address}?language=sw&q={place}" for place in PLACES))
    yield Ask(
        "a category with all inside it and a word",
        tuple(f"{address}?category=shelf-{number}&q=farmers" for number in range(9)),
    )
    facets = "/api/v1/catalogue/facets"
    yield Ask("facets of a word of many", tuple(f"{facets}?q={quote(word)}" for word in SUBJECTS))
    yield Ask("facets of everything", (facets,))
    yield Ask("the page of a word of many", tuple(f"/?q={quote(word)}" for word in SUBJECTS))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        cursors, path = [], f"{address}?q=farmers"
        for _ in range(8):
            answer = client.get(path).raise_for_status().json()
            path = f"{address}?q=farmers&cursor={answer['next_cursor']}"
            cursors.append(path)
    yield Ask("later pages", tuple(cursors))


def _prepare(settings: Settings) -> None:
    from tests.factories.people import create_person
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    owner = create_person(runtime.database, role=Role.INSTRUCTOR)
    chance = random.Random(1)
    with runtime.database.write(system_actor(owner.tenant_id)) as ctx:
        shelves = _shelves(ctx)
        ctx.session.add_all(_course(ctx.now, owner.id, number, chance, shelves) for number in range(COURSES))
    runtime.stop()


def _shelves(ctx: WriteCtx) -> list[UUID]:
    """Ten categories with ten inside each, and three inside each of those."""
    outer = [ctx.add(Category(slug=f"shelf-{at}", name=f"Shelf {at}", position=at)).id for at in range(10)]
    inner = [
        ctx.add(Category(slug=f"shelf-{at}-{sub}", name=f"Shelf {at}.{sub}", parent_id=parent, position=sub)).id
        for at, parent in enumerate(outer)
        for sub in range(10)
    ]
    leaves = [
        ctx.add(Category(slug=f"leaf-{at}-{sub}", name=f"Leaf {at}.{sub}", parent_id=parent, position=sub)).id
        for at, parent in enumerate(inner)
        for sub in range(3)
    ]
    return [*outer, *inner, *leaves]


def _course(now: datetime, owner_id: UUID, number: int, chance: random.Random, shelves: list[UUID]) -> Course:
    subject, place, level = chance.choice(SUBJECTS), chance.choice(PLACES), chance.choice(LEVELS)
    title = f"{subject.capitalize()} in {place} for {level}"
    return Course(
        slug=f"course-{number}",
        title=title,
        summary=SUMMARY,
        language=chance.choice(("en", "en", "sw")),
        status=CourseStatus.PUBLISHED,
        owner_id=owner_id,
        category_id=chance.choice(shelves),
        search_text=searchable(f"{title} {SUMMARY} course-{number}x"),
        published_at=now,
        created_at=now,
        updated_at=now,
    )
