"""What goes in and out of the exchange of questions."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from ingestion.exchange.models import ExchangeStatus
from ingestion.questions import Effect, Format
from lms_core.content.courses.schemas import NO_CONTROL


class ExportFormat(StrEnum):
    """What a quiz can be written as."""

    MOODLE_XML = "moodle_xml"
    GIFT = "gift"
    QTI_21 = "qti_21"
    AIKEN = "aiken"


class Confirmation(BaseModel):
    """Where the questions go: behind those of the quiz they were uploaded for (`append`), into a bank (`to_bank`:
    `bank_id`, or a new one of the course with this title), or else into new quizzes with this title.
    """

    append: bool = False
    to_bank: bool = False
    bank_id: UUID | None = None
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=290, pattern=NO_CONTROL)] = ""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.append and self.to_bank:
            raise ValueError("the questions go into the quiz or into a bank")
        return self


class NotCarried(BaseModel):
    """One thing that does not come along, or not as it was. `item` names the question; "" is the whole file.

    `kept_by_banks`: it is lost in a quiz only, since a question bank has a place for it.
    """

    model_config = ConfigDict(frozen=True)

    item: str
    effect: Effect
    code: str
    value: str
    detail: str
    kept_by_banks: bool = False


class QuestionImportView(BaseModel):
    """An import as its page shows it. `counts`: questions by type; `quiz_ids` or `bank_id`: where they went."""

    id: UUID
    name: str
    title: str
    status: ExchangeStatus
    format: Format
    course_id: UUID
    course_slug: str
    quiz_id: UUID | None
    questions: int
    counts: dict[str, int]
    files: int
    report: list[NotCarried]
    done: int
    total: int
    quiz_ids: list[UUID]
    bank_id: UUID | None
    reason: str
    created_at: datetime


class ExportReport(BaseModel):
    """What a format cannot hold of a quiz. `questions` of `all` are written."""

    format: ExportFormat
    questions: int
    all: int
    report: list[NotCarried]
