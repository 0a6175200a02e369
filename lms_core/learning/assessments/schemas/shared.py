"""Limits, kinds of text, and the base of views."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.types.shapes import LONGEST_PART

MAXIMUM_QUESTIONS = 300
MAXIMUM_CHOICES = 50
MAXIMUM_ACCEPTED = 100
MAXIMUM_PARTS = 60
MAXIMUM_SEQUENCE = 2**53 - 1  # what a script's numbers hold exactly
LONGEST_TIME_LIMIT = 7 * 24 * 3600
CHOICE_TYPES = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE})

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000, pattern=NO_CONTROL)]
SomeText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000, pattern=NO_CONTROL)]
ChoiceText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=NO_CONTROL)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_CONTROL)]
Response = Annotated[str, StringConstraints(max_length=50_000, pattern=r"^[^\x00]*$")]
PartName = Annotated[str, StringConstraints(max_length=40)]
PartAnswer = Annotated[str, StringConstraints(max_length=LONGEST_PART, pattern=r"^[^\x00]*$")]
Points = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, multiple_of=0.01)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=NO_CONTROL)]
DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)
