"""A detector without weights: it reads what a test painted into the picture's middle, and counts how often it looked.

Green: one person with a face. Red: a phone beside. Blue: nobody. White: two
people. Black: nothing but darkness. A picture that cannot be decoded raises.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from proctoring.detection.schemas import (
    Box,
    CameraFault,
    Check,
    Face,
    FoundObject,
    PictureAnalysis,
    Quality,
)

COLOURS = {"green": (0, 200, 0), "red": (200, 0, 0), "blue": (0, 0, 200), "white": (250, 250, 250), "black": (0, 0, 0)}
MIDDLE = Box(0.4, 0.2, 0.6, 0.5)
PERSON = FoundObject("person", 0.9, Box(0.2, 0.1, 0.8, 1.0))
PHONE = FoundObject("cell phone", 0.7, Box(0.6, 0.6, 0.7, 0.8))
OWN_FACE = (0.6, 0.8, 0.0)


class PaintedDetector:
    """Looks at painted pictures. `missing` says which checks have no weights."""

    def __init__(self, *, missing: dict[Check, str] | None = None) -> None:
        self.missing = dict(missing or {})
        self.looked_at: Counter[str] = Counter()

    def analyse(self, pictures: Sequence[bytes], *, checks: frozenset[Check]) -> list[PictureAnalysis]:
        """One analysis a picture; OSError for one that is no picture."""
        return [self._one(content, checks) for content in pictures]

    def _one(self, content: bytes, checks: frozenset[Check]) -> PictureAnalysis:
        with Image.open(BytesIO(content)) as opened:
            picture = opened.convert("RGB")
        digest = hashlib.sha256(content).hexdigest()
        self.looked_at[digest] += 1
        colour = _nearest(picture.getpixel((picture.width // 2, picture.height // 2)))
        made = frozenset(checks - self.missing.keys())
        faults = (CameraFault.DARK,) if colour == "black" else ()
        return PictureAnalysis(
            quality=Quality(
                picture.width, picture.height, 120.0, 50.0, 300.0, faults, digest, int(digest[:15], 16), b"x"
            ),
            faces=_faces(colour) if Check.FACES in made else (),
            objects=_objects(colour) if Check.OBJECTS in made else (),
            looked_for=made,
            unavailable={check: why for check, why in self.missing.items() if check in checks},
            models={"faces": "painted 1"},
            milliseconds=1.0,
        )


def _nearest(pixel: tuple[int, int, int]) -> str:
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], pixel, strict=True)))


def _faces(colour: str) -> tuple[Face, ...]:
    face = Face(MIDDLE, 0.95, yaw=1.0, pitch=-5.0, roll=0.0, gaze=(0.0, 0.0), embedding=OWN_FACE)
    return {"blue": (), "black": (), "white": (face, Face(Box(0.0, 0.2, 0.2, 0.5), 0.9))}.get(colour, (face,))


def _objects(colour: str) -> tuple[FoundObject, ...]:
    return {"blue": (), "black": (), "white": (PERSON, PERSON), "red": (PERSON, PHONE)}.get(colour, (PERSON,))
