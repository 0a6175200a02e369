"""A question bank as it travels: questions as the product takes them, and what else their file says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ingestion.questions.report import ReportLine
from lms_core.learning.assessments.schemas import QuestionIn


class Format(StrEnum):
    """What a file is written in."""

    MOODLE_XML = "moodle_xml"
    GIFT = "gift"
    AIKEN = "aiken"
    CLOZE_TEXT = "cloze_text"
    QTI_21 = "qti_21"
    QTI_12 = "qti_12"


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question and what its file says besides. `category` is the path from the outermost category on."""

    question: QuestionIn
    name: str = ""
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    number: str = ""  # the author's own, Moodle's "ID number"

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints in Markdown."""
        return tuple(hint.text for hint in self.question.hints)

    @property
    def penalty(self) -> float | None:
        """The share of the points (0 to 1) that each wrong try costs; None when the file says nothing."""
        percent = self.question.penalty_percent
        return None if percent is None else percent / 100


@dataclass(frozen=True, slots=True)
class ReadBank:
    """Everything a file holds. `files` maps the path that Markdown names (`asset:<path>`) to the content."""

    format: Format
    questions: tuple[ReadQuestion, ...]
    report: tuple[ReportLine, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A bank in a format: the file's content, the ending of its name, and what the format could not hold."""

    content: bytes
    suffix: str
    media_type: str
    report: tuple[ReportLine, ...] = ()
