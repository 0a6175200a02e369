"""What to draw over a flag's pictures: the boxes that belong to its kind."""

from proctoring.detection.schemas import Box, PictureAnalysis
from proctoring.review.schemas import DrawnBox
from proctoring.signals.pictures import PERSON, PHONE
from proctoring.signals.schemas import Kind

FACE_KINDS = frozenset({Kind.FACE_TURNED, Kind.GAZE_ASIDE, Kind.OTHER_PERSON, Kind.SEVERAL_PERSONS})
PERSON_KINDS = frozenset({Kind.SEVERAL_PERSONS, Kind.FACE_COVERED, Kind.FACE_MISSING})


def boxes_for(kind: str, analysis: PictureAnalysis | None, *, forbidden: frozenset[str]) -> tuple[DrawnBox, ...]:
    """The boxes of one picture that show a flag of `kind`; `forbidden` are the labels the policy forbids."""
    if analysis is None:
        return ()
    labels = _labels(Kind(kind), forbidden)
    found = [_drawn(thing.label, thing.confidence, thing.box) for thing in analysis.objects if thing.label in labels]
    if kind in FACE_KINDS:
        found += [_drawn("face", face.confidence, face.box) for face in analysis.faces]
    return tuple(found)


def _labels(kind: Kind, forbidden: frozenset[str]) -> frozenset[str]:
    if kind is Kind.PHONE:
        return frozenset({PHONE})
    if kind is Kind.FORBIDDEN_MATERIAL:
        return forbidden
    return frozenset({PERSON}) if kind in PERSON_KINDS else frozenset()


def _drawn(label: str, confidence: float, box: Box) -> DrawnBox:
    return DrawnBox(
        label=label,
        confidence=round(confidence, 3),
        left=box.left,
        top=box.top,
        right=box.right,
        bottom=box.bottom,
    )
