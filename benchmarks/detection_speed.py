"""Measures snapshots a second, side by side in one process: a plain loop over ultralytics and OpenCV, and the detector.

The plain loop is what one would write first: `YOLO(path)(picture)`, then
`cv2.FaceDetectorYN`. The detector is measured at equal detections (one look at
640 pixels, faces) and as it works in exams (all checks, second look for phones).
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from benchmarks.datasets import SHARED, DatasetMissing
from proctoring.detection import Detector, open_detector
from proctoring.detection.detector import LOOKED_AT_TWICE
from proctoring.detection.schemas import Check, PictureAnalysis

Row = tuple[str, str, str]

PICTURES = 24
TWICE = 12  # of them are looked at twice
ROUNDS = 4  # the best of which counts: other work on the machine slows some
SNAPSHOT = (640, 480)
EQUAL = frozenset({Check.FACES, Check.OBJECTS, Check.CAMERA})
WEIGHTS, FACES = SHARED / "models" / "yolov8n_rebuilt.pt", SHARED / "models" / "face_detection_yunet_2023mar.onnx"


def run() -> list[Row]:
    """Snapshots a second of each, their ratio, what they found, times and memory."""
    if not WEIGHTS.is_file():
        raise DatasetMissing(f"{WEIGHTS} is not there; set MWALIMU_SHARED_DIR")
    snapshots = _snapshots()
    with tempfile.TemporaryDirectory() as folder:
        detector = open_detector(models_dir=SHARED / "models", cache_dir=Path(folder))
        before = psutil.Process().memory_info().rss
        seen = detector.analyse(snapshots, checks=EQUAL, second_look=False)  # loads, and meets each size once
        detector.analyse(snapshots[:2], second_look=True)
        grown = psutil.Process().memory_info().rss - before
        plain, persons = _plain(Path(folder))
        plain(snapshots[0])
        rates = [_round(plain, detector, snapshots) for _ in range(ROUNDS)]
        twice = _rate(lambda: _by_fours(detector, snapshots[:TWICE]), TWICE)
        alone = sorted(_milliseconds(detector, snapshots))
        detector.close()
    plainly, equal, full = (max(each) for each in zip(*rates, strict=True))
    same = sum(persons[data] == (each.persons, len(each.faces)) for data, each in zip(snapshots, seen, strict=True))
    p95 = alone[int(len(alone) * 0.95)]
    return [
        ("plain ultralytics loop and YuNet", f"{plainly:.1f} snapshots/s", ""),
        ("detector, one look, faces", f"{equal:.1f} snapshots/s: {equal / plainly:.1f} times", ">= 4 times"),
        ("  same persons and faces as the plain loop", f"{same} of {len(snapshots)}", "all"),
        ("detector, one look, all checks", f"{full:.1f} snapshots/s: {full / plainly:.1f} times", ""),
        ("detector, two looks, all checks", f"{twice:.1f} snapshots/s", ""),
        ("  one snapshot alone, one look", f"p50 {statistics.median(alone):.0f} ms, p95 {p95:.0f} ms", ""),
        ("  memory that the detector adds", f"{grown / 1e6:.0f} MB", ""),
    ]


def _snapshots() -> list[bytes]:
    """Labelled photographs as a webcam would send them: JPEG of 640 x 480."""
    names = sorted((SHARED / "data" / "proctoring").glob("[!s]*.jpg"))[:PICTURES]
    made = []
    for name in names:
        picture = cv2.imread(str(name))
        scale = max(SNAPSHOT[0] / picture.shape[1], SNAPSHOT[1] / picture.shape[0])
        size = (round(picture.shape[1] * scale) + 1, round(picture.shape[0] * scale) + 1)
        cut = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[: SNAPSHOT[1], : SNAPSHOT[0]]
        made.append(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    return made


def _plain(folder: Path) -> tuple[Callable[[bytes], Any], dict[bytes, tuple[int, int]]]:
    from ultralytics import YOLO

    model = YOLO(shutil.copyfile(WEIGHTS, folder / "plain.pt"))
    finder = cv2.FaceDetectorYN.create(str(FACES), "", (320, 320), 0.8)
    found: dict[bytes, tuple[int, int]] = {}

    def look(data: bytes) -> None:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        boxes = model(picture, verbose=False, conf=0.25)[0].boxes
        finder.setInputSize((picture.shape[1], picture.shape[0]))
        faces = finder.detect(picture)[1]
        persons = sum(int(number) == 0 and sure >= 0.35 for number, sure in zip(boxes.cls, boxes.conf, strict=True))
        found[data] = (persons, 0 if faces is None else len(faces))

    return look, found


def _round(plain: Callable[[bytes], Any], detector: Detector, snapshots: list[bytes]) -> tuple[float, float, float]:
    """Snapshots a second of the three, one after the other."""

    def plainly() -> None:
        for data in snapshots:
            plain(data)

    return (
        _rate(plainly, len(snapshots)),
        _rate(lambda: detector.analyse(snapshots, checks=EQUAL, second_look=False), len(snapshots)),
        _rate(lambda: detector.analyse(snapshots, second_look=False), len(snapshots)),
    )


def _rate(work: Callable[[], list[PictureAnalysis] | None], pictures: int) -> float:
    begun = time.perf_counter()
    work()
    return pictures / (time.perf_counter() - begun)


def _by_fours(detector: Detector, snapshots: list[bytes]) -> None:
    """As they come in a quiet exam: few enough at once to be looked at twice."""
    for start in range(0, len(snapshots), LOOKED_AT_TWICE):
        detector.analyse(snapshots[start : start + LOOKED_AT_TWICE])


def _milliseconds(detector: Detector, snapshots: list[bytes]) -> list[float]:
    return [detector.analyse([data], checks=EQUAL, second_look=False)[0].milliseconds for data in snapshots]
