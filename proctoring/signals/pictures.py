"""One picture to a reading: which kinds it could have shown, and which it shows.

The quality gate comes first: a dark, covered or blurred picture tells about the
camera and nothing about the person. A check that was not made (no weights, not
in the policy) shows nothing either way.
"""

from collections.abc import Sequence

from proctoring.detection.schemas import Box, CameraFault, Check, Face, FoundObject, Likeness, PictureAnalysis
from proctoring.signals.schemas import Baseline, Detector, Kind, Picture, Reading, Rules, Signal

FAULTS = {
    CameraFault.DARK: Kind.CAMERA_DARK,
    CameraFault.COVERED: Kind.CAMERA_COVERED,
    CameraFault.BLURRED: Kind.CAMERA_BLURRED,
}
FACE_KINDS = frozenset({Kind.FACE_MISSING, Kind.FACE_COVERED})
PERSON, PHONE = "person", "cell phone"
HEAD_STILL_UP = 0.3  # of a face's height: a bowed head sinks further than that below where the face was
WEAK = 0.5  # confidence in what can have many innocent causes
FAULT_CONFIDENCE = 0.9

Found = list[tuple[Kind, float, dict[str, float]]]


def read(
    picture: Picture,
    *,
    rules: Rules,
    baseline: Baseline | None,
    off: frozenset[Detector] = frozenset(),
    last_face: Box | None = None,
) -> Reading | None:
    """The reading of an analysed picture; None when nobody looked at it.

    `baseline` None: head and gaze stay silent. `last_face` is where the last picture with a face had it.
    """
    analysis = picture.analysis
    if analysis is None:
        return None
    found: Found = []
    looked: set[Kind] = set()
    _camera(analysis, found, looked)
    if not found:
        people = [thing for thing in analysis.objects if thing.label == PERSON]
        people = [person for person in people if person.confidence >= rules.person_confidence]
        _persons(analysis, people, found, looked)
        _face(analysis, people, last_face, found, looked)
        _objects(analysis, rules, found, looked)
        _identity(picture, analysis, found, looked)
        if baseline is not None:
            _head(analysis, rules, baseline, off, found, looked)
    signals = tuple(
        Signal(kind, picture.at, picture.at, round(confidence, 4), (picture.id,), numbers)
        for kind, confidence, numbers in found
    )
    return Reading(picture.id, picture.at, signals, frozenset(looked))


def main_face(faces: Sequence[Face]) -> Face | None:
    """The largest face: the taker sits nearest to the camera."""
    return max(faces, key=lambda face: (_area(face.box), face.confidence), default=None)


def _area(box: Box) -> float:
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def _camera(analysis: PictureAnalysis, found: Found, looked: set[Kind]) -> None:
    if Check.CAMERA not in analysis.looked_for:
        return
    looked |= set(FAULTS.values())
    quality = analysis.quality
    numbers = {"brightness": quality.brightness, "contrast": quality.contrast, "sharpness": quality.sharpness}
    found += [(FAULTS[fault], FAULT_CONFIDENCE, numbers) for fault in quality.faults if fault in FAULTS]


def _persons(analysis: PictureAnalysis, people: list[FoundObject], found: Found, looked: set[Kind]) -> None:
    faces = analysis.faces
    objects_looked, faces_looked = Check.OBJECTS in analysis.looked_for, Check.FACES in analysis.looked_for
    if objects_looked and faces_looked:
        looked.add(Kind.NO_PERSON)
        if not people and not faces:
            found.append((Kind.NO_PERSON, FAULT_CONFIDENCE, {"persons": 0, "faces": 0}))
    if not objects_looked and not faces_looked:
        return
    looked.add(Kind.SEVERAL_PERSONS)
    # The second strongest decides: one sure person and one doubtful one are a doubtful pair.
    seconds = [sorted((each.confidence for each in group), reverse=True)[1:2] for group in (people, faces)]
    sure = max((confidence for group in seconds for confidence in group), default=0.0)
    if sure > 0:
        found.append((Kind.SEVERAL_PERSONS, sure, {"persons": len(people), "faces": len(faces)}))


def _face(
    analysis: PictureAnalysis, people: list[FoundObject], last_face: Box | None, found: Found, looked: set[Kind]
) -> None:
    if Check.FACES not in analysis.looked_for:
        return
    looked |= FACE_KINDS
    if analysis.faces:
        return
    if Check.OBJECTS in analysis.looked_for and not people:
        return  # nobody is there: that is `no_person`, said once
    covered = last_face is not None and any(_head_where_it_was(person.box, last_face) for person in people)
    kind = Kind.FACE_COVERED if covered else Kind.FACE_MISSING
    found.append((kind, WEAK, {"persons": len(people), "faces": 0}))


def _head_where_it_was(person: Box, face: Box) -> bool:
    """Whether somebody still sits upright where the face was: then it is hidden, not bowed or gone."""
    middle, height = (face.left + face.right) / 2, face.bottom - face.top
    return person.left <= middle <= person.right and person.top <= face.top + HEAD_STILL_UP * height


def _objects(analysis: PictureAnalysis, rules: Rules, found: Found, looked: set[Kind]) -> None:
    if Check.OBJECTS not in analysis.looked_for:
        return
    if rules.phone_forbidden:
        looked.add(Kind.PHONE)
        phone = _strongest(analysis.objects, frozenset({PHONE}), rules.phone_confidence)
        if phone is not None:
            found.append((Kind.PHONE, phone.confidence, {"threshold": rules.phone_confidence}))
    if rules.forbidden_labels:
        looked.add(Kind.FORBIDDEN_MATERIAL)
        thing = _strongest(analysis.objects, rules.forbidden_labels, rules.material_confidence)
        if thing is not None:
            found.append((Kind.FORBIDDEN_MATERIAL, thing.confidence, {"threshold": rules.material_confidence}))


def _strongest(objects: Sequence[FoundObject], labels: frozenset[str], threshold: float) -> FoundObject | None:
    wanted = [thing for thing in objects if thing.label in labels and thing.confidence >= threshold]
    return max(wanted, key=lambda thing: thing.confidence, default=None)


def _identity(picture: Picture, analysis: PictureAnalysis, found: Found, looked: set[Kind]) -> None:
    """Between match and mismatch lies "unsure", which says nothing."""
    if picture.likeness is None or picture.likeness is Likeness.UNSURE or not analysis.faces:
        return
    looked.add(Kind.OTHER_PERSON)
    if picture.likeness is Likeness.MISMATCH:
        similarity = picture.similarity if picture.similarity is not None else 0.0
        found.append((Kind.OTHER_PERSON, min(1.0, max(0.5, 1.0 - similarity)), {"similarity": similarity}))


def _head(
    analysis: PictureAnalysis,
    rules: Rules,
    baseline: Baseline,
    off: frozenset[Detector],
    found: Found,
    looked: set[Kind],
) -> None:
    face = main_face(analysis.faces)
    if face is None:
        return
    turned = False
    if Check.HEAD in analysis.looked_for and face.yaw is not None and face.pitch is not None:
        yaw, pitch = face.yaw - baseline.yaw, face.pitch - baseline.pitch
        turned = abs(yaw) > rules.yaw_degrees or abs(pitch) > rules.pitch_degrees
        if Detector.HEAD not in off:
            looked.add(Kind.FACE_TURNED)
            if turned:
                beyond = max(abs(yaw) / rules.yaw_degrees, abs(pitch) / rules.pitch_degrees)
                numbers = {"yaw": round(yaw, 1), "pitch": round(pitch, 1)}
                found.append((Kind.FACE_TURNED, min(0.8, WEAK * beyond), numbers))
    if Check.GAZE not in analysis.looked_for or face.gaze is None or Detector.GAZE in off or turned:
        return  # on a turned head the eyes are seen from the side
    looked.add(Kind.GAZE_ASIDE)
    sideways = face.gaze[0] - (baseline.gaze[0] if baseline.gaze is not None else 0.0)
    if abs(sideways) > rules.gaze_sideways:
        confidence = min(0.7, WEAK * abs(sideways) / rules.gaze_sideways)
        found.append((Kind.GAZE_ASIDE, confidence, {"sideways": round(sideways, 2)}))
