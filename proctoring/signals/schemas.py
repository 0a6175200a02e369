"""What signals are made of and what they say. Plain data; times are UTC, angles degrees, confidences 0 to 1."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from proctoring.detection.schemas import Likeness, PictureAnalysis


class Kind(StrEnum):
    """What a signal, and the anomaly made of such signals, is about."""

    NO_PERSON = "no_person"
    SEVERAL_PERSONS = "several_persons"
    PHONE = "phone"
    FORBIDDEN_MATERIAL = "forbidden_material"
    FACE_MISSING = "face_missing"
    FACE_COVERED = "face_covered"
    FACE_TURNED = "face_turned"
    GAZE_ASIDE = "gaze_aside"
    OTHER_PERSON = "other_person"
    CAMERA_DARK = "camera_dark"
    CAMERA_COVERED = "camera_covered"
    CAMERA_BLURRED = "camera_blurred"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_LOOPED = "camera_looped"
    CAMERA_STOPPED = "camera_stopped"
    LEFT_PAGE = "left_page"
    FULLSCREEN_LEFT = "fullscreen_left"
    COPY = "copy"
    PASTE = "paste"
    PRINT = "print"
    DEVELOPER_TOOLS = "developer_tools"
    SEVERAL_SCREENS = "several_screens"
    SPEECH = "speech"
    NETWORK_GAP = "network_gap"
    SNAPSHOTS_MISSING = "snapshots_missing"


class Detector(StrEnum):
    """A weak detector that a person may turn out to be unfit for."""

    HEAD = "head"
    GAZE = "gaze"


@dataclass(frozen=True, slots=True)
class Picture:
    """A snapshot as the rules see it. `analysis` None: not looked at; `failure` says why, empty while it waits.

    `similarity` is the cosine with the enrolled face. `at` is when it was taken, by the server's clock.
    """

    id: UUID
    sequence: int
    at: datetime
    analysis: PictureAnalysis | None
    likeness: Likeness | None = None
    similarity: float | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """Something the exam page told. `seconds` None: it began and its end is not known, or it takes no time."""

    id: UUID
    type: str
    at: datetime
    seconds: float | None = None
    details: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Baseline:
    """How the person looks into their camera, from the pre-check: degrees, and the first two parts of the gaze."""

    yaw: float = 0.0
    pitch: float = 0.0
    gaze: tuple[float, float] | None = None
    origin: str = "pre-check"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the session's policy asks of the signals. Confidences 0 to 1, angles in degrees, seconds, characters."""

    interval_seconds: float = 10.0
    phone_forbidden: bool = True
    forbidden_labels: frozenset[str] = frozenset({"book", "laptop", "tv", "remote", "keyboard"})
    person_confidence: float = 0.35
    phone_confidence: float = 0.25
    material_confidence: float = 0.25
    yaw_degrees: float = 25.0
    pitch_degrees: float = 30.0
    gaze_sideways: float = 0.3
    frozen_difference: float = 1.0
    paste_characters: int = 30
    hidden_seconds: float = 1.0
    blur_seconds: float = 5.0
    speech_seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing at one moment (`until` is later only for what the page timed). `sources`: snapshots or events."""

    kind: Kind
    at: datetime
    until: datetime
    confidence: float
    sources: tuple[UUID, ...]
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one picture says. `looked`: the kinds it could have shown; one without a signal was not seen."""

    picture_id: UUID
    at: datetime
    signals: tuple[Signal, ...]
    looked: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Gap:
    """A span that nobody watched, or in which one check could not be made (`check`). Never a violation."""

    started_at: datetime
    ended_at: datetime
    reason: str
    check: str = ""
