"""Head and gaze, fitted to the person: where they look when they look at the exam, and when to stop asking.

Camera height shifts pitch by 10 to 24 degrees, and glasses, light and the shape
of eyes disturb gaze: so both are measured from the person's own pre-check, and a
detector that keeps failing on somebody is switched off, which the report says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.signals.pictures import main_face
from proctoring.signals.schemas import Baseline, Detector, Kind, Picture, Reading

OWN_PICTURES = 10  # the first ones stand in for a pre-check that measured nothing
FEWEST = 20  # pictures with a face before a detector is judged
MOST_BLIND = 0.5  # share of pictures with a face on which it may find nothing
MOST_ALARMS = 0.6  # share of pictures it may flag: nobody looks away from most of an exam
CHECKS = {Detector.HEAD: (Check.HEAD, Kind.FACE_TURNED), Detector.GAZE: (Check.GAZE, Kind.GAZE_ASIDE)}


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Why a detector was switched off for this person, with its numbers."""

    detector: Detector
    reason: str  # "blind": it found nothing; "always": it flagged nearly everything
    pictures: int
    share: float


def baseline_of(analyses: Sequence[PictureAnalysis], *, origin: str) -> Baseline | None:
    """The median of where one face looks; None when no picture measured a head."""
    faces = [face for each in analyses if len(each.faces) == 1 and (face := main_face(each.faces)) is not None]
    measured = [face for face in faces if face.yaw is not None and face.pitch is not None]
    if not measured:
        return None
    gazes = [face.gaze for face in faces if face.gaze is not None]
    gaze = (median(each[0] for each in gazes), median(each[1] for each in gazes)) if gazes else None
    yaw, pitch = (median(getattr(face, name) for face in measured) for name in ("yaw", "pitch"))
    return Baseline(yaw=yaw, pitch=pitch, gaze=gaze, origin=origin)


def baseline_for(pictures: Sequence[Picture]) -> Baseline | None:
    """A baseline from the session's own first pictures, where the pre-check gave none."""
    analyses = [picture.analysis for picture in pictures if picture.analysis is not None]
    return baseline_of(analyses[:OWN_PICTURES], origin="first pictures")


def failing(pictures: Sequence[Picture], readings: Sequence[Reading]) -> tuple[SwitchedOff, ...]:
    """The detectors that keep failing on this person, from readings made with all of them on."""
    found = []
    for detector, (check, kind) in CHECKS.items():
        wanted = [
            (picture.analysis, reading)
            for picture, reading in zip(pictures, readings, strict=True)
            if picture.analysis is not None and check in picture.analysis.looked_for and picture.analysis.faces
        ]
        if len(wanted) < FEWEST:
            continue
        blind = sum(_blind(analysis, detector) for analysis, _ in wanted) / len(wanted)
        judged = [reading for _, reading in wanted if kind in reading.looked]
        alarms = sum(any(signal.kind is kind for signal in each.signals) for each in judged)
        if blind > MOST_BLIND:
            found.append(SwitchedOff(detector, "blind", len(wanted), round(blind, 2)))
        elif len(judged) >= FEWEST and alarms / len(judged) > MOST_ALARMS:
            found.append(SwitchedOff(detector, "always", len(judged), round(alarms / len(judged), 2)))
    return tuple(found)


def _blind(analysis: PictureAnalysis, detector: Detector) -> bool:
    face = main_face(analysis.faces)
    if face is None:
        return True
    return face.gaze is None if detector is Detector.GAZE else face.yaw is None
