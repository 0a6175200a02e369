"""Where a head points, from the five points of a face: a perspective-n-point fit of a mean face.

No network and no file. The camera's place shifts pitch by ten degrees and more,
so angles mean something only against the person's own, taken in the pre-check.
"""

import math

import numpy as np

from proctoring.detection.schemas import Face

# A mean face in millimetres, seen from the front, the tip of the nose its origin: right eye, left eye, nose, right and
# left corner of the mouth; x to the picture's right, y down, z away from the camera. Source: the generic 68-point
# model of hysts/pytorch_mpiigaze_demo (MIT, `face_model_68.py`, outer corners of the eyes 90 mm apart); an eye is the
# mean of its six points, as YuNet marks eyes' centres. Rounded to a tenth of a millimetre.
MEAN_FACE = np.array(
    [(-32.4, -32.8, 35.3), (32.4, -32.8, 35.3), (0.0, 0.0, 0.0), (-28.5, 33.3, 36.7), (28.5, 33.3, 36.7)],
    dtype=np.float64,
)
FOCAL = 1.2  # focal length as a multiple of the picture's long side: a webcam's 45 degrees of view


def angles(face: Face, *, width: int, height: int) -> tuple[float, float, float] | None:
    """Yaw (positive to the person's left), pitch (positive down) and roll in degrees; None without points."""
    import cv2  # large; only for those who look at pictures

    if len(face.points) != len(MEAN_FACE):
        return None
    points = np.array(face.points, dtype=np.float64) * (width, height)
    focal = FOCAL * max(width, height)
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    fitted, turn, _ = cv2.solvePnP(MEAN_FACE, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not fitted:
        return None
    rotation, _ = cv2.Rodrigues(turn)
    # The face looks along -z of its own frame; where that points in the camera's frame gives yaw and pitch.
    ahead = -rotation[:, 2]
    yaw = math.degrees(math.atan2(ahead[0], -ahead[2]))
    pitch = math.degrees(math.atan2(ahead[1], math.hypot(ahead[0], ahead[2])))
    roll = math.degrees(math.atan2(rotation[1, 0], rotation[0, 0]))
    return round(yaw, 1), round(pitch, 1), round(roll, 1)
