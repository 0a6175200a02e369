"""Faces with five points by YuNet; without its file by OpenCV's Haar cascade, which gives boxes only.

YuNet (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023) runs
here as `cv2.FaceDetectorYN` decodes it, through OpenVINO: the same boxes in a
fraction of the time, and from several threads at once.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.decode import Pixels
from proctoring.detection.runtime import Floats, Network
from proctoring.detection.schemas import Box, Face

SIZE = 640  # long side in pixels
# At its makers' 0.9 it misses every profile; below 0.7 it finds faces in curtains.
LEAST_CONFIDENCE = 0.8
OVERLAP = 0.3  # intersection over union from which two boxes are one face
STRIDES = (8, 16, 32)
HAAR_CONFIDENCE = 0.6  # a cascade gives none; a bit better than a coin's


def yunet(network: Network, pixels: Pixels, *, size: int = SIZE, at_least: float = LEAST_CONFIDENCE) -> list[Face]:
    """The faces of an upright BGR picture, the largest first."""
    import cv2  # large; only for those who look at pictures

    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = pixels if inner == (width, height) else cv2.resize(pixels, inner, interpolation=cv2.INTER_LINEAR)
    padded = cv2.copyMakeBorder(small, 0, -inner[1] % 32, 0, -inner[0] % 32, cv2.BORDER_CONSTANT, value=0)
    outputs = network.run_named({"input": cv2.dnn.blobFromImage(padded)})
    found = [_decoded(outputs, stride, padded.shape[1] // stride, at_least) for stride in STRIDES]
    boxes, points, scores = (np.concatenate([each[part] for each in found]) for part in range(3))
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), at_least, OVERLAP) if len(scores) else []
    size_of = np.array(inner, dtype=np.float32)
    faces = [_face(boxes[index], points[index], float(scores[index]), size_of) for index in np.reshape(kept, -1)]
    return sorted(faces, key=_area, reverse=True)


def _decoded(
    outputs: dict[str, Floats], stride: int, columns: int, at_least: float
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Boxes (left, top, width, height), points (5 x 2) and scores at one stride, as `cv2.FaceDetectorYN` reads them."""
    classes, objects = outputs[f"cls_{stride}"].reshape(-1), outputs[f"obj_{stride}"].reshape(-1)
    scores = np.sqrt(classes.clip(0, 1) * objects.clip(0, 1))
    at = np.flatnonzero(scores >= at_least)
    places = np.stack([at % columns, at // columns], axis=1).astype(np.float32)
    deltas = outputs[f"bbox_{stride}"].reshape(-1, 4)[at]
    sides = np.exp(deltas[:, 2:]) * stride
    corner = (places + deltas[:, :2]) * stride - sides / 2
    points = (outputs[f"kps_{stride}"].reshape(-1, 5, 2)[at] + places[:, None]) * stride
    return np.concatenate([corner, sides], axis=1), points, scores[at]


def _face(box: NDArray[Any], points: NDArray[Any], score: float, size: NDArray[Any]) -> Face:
    (left, top), (right, bottom) = box[:2] / size, (box[:2] + box[2:]) / size
    return Face(
        box=Box(_fraction(left), _fraction(top), _fraction(right), _fraction(bottom)),
        confidence=round(min(1.0, score), 4),
        points=tuple((round(float(x), 5), round(float(y), 5)) for x, y in points / size),
    )


class HaarFaces:
    """OpenCV's own frontal cascade: comes with the package, finds four of five faces, knows no points."""

    def __init__(self) -> None:
        import cv2

        self._cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
        self._lock = threading.Lock()  # a cascade keeps state between calls

    def find(self, pixels: Pixels) -> list[Face]:
        """The faces of an upright BGR picture, the largest first."""
        import cv2

        height, width = pixels.shape[:2]
        scale = min(1.0, SIZE / max(height, width))
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        grey = cv2.resize(grey, (max(1, round(width * scale)), max(1, round(height * scale))))
        with self._lock:
            found = self._cascade.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=5, minSize=(30, 30))
        tall, wide = grey.shape[:2]
        faces = [
            Face(
                Box(
                    _fraction(x / wide),
                    _fraction(y / tall),
                    _fraction((x + w) / wide),
                    _fraction((y + h) / tall),
                ),
                HAAR_CONFIDENCE,
            )
            for x, y, w, h in found
        ]
        return sorted(faces, key=_area, reverse=True)


def _area(face: Face) -> float:
    return (face.box.right - face.box.left) * (face.box.bottom - face.box.top)


def _fraction(value: float) -> float:
    return round(min(1.0, max(0.0, float(value))), 5)
