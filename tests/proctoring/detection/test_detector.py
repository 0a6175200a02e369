"""The detector on real pictures, with all its weights, with some, and with none."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from proctoring.detection import (
    PictureRefused,
    compare,
    faces,
    objects,
    open_detector,
    quality,
    runtime,
    secondlook,
    yolo,
)
from proctoring.detection.detector import LOOKED_AT_TWICE, Detector
from proctoring.detection.schemas import CameraFault, Check, Likeness
from tests.shared_data import shared


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    return open_detector(models_dir=shared("models"), cache_dir=tmp_path_factory.mktemp("models"), threads=2)


def picture(name: str) -> bytes:
    return shared(f"data/proctoring/{name}").read_bytes()


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_without_weights_faces_are_still_looked_for_and_the_rest_is_said(tmp_path: Path) -> None:
    poor = open_detector(models_dir=None, cache_dir=tmp_path)
    reasons = poor.available()
    assert reasons[Check.FACES] == reasons[Check.CAMERA] == ""
    assert reasons[Check.OBJECTS].startswith("object detection unavailable, faces only: weights yolov8n.pt")
    seen = poor.analyse([png(np.zeros((240, 320, 3), np.uint8))])[0]
    assert seen.looked_for == {Check.FACES, Check.CAMERA}
    assert set(seen.unavailable) == {Check.OBJECTS, Check.IDENTITY, Check.HEAD, Check.GAZE}
    assert seen.quality.faults == (CameraFault.COVERED,)


def test_weights_of_unknown_hash_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "yolov8n.pt").write_bytes(b"not the published weights")
    reason = open_detector(models_dir=tmp_path, cache_dir=tmp_path / "cache").available()[Check.OBJECTS]
    assert "its hash differs" in reason


def test_one_person(detector: Detector) -> None:
    seen = detector.analyse([picture("fr_obama.jpg")])[0]
    assert (len(seen.faces), seen.persons, seen.quality.faults) == (1, 1, ())
    assert seen.looked_for == frozenset(Check)
    assert abs(seen.faces[0].yaw or 90) < 15


def test_order_is_kept_and_broken_bytes_are_refused(detector: Detector) -> None:
    seen = detector.analyse([picture("fr_two_people.jpg"), picture("ski_coffee.jpg")], checks=frozenset({Check.FACES}))
    assert [len(each.faces) for each in seen] == [2, 0]
    with pytest.raises(PictureRefused):
        detector.analyse([b"nothing"])


def test_the_same_person_and_another(detector: Detector) -> None:
    names = ("fr_obama.jpg", "fr_obama1.jpg", "fr_biden2.jpg")
    seen = detector.analyse([picture(name) for name in names], checks=frozenset({Check.IDENTITY}))
    one, again, other = (each.faces[0].embedding or () for each in seen)
    assert compare(one, again)[1] is Likeness.MATCH
    assert compare(one, other)[1] is Likeness.MISMATCH


def test_a_phone_is_found_by_the_second_look(detector: Detector) -> None:
    seen = detector.analyse([picture("phone_floor_0.jpg")], checks=frozenset({Check.OBJECTS}))[0]
    assert "cell phone" in {thing.label for thing in seen.objects}


def test_few_pictures_are_looked_at_twice_and_many_once(detector: Detector) -> None:
    """The phone that only the second look finds tells which was taken."""
    things = frozenset({Check.OBJECTS})

    def found(pictures: int) -> list[bool]:
        seen = detector.analyse([picture("phone_floor_110.jpg")] * pictures, checks=things)
        return ["cell phone" in {thing.label for thing in each.objects} for each in seen]

    assert found(1) == [True]
    assert found(LOOKED_AT_TWICE) == [True] * LOOKED_AT_TWICE
    assert found(LOOKED_AT_TWICE + 1) == [False] * (LOOKED_AT_TWICE + 1)


def test_threads_see_what_one_sees(detector: Detector) -> None:
    names = ("fr_obama.jpg", "ul_zidane.jpg", "phone_floor_0.jpg", "fr_two_people.jpg")
    pictures = [picture(name) for name in names]
    alone = [detector.analyse([data], second_look=False)[0] for data in pictures]
    with ThreadPoolExecutor(2) as threads:
        asked = list(threads.map(lambda data: detector.analyse([data], second_look=False)[0], pictures * 3))
        batches = list(threads.map(lambda _: detector.analyse(pictures, second_look=False), range(2)))
    for each, expected in zip([*asked, *batches[0], *batches[1]], alone * 5, strict=True):
        assert replace(each, milliseconds=0.0) == replace(expected, milliseconds=0.0)


def test_eyes_that_look_aside_in_a_still_head(detector: Detector) -> None:
    aside = [f"seq_left/{number:02}.jpg" for number in (6, 7, 8, 9)]
    ahead = [f"seq_center/{number:02}.jpg" for number in range(4)]
    seen = detector.analyse([picture(name) for name in aside + ahead], checks=frozenset({Check.GAZE}))
    sideways = [each.faces[0].gaze[0] for each in seen if each.faces[0].gaze]
    assert len(sideways) == len(aside + ahead)
    assert all(value <= -0.4 for value in sideways[: len(aside)]), sideways
    assert all(abs(value) <= 0.15 for value in sideways[len(aside) :]), sideways


def test_a_mirrored_or_tilted_face_looks_the_mirrored_or_tilted_way(detector: Detector) -> None:
    pixels = cv2.imread(str(shared("data/proctoring/seq_left/07.jpg")))
    height, width = pixels.shape[:2]
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), 20, 1)
    tilted = cv2.warpAffine(pixels, tilt, (width, height), borderMode=cv2.BORDER_REPLICATE)
    pictures = [png(each[:, :, ::-1]) for each in (pixels, pixels[:, ::-1], tilted)]
    seen = detector.analyse(pictures, checks=frozenset({Check.GAZE}))
    (plain, up), (mirrored, _), (turned, down) = (each.faces[0].gaze or (0.0, 0.0) for each in seen)
    assert mirrored == pytest.approx(-plain, abs=0.1)  # the face's points move a little, too
    assert turned < -0.3 and down < up - 0.05  # tilted against the clock, the picture's left is lower


def test_yunet_through_openvino_gives_what_opencv_gives() -> None:
    weights = shared("models/face_detection_yunet_2023mar.onnx")
    network = runtime.load(weights, threads=1, shape=(1, 3, -1, -1), exact=True)
    pixels = cv2.imread(str(shared("data/proctoring/fr_two_people.jpg")))
    scale = faces.SIZE / max(pixels.shape)
    small = cv2.resize(pixels, (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)))
    finder = cv2.FaceDetectorYN.create(str(weights), "", (small.shape[1], small.shape[0]), faces.LEAST_CONFIDENCE)
    expected = sorted(float(face[-1]) for face in finder.detect(small)[1])
    found = sorted(face.confidence for face in faces.yunet(network, pixels))
    assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("quick", "sure", "apart"), [(False, 0.35, 0.05), (True, 0.5, 0.15)])
def test_exported_networks_see_what_the_weights_see(
    detector: Detector, monkeypatch: pytest.MonkeyPatch, quick: bool, sure: float, apart: float
) -> None:
    """Exported float, and 8-bit, against ultralytics' own run, on the pictures ultralytics carries.

    Float: every box it reports. 8-bit: rounding may lift or drop what lies near the threshold, so both ways only
    boxes of 0.5 and more must have their counterpart.
    """
    monkeypatch.setattr(Image, "open", Image.open)  # ultralytics replaces it; the tests after this one want it back
    from ultralytics import YOLO
    from ultralytics.utils import ASSETS

    plain = YOLO(str(shared("models/yolov8n_rebuilt.pt")))
    finder = objects.load(folders=(shared("models"),), cache=detector._cache / "exported", threads=1, quick=quick)
    assert (finder.quick is not None) is quick
    for path in (ASSETS / "bus.jpg", ASSETS / "zidane.jpg"):
        theirs = plain(str(path), verbose=False, conf=0.2)[0].boxes
        known = yolo.Boxes(theirs.xyxy.numpy(), theirs.conf.numpy(), theirs.cls.numpy().astype(np.int64))
        ours = finder.look(cv2.imread(str(path)), size=objects.SIZE, at_least=0.2)
        for one, other in ((known, ours), (ours, known)):
            certain = one.of(one.confidences >= sure)
            assert len(certain.confidences) >= 2
            same = secondlook.overlaps(certain.corners, other.corners) >= 0.8
            same &= certain.classes[:, None] == other.classes[None, :]
            same &= np.abs(certain.confidences[:, None] - other.confidences[None, :]) <= apart
            assert same.any(axis=1).all(), (path.name, certain.confidences)


def test_frozen_and_living_pictures(detector: Detector) -> None:
    names = ("seq_center/00.jpg", "seq_center/01.jpg")
    one, two = (each.quality for each in detector.analyse([picture(name) for name in names], checks=frozenset()))
    again = io.BytesIO()
    Image.open(io.BytesIO(picture(names[0]))).save(again, "JPEG", quality=60)
    copy = detector.analyse([again.getvalue()], checks=frozenset())[0].quality
    assert quality.same_picture(one, copy)
    assert quality.repeats(one, copy)
    assert not quality.same_picture(one, two)


def test_overlapping_boxes_of_a_class_become_one() -> None:
    corners = np.array([(0, 0, 10, 10), (1, 0, 10, 10), (0, 0, 10, 10)], np.float32)
    found = yolo.suppressed(yolo.Boxes(corners, np.array([0.5, 0.9, 0.4], np.float32), np.array([0, 0, 1])))
    assert found.confidences.tolist() == pytest.approx([0.9, 0.4])
