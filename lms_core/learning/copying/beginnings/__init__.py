"""Templates that come with the product: one TOML file for each and for each language of the interface.

`{n}` in a module that repeats is its number. `days_apart` lets each repeated module open so many days after the one
before it; lessons are Markdown.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

KEYS = ("weekly", "workshop", "exam")
LANGUAGES = ("en", "sw")


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LessonData(_Plain):
    """A lesson to begin with."""

    title: str
    body: str


class ModuleData(_Plain):
    """A module, perhaps several times over."""

    title: str
    summary: str = ""
    repeat: Annotated[int, Field(ge=1, le=52)] = 1
    days_apart: Annotated[int, Field(ge=0, le=365)] = 0
    lessons: tuple[LessonData, ...]


class QuizData(_Plain):
    """An empty quiz with rules that suit; `minutes` and `attempts` None: without a limit."""

    title: str
    instructions: str = ""
    minutes: int | None = None
    attempts: int | None = None
    passing_percent: int = 50
    shuffle: bool = False


class AssignmentData(_Plain):
    """An assignment with a rubric: each criterion with its levels as (title, points)."""

    title: str
    instructions: str
    points: float
    rubric: dict[str, tuple[tuple[str, float], ...]]


class Beginning(_Plain):
    """A template in one language."""

    name: str
    about: str
    modules: tuple[ModuleData, ...]
    quizzes: tuple[QuizData, ...] = ()
    assignments: tuple[AssignmentData, ...] = ()


@cache
def beginning(key: str, language: str) -> Beginning:
    """A template by its key, in the language or else in English. KeyError for a key that is none."""
    if key not in KEYS:
        raise KeyError(key)
    spoken = language.split("-")[0]
    name = f"{key}.{spoken if spoken in LANGUAGES else LANGUAGES[0]}.toml"
    return Beginning.model_validate(tomllib.loads(files(__name__).joinpath(name).read_text("utf-8")))
