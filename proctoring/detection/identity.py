"""Whose face: 256 numbers of Open Model Zoo's face-reidentification-retail-0095, and how alike two of them are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.decode import Pixels
from proctoring.detection.runtime import Network
from proctoring.detection.schemas import Face, Likeness

SIDE = 128
# Where the network expects the eyes, the nose and the corners of the mouth, as fractions of its input
# (Open Model Zoo, description of face-reidentification-retail-0095).
PLACES = np.array(
    [
        (0.31556875000000000, 0.4615741071428571),
        (0.68262291666666670, 0.4615741071428571),
        (0.50026249999999990, 0.6405053571428571),
        (0.34947187500000004, 0.8246919642857142),
        (0.65343645833333330, 0.8246919642857142),
    ],
    dtype=np.float32,
)
# Lowest likeness of one person measured 0.43, highest of two persons 0.35 (cosine).
MISMATCH_BELOW, MATCH_FROM = 0.35, 0.45


def embedding(network: Network, pixels: Pixels, face: Face) -> tuple[float, ...] | None:
    """256 numbers of length 1 for a face with points in an upright BGR picture; None where it cannot be aligned."""
    import cv2  # large; only for those who look at pictures

    if len(face.points) != len(PLACES):
        return None
    height, width = pixels.shape[:2]
    points = np.array(face.points, dtype=np.float32) * np.array((width, height), dtype=np.float32)
    turn, _ = cv2.estimateAffinePartial2D(points, PLACES * SIDE, method=cv2.LMEDS)
    if turn is None:
        return None
    aligned = cv2.warpAffine(pixels, turn, (SIDE, SIDE))
    numbers: NDArray[np.float32] = network.run(cv2.dnn.blobFromImage(aligned))[0].reshape(-1)
    length = float(np.linalg.norm(numbers))
    if not np.isfinite(length) or length == 0:
        return None
    return tuple(round(float(number), 6) for number in numbers / length)


def compare(
    one: Sequence[float],
    other: Sequence[float],
    *,
    mismatch_below: float = MISMATCH_BELOW,
    match_from: float = MATCH_FROM,
) -> tuple[float, Likeness]:
    """Cosine (-1 to 1) of two embeddings, and what it says; between the thresholds lies `unsure`."""
    similarity = round(float(np.dot(np.asarray(one), np.asarray(other))), 4)
    if similarity >= match_from:
        return similarity, Likeness.MATCH
    return similarity, Likeness.MISMATCH if similarity < mismatch_below else Likeness.UNSURE
