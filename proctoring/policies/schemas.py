"""What a policy says. Seconds, degrees, confidences 0 to 1, days."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer, model_validator

from proctoring.detection.schemas import Check
from proctoring.signals.schemas import Kind

DEFAULT_CHECKS = frozenset({Check.FACES, Check.OBJECTS, Check.CAMERA, Check.HEAD, Check.GAZE})
Confidence = Annotated[float, Field(ge=0.05, le=0.99, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=5, le=90, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]


class Material(StrEnum):
    """Things a policy may allow beside the taker."""

    PHONE = "phone"
    BOOK = "book"
    LAPTOP = "laptop"
    SCREEN = "screen"
    REMOTE = "remote"
    KEYBOARD = "keyboard"


LABELS: dict[Material, str] = {  # names of COCO classes, which the object detector answers with
    Material.PHONE: "cell phone",
    Material.BOOK: "book",
    Material.LAPTOP: "laptop",
    Material.SCREEN: "tv",
    Material.REMOTE: "remote",
    Material.KEYBOARD: "keyboard",
}


class Thresholds(BaseModel):
    """From where on a picture or an event says something; as `proctoring.signals.schemas.Rules` explains each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_confidence: Confidence = 0.35
    phone_confidence: Confidence = 0.25
    material_confidence: Confidence = 0.25
    yaw_degrees: Degrees = 25.0
    pitch_degrees: Degrees = 30.0
    gaze_sideways: Annotated[float, Field(ge=0.1, le=0.9, allow_inf_nan=False)] = 0.3
    paste_characters: Annotated[int, Field(ge=0, le=100_000)] = 30
    hidden_seconds: Seconds = 1.0
    blur_seconds: Seconds = 5.0
    speech_seconds: Seconds = 3.0


class PolicyIn(BaseModel):
    """A policy as an instructor sets it.

    `reviewers` empty: the course's instructors. `weights`, `seconds` and `off` change the table of rules by kind.
    `note` is added to the consent text, for what an institution must say itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    checks: frozenset[Check] = DEFAULT_CHECKS
    snapshot_interval_seconds: int = Field(default=10, ge=1, le=60)
    identity: bool = False
    fullscreen: bool = False
    microphone: bool = False
    screen: bool = False
    allowed_materials: frozenset[Material] = frozenset()
    thresholds: Thresholds = Thresholds()
    weights: dict[Kind, Weight] = Field(default_factory=dict)
    seconds: dict[Kind, Seconds] = Field(default_factory=dict)
    off: frozenset[Kind] = frozenset()
    retention_days: int = Field(default=30, ge=1, le=365)
    reviewers: tuple[UUID, ...] = Field(default=(), max_length=50)
    note: Note = ""

    @field_serializer("checks", "allowed_materials", "off", when_used="json")
    def _in_order(self, chosen: frozenset[str]) -> list[str]:
        return sorted(chosen)  # equal policies read equal

    @model_validator(mode="after")
    def _identity_agrees(self) -> Self:
        if Check.IDENTITY in self.checks and not self.identity:
            raise ValueError("the check `identity` needs `identity: true`, so that the consent text names it")
        return self

    @property
    def looking_for(self) -> frozenset[Check]:
        """Every check to make on a picture of the camera; identity needs faces."""
        wanted = self.checks | ({Check.IDENTITY, Check.FACES} if self.identity else frozenset())
        return frozenset(wanted)


class PolicyView(BaseModel):
    """A version of a quiz's policy."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    quiz_id: UUID
    course_id: UUID
    version: int
    rules: PolicyIn
    made_by: UUID | None
    made_at: datetime


class ConsentText(BaseModel):
    """What a taker agrees to, in their language. `hash` is the SHA-256 of `text` in UTF-8."""

    model_config = ConfigDict(frozen=True)

    version: str
    language: str
    text: str
    hash: str
    face_recognition: bool


class SupervisionView(BaseModel):
    """What a taker is told before an exam: what the page must do, and the consent text."""

    model_config = ConfigDict(frozen=True)

    quiz_id: UUID
    policy_version: int
    snapshot_interval_seconds: int
    identity: bool
    fullscreen: bool
    microphone: bool
    screen: bool
    allowed_materials: tuple[Material, ...]
    retention_days: int
    consent: ConsentText
