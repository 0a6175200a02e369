"""What a source yields: a course on paper, before anything is stored.

Sources (a Markdown repository, a single document, a course package) only read;
the pipeline stores what they return. Every problem is a `Failure`, never an
exception that ends the import of the other files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

LessonKind = Literal["lesson", "assignment", "quiz"]
QuestionType = Literal[
    "single", "multiple", "true_false", "numeric", "short_text", "essay", "matching", "ordering", "cloze", "drag_text"
]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read: a stable code, and a sentence saying why and what to do."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotCarried:
    """Something of a package that did not become part of the course: where it was, what it is, and why it stayed."""

    where: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """A picture or other file that lessons refer to as `asset:<path>`."""

    path: str  # normalised path inside the course, no leading slash, no ".."
    file: Path  # where its bytes are now
    media_type: str


@dataclass(frozen=True, slots=True)
class ChoiceDraft:
    """An answer that a question offers, as Markdown. `weight`: percent of the points, where every choice has one."""

    text: str
    correct: bool = False
    weight: float | None = None
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question as Markdown, with its key: `choices`, or `value` with `tolerance`, or the `accepted` words.

    The types after essay have a `key` of their own, as `QuestionIn` takes it.
    """

    type: QuestionType
    text: str
    points: float = 1.0
    partial_credit: bool = True
    feedback: str = ""
    choices: tuple[ChoiceDraft, ...] = ()
    value: float | None = None
    tolerance: float = 0.0
    accepted: tuple[str, ...] = ()
    match_case: bool = False
    key: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class QuizDraft:
    """The questions of a lesson of kind quiz, to be taken and graded."""

    questions: tuple[QuestionDraft, ...]


@dataclass(frozen=True, slots=True)
class AssignmentDraft:
    """What a lesson of kind assignment asks learners to hand in."""

    points: float = 100.0
    takes_text: bool = True
    takes_files: bool = False


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """A lesson as Markdown. Links to files inside the course are `asset:<path>` or `lesson:<source_path>[#anchor]`.

    `hidden`: learners did not see it where it comes from, so it becomes a draft.
    """

    source_path: str
    title: str
    body: str
    language: str
    kind: LessonKind = "lesson"
    translation_of: str | None = None  # source_path of the original lesson
    documents: tuple[str, ...] = ()  # paths of the files it was read from
    quiz: QuizDraft | None = None
    assignment: AssignmentDraft | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ModuleDraft:
    """A titled run of lessons, in reading order."""

    title: str
    lessons: tuple[LessonDraft, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class CourseDraft:
    """A whole course as read from a source. `kind` names the source: markdown, document, ..."""

    title: str
    kind: str
    language: str
    modules: tuple[ModuleDraft, ...]
    summary: str = ""
    slug: str | None = None
    tags: tuple[str, ...] = ()
    assets: tuple[AssetDraft, ...] = ()
    failures: tuple[Failure, ...] = field(default=())
    missing: tuple[Failure, ...] = ()  # pictures that lessons show and the source lacks
    report: tuple[NotCarried, ...] = ()


Progress = Callable[[int, int, str], None]  # files done, files in all, path of the file in hand
