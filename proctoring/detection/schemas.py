"""What was seen on one picture: plain numbers, before any rule judges them.

Boxes and points are fractions of the picture's width and height (0 to 1), so
they fit the picture at whatever size it is shown.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    """A kind of looking that a policy can ask for."""

    FACES = "faces"
    OBJECTS = "objects"
    IDENTITY = "identity"
    HEAD = "head"
    GAZE = "gaze"
    CAMERA = "camera"


class CameraFault(StrEnum):
    """Why a single picture shows too little."""

    DARK = "dark"
    COVERED = "covered"
    BLURRED = "blurred"
    WRONG_SIZE = "wrong_size"


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, right and bottom as fractions of the picture."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Face:
    """A face: YuNet's five points (right eye, left eye, nose, right and left corner of the mouth), degrees, gaze."""

    box: Box
    confidence: float
    points: tuple[tuple[float, float], ...] = ()
    yaw: float | None = None  # degrees, positive to the person's left
    pitch: float | None = None  # degrees, positive downwards
    roll: float | None = None
    gaze: tuple[float, float] | None = None  # sideways, up and down; unit vector's first two parts
    embedding: tuple[float, ...] | None = None  # of length 1; only of the largest face, when identity was asked for


@dataclass(frozen=True, slots=True)
class FoundObject:
    """A thing of a COCO class (`cell phone`, `book`, `laptop`, ...; persons too)."""

    label: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Quality:
    """Light and sharpness of a picture, and what to compare it with others by."""

    width: int
    height: int
    brightness: float  # mean grey, 0 to 255
    contrast: float  # standard deviation of grey
    sharpness: float  # variance of the Laplacian
    faults: tuple[CameraFault, ...] = ()
    digest: str = ""  # sha256 of the bytes
    fingerprint: int = 0  # 64-bit difference hash
    thumbnail: bytes = b""  # small grey picture, row by row, of `detection.quality.THUMBNAIL` size


@dataclass(frozen=True, slots=True)
class PictureAnalysis:
    """Everything about one picture. `looked_for` says what was really looked for: nothing else may be called clean."""

    quality: Quality
    faces: tuple[Face, ...] = ()
    objects: tuple[FoundObject, ...] = ()
    looked_for: frozenset[Check] = frozenset()
    unavailable: dict[Check, str] = field(default_factory=dict)  # check -> why it could not be made
    models: dict[str, str] = field(default_factory=dict)  # role -> name and version of what looked
    milliseconds: float = 0.0

    @property
    def persons(self) -> int:
        """How many persons the object detector found."""
        return sum(thing.label == "person" for thing in self.objects)


class Likeness(StrEnum):
    """How a face compares with the one enrolled; `unsure` lies between match and mismatch."""

    MATCH = "match"
    UNSURE = "unsure"
    MISMATCH = "mismatch"
