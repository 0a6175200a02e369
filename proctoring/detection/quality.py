"""Light and sharpness of a picture, and what to compare it with others by.

Measured on grey pictures whose long side is 320 pixels. Ordinary photographs
have a standard deviation of 15 or more and a Laplacian variance of 29 or more;
covered lenses stay below 11, smeared ones below 2 (`benchmarks/detection.py`).
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.decode import Pixels
from proctoring.detection.schemas import CameraFault, Quality

MEASURED_AT = 320  # long side in pixels
THUMBNAIL = (64, 36)  # width, height
LEAST_CONTRAST = 12.0  # standard deviation of grey
LEAST_SHARPNESS = 20.0  # variance of the Laplacian
DARK_BELOW = 40.0  # mean grey of a picture without contrast that is dark and not, say, a white wall
LEAST_STRUCTURE = 1.0  # grey levels a covered lens does not reach once sensor noise is averaged away
LEAST_SIDE = 120  # pixels; a face of a fifth of that is too small to find
FROZEN_BELOW = 1.0  # mean absolute grey difference; living pictures a second apart reach 1.6
REPEATED_BITS = 6  # of 64


def measure(pixels: Pixels, *, data: bytes) -> Quality:
    """The quality of an upright BGR picture; `data` are the bytes it came from."""
    import cv2  # large; only for those who look at pictures

    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    scale = MEASURED_AT / max(height, width)
    small = cv2.resize(
        grey, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    thumbnail = cv2.resize(small, THUMBNAIL, interpolation=cv2.INTER_AREA)
    brightness, contrast = float(small.mean()), float(small.std())
    sharpness = float(cv2.Laplacian(small, cv2.CV_64F).var())
    return Quality(
        width=width,
        height=height,
        brightness=round(brightness, 2),
        contrast=round(contrast, 2),
        sharpness=round(sharpness, 2),
        faults=_faults(width, height, brightness, contrast, sharpness, float(thumbnail.std())),
        digest=hashlib.sha256(data).hexdigest(),
        fingerprint=_fingerprint(small),
        thumbnail=thumbnail.tobytes(),
    )


def difference(one: Quality, other: Quality) -> float:
    """Mean absolute difference of two pictures in grey levels (0 to 255); infinite without thumbnails."""
    if not one.thumbnail or len(one.thumbnail) != len(other.thumbnail):
        return float("inf")
    greys = (np.frombuffer(each.thumbnail, np.uint8).astype(np.int16) for each in (one, other))
    return float(np.abs(next(greys) - next(greys)).mean())


def same_picture(one: Quality, other: Quality) -> bool:
    """Whether two pictures taken at different times are one and the same (a frozen camera)."""
    return bool(one.digest and one.digest == other.digest) or difference(one, other) < FROZEN_BELOW


def repeats(one: Quality, other: Quality) -> bool:
    """Whether pictures far apart in time show the same moment (a looped film): hash first, then grey levels."""
    if (one.fingerprint ^ other.fingerprint).bit_count() > REPEATED_BITS:
        return False
    return same_picture(one, other)


def _faults(
    width: int, height: int, brightness: float, contrast: float, sharpness: float, structure: float
) -> tuple[CameraFault, ...]:
    faults = []
    if min(width, height) < LEAST_SIDE:
        faults.append(CameraFault.WRONG_SIZE)
    if contrast < LEAST_CONTRAST:
        dark = brightness < DARK_BELOW and structure >= LEAST_STRUCTURE
        faults.append(CameraFault.DARK if dark else CameraFault.COVERED)
    elif sharpness < LEAST_SHARPNESS:
        faults.append(CameraFault.BLURRED)
    return tuple(faults)


def _fingerprint(grey: NDArray[np.uint8]) -> int:
    """64-bit difference hash: whether each of 8 x 8 cells is brighter than its right neighbour."""
    import cv2

    cells = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    return int.from_bytes(np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes(), "big")
