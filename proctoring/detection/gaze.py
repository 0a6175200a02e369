"""Where eyes look: Open Model Zoo's gaze-estimation-adas-0002 over both eyes and head-pose-estimation-adas-0001.

Head pose alone is blind to eyes that move in a still head; this sees them. The
crops are those of Open Model Zoo's gaze_estimation_demo: a square around each
eye, turned so that the eyes are level, and a head pose without roll; its "left"
eye is the one at the picture's left. Both networks answer a face and its mirror
image differently, so they are asked for both, and the mean counts.
"""

import math

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.decode import Pixels
from proctoring.detection.runtime import Floats, Network
from proctoring.detection.schemas import Face

SIDE = 60  # pixels of each network's input
# Side of an eye's crop as a multiple of the distance between the eyes. The demo takes 1.8 widths of the eye; eyes are
# 26 to 30 mm wide and 63 mm apart, which makes 0.74 to 0.86.
EYE_BOX = 0.8
LEAST_EYES = 14.0  # pixels between the eyes; below, an eye is a smudge


def direction(head: Network, gaze: Network, pixels: Pixels, face: Face) -> tuple[float, float] | None:
    """Sideways and up-down parts of the unit vector of gaze (positive to the person's left, and up).

    None where the eyes are too small or out of the picture.
    """
    if len(face.points) < 2:
        return None
    height, width = pixels.shape[:2]
    eyes = np.array(face.points[:2], dtype=np.float32) * np.array((width, height), dtype=np.float32)
    across = eyes[1] - eyes[0]
    apart, roll = float(np.linalg.norm(across)), math.atan2(float(across[1]), float(across[0]))
    inside = (eyes >= 0).all() and (eyes < (width, height)).all()
    crop = _face(pixels, face)
    if apart < LEAST_EYES or not inside or crop is None:
        return None
    patches = [_eye(pixels, eye, side=EYE_BOX * apart, roll=roll) for eye in eyes]
    (yaw, pitch), (other_yaw, other_pitch) = _pose(head, crop), _pose(head, crop[:, ::-1])
    yaw, pitch = (yaw - other_yaw) / 2, (pitch + other_pitch) / 2
    mirrored = [patch[:, ::-1] for patch in reversed(patches)]
    seen = _vector(gaze, patches, yaw, pitch)
    reflected = _vector(gaze, mirrored, -yaw, pitch)
    if seen is None or reflected is None:
        return None
    mean = (seen + reflected * (-1, 1, 1)) / 2
    level = mean / np.linalg.norm(mean)
    # The crops were turned level; the gaze is turned back (x to the picture's right, y up, roll clockwise).
    cosine, sine = math.cos(roll), math.sin(roll)
    return (
        round(float(level[0] * cosine + level[1] * sine), 4),
        round(float(level[1] * cosine - level[0] * sine), 4),
    )


def _vector(gaze: Network, patches: list[Pixels], yaw: float, pitch: float) -> NDArray[np.float64] | None:
    """The unit vector of gaze for level crops of the eyes at the picture's left and right."""
    import cv2  # large; only for those who look at pictures

    left, right = (cv2.dnn.blobFromImage(np.ascontiguousarray(patch)) for patch in patches)
    angles = np.array([[yaw, pitch, 0.0]], dtype=np.float32)
    answer = gaze.run_named({"left_eye_image": left, "right_eye_image": right, "head_pose_angles": angles})
    numbers = next(iter(answer.values())).reshape(-1).astype(np.float64)
    length = float(np.linalg.norm(numbers))
    return numbers / length if np.isfinite(length) and length > 0 else None


def _pose(head: Network, crop: Pixels) -> tuple[float, float]:
    """Yaw and pitch in degrees as the head-pose network tells them."""
    import cv2

    pose: dict[str, Floats] = head.run_named({"data": cv2.dnn.blobFromImage(np.ascontiguousarray(crop))})
    # The names end differently in the two forms the network is published in.
    yaw, pitch = (
        next(value for name, value in pose.items() if name.startswith(f"angle_{axis}_")).item() for axis in "yp"
    )
    return yaw, pitch


def _eye(pixels: Pixels, eye: Floats, *, side: float, roll: float) -> Pixels:
    """The square of `side` pixels around an eye, turned back by `roll` (radians) and scaled to the network's input."""
    import cv2

    larger = max(1, int(side / SIDE))  # a warp alone would skip pixels of a large eye
    scale, middle = SIDE * larger / side, SIDE * larger / 2
    cosine, sine = math.cos(roll) * scale, math.sin(roll) * scale
    turn = np.array([(cosine, sine), (-sine, cosine)])
    affine = np.concatenate([turn, (middle - turn @ eye)[:, None]], axis=1)
    whole = (SIDE * larger, SIDE * larger)
    level = cv2.warpAffine(pixels, affine, whole, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(level, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _face(pixels: Pixels, face: Face) -> Pixels | None:
    import cv2

    height, width = pixels.shape[:2]
    left, top = max(0, round(face.box.left * width)), max(0, round(face.box.top * height))
    part = pixels[top : round(face.box.bottom * height), left : round(face.box.right * width)]
    if min(part.shape[:2], default=0) < 4:
        return None
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
