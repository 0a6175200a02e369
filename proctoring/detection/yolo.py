"""A YOLOv8 network's picture in and boxes out: letterbox, decoding, suppression of doubles.

As ultralytics does it (`LetterBox`, `non_max_suppression`), without torch: a
detector process that runs the exported network needs no tensor library.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.decode import Pixels

STRIDE = 32  # sides of the input are multiples of it
GREY = 114  # colour of the padding that YOLO networks are trained with
OVERLAP = 0.7  # intersection over union from which two boxes of a class are one; ultralytics' default
_CLASS_OFFSET = 8192.0  # moves classes apart, so that one suppression serves all

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A network's input (1 x height x width x BGR, 8 bits) and the way back to the picture's pixels."""

    tensor: Pixels
    scale: float
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Boxes:
    """Detections: corners in pixels (n x 4: left, top, right, bottom), confidences and class numbers."""

    corners: Floats
    confidences: Floats
    classes: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Boxes":
        """Those that `chosen` selects."""
        return Boxes(self.corners[chosen], self.confidences[chosen], self.classes[chosen])


def letterbox(pixels: Pixels, *, size: int) -> Letterbox:
    """The BGR picture scaled so that its long side is `size`, padded to multiples of the stride."""
    import cv2  # large; only for those who look at pictures

    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    if inner != (width, height):
        pixels = np.asarray(cv2.resize(pixels, inner, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    spare_x, spare_y = (-side % STRIDE for side in inner)
    left, top = round(spare_x / 2 - 0.1), round(spare_y / 2 - 0.1)
    if spare_x or spare_y:
        sides = (top, spare_y - top, left, spare_x - left)
        pixels = np.asarray(
            cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY)), dtype=np.uint8
        )
    return Letterbox(pixels[None], scale, left, top)


def boxes(output: Floats, *, of: Letterbox, width: int, height: int, at_least: float) -> Boxes:
    """The boxes of one picture from the network's output (4 + classes, places), the most confident first."""
    scores = output[4:]
    classes = scores.argmax(axis=0)
    confidences = scores[classes, np.arange(scores.shape[1])]
    kept = confidences >= at_least
    centre, classes, confidences = output[:4, kept].T, classes[kept], confidences[kept]
    half = centre[:, 2:] / 2
    corners = np.concatenate([centre[:, :2] - half, centre[:, :2] + half], axis=1)
    corners = (corners - np.array([of.left, of.top] * 2, dtype=np.float32)) / of.scale
    corners = corners.clip(0, np.array([width, height] * 2, dtype=np.float32))
    return suppressed(Boxes(corners.astype(np.float32), confidences, classes.astype(np.int64)))


def suppressed(found: Boxes, *, overlap: float = OVERLAP) -> Boxes:
    """Of boxes of one class that overlap, the most confident; in order of confidence."""
    import cv2

    if not len(found.confidences):
        return found
    apart = found.corners + (found.classes * _CLASS_OFFSET)[:, None].astype(np.float32)
    sides = np.concatenate([apart[:, :2], apart[:, 2:] - apart[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(sides.tolist(), found.confidences.tolist(), 0.0, overlap)
    return found.of(np.asarray(kept, dtype=np.int64).reshape(-1))
