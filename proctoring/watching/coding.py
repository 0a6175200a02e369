"""A picture's analysis as JSON and back. Embeddings never pass through here: they are kept encrypted, or not at all."""

import base64
from array import array
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from proctoring.detection.schemas import PictureAnalysis

_ANALYSIS: TypeAdapter[PictureAnalysis] = TypeAdapter(PictureAnalysis)


def to_json(analysis: PictureAnalysis) -> dict[str, Any]:
    """Plain JSON of an analysis, faces without their embeddings."""
    faces = tuple(replace(face, embedding=None) for face in analysis.faces)
    seen = asdict(replace(analysis, faces=faces))
    seen["quality"]["thumbnail"] = base64.b64encode(analysis.quality.thumbnail).decode()
    seen["looked_for"] = sorted(analysis.looked_for)
    return seen


def from_json(seen: dict[str, Any]) -> PictureAnalysis:
    """The analysis again."""
    quality = {**seen["quality"], "thumbnail": base64.b64decode(seen["quality"]["thumbnail"])}
    return _ANALYSIS.validate_python({**seen, "quality": quality})


def embedding_to_bytes(embedding: tuple[float, ...]) -> bytes:
    """An embedding as 32-bit floats."""
    return array("f", embedding).tobytes()


def embedding_from_bytes(content: bytes) -> tuple[float, ...]:
    """The embedding again."""
    return tuple(array("f", content))
