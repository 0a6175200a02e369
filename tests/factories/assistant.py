"""An installation with an indexed course to ask, for tests of the assistant.

The embedding model is loaded once a process and shared by every installation made here.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from lms_core.content.courses.schemas import ImportedModule, LessonIn
from lms_core.kit.clock import Clock
from lms_core.kit.context import Database
from lms_core.kit.settings import Settings
from rag.embeddings.provider import EmbedderProvider
from tests import databases
from tests.draining import drain
from tests.factories.courses import Made, create_course
from tests.factories.people import Person
from workers import runtime as runtimes
from workers.runtime import Runtime

DRYER = """# Solar dryers

A solar dryer is a closed box that dries fruit with air warmed by the sun. Dried fruit keeps for six months.

## Loading the trays

1. Cut each mango into slices five millimetres thick.
2. Lay the slices on the trays so that none touches another.
3. Close the door and open the upper vent.

## Why fruit turns brown

Cut fruit turns brown because oxygen in the air reacts with it. Lemon juice slows this down.
"""
TANK = """# Rain tanks

A first-flush diverter is a pipe that throws away the dirty water at the beginning of the rain.

## Cleaning

Clean the tank once a year, shortly before the long rains. Wear gloves, because the sludge irritates the skin.
"""
BEES = """# Keeping bees

A top-bar hive is a long box with wooden bars, from which the bees hang their combs.

## Harvesting honey

Harvest honey in the evening, when the bees are calm. Leave two combs for the colony.
"""
NYUKI = """# Ufugaji wa nyuki

Mzinga wa kisasa ni sanduku refu lenye vijiti vya mbao ambavyo nyuki hujengea masega yao.

## Kuvuna asali

Vuna asali jioni, wakati nyuki wametulia. Waachie nyuki masega mawili.
"""


def modules() -> list[ImportedModule]:
    """Three English lessons and one in Swahili."""
    lessons = [
        LessonIn(title="Solar dryers", body=DRYER, source_path="farm/dryer.md"),
        LessonIn(title="Rain tanks", body=TANK, source_path="farm/tank.md"),
        LessonIn(title="Keeping bees", body=BEES, source_path="farm/bees.md"),
        LessonIn(title="Ufugaji wa nyuki", body=NYUKI, language="sw", source_path="sw/nyuki.md"),
    ]
    return [ImportedModule(title="The small farm", lessons=lessons)]


@cache
def embedder() -> EmbedderProvider:
    """The default model of this process."""
    return EmbedderProvider(model=Settings(_env_file=None).embedding_model, models_dir=None, threads=None)


def installation(folder: Path, *, run_jobs: bool = False, clock: Clock | None = None, **more: object) -> Runtime:
    """An embedded installation in `folder`, built but not started."""
    given = {"questions_per_minute": 1000, "login_attempts_per_minute": 1000, "log_level": "WARNING"} | more
    settings = Settings(_env_file=None, data_dir=folder / "data", mail_url=f"folder:{folder / 'mail'}", **given)
    databases.prepare(folder / "data")
    built = runtimes.build(settings, clock=clock, run_jobs=run_jobs)
    built.resources.put(EmbedderProvider, embedder())
    return built


def farm_course(database: Database, instructor: Person, **fields: object) -> Made:
    """The course of `modules()`, published and indexed."""
    made = create_course(database, instructor, modules=modules(), **({"title": "The small farm"} | fields))
    drain(database)
    return made


def ask(client: TestClient, course: object, headers: dict[str, str], question: str, **more: Any) -> dict[str, Any]:
    """The answer to a question, as JSON."""
    body = {"question": question} | more
    answer = client.post(f"/api/v1/courses/{course}/assistant/questions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def events_of(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Server-sent events as (id, event, data)."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
