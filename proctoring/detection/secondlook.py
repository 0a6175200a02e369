"""A second, larger look for phones: at 640 pixels a phone in a hand is a few dots, and YOLOv8n finds one in four.

The picture is looked at again enlarged to 960 pixels, as it is and mirrored,
and, where that or the first look hints at a phone, both ways at 1280. What these
looks see at one place counts with the mean of what they say: a single look
mistakes microphones and printed cloth for phones, rarely the same ones as the
next; the network answers a mirrored picture differently, though nothing in it
has changed but its noise. A remote control is taken for a phone: the network
confuses the two, and on an exam's table the phone is the likelier.
"""

from typing import Protocol

import numpy as np

from proctoring.detection.decode import Pixels
from proctoring.detection.yolo import Boxes, Floats, suppressed

SIZES = (960, 1280)  # long sides in pixels
LEAST_HINT = 0.05  # a doubtful box that makes the last look worth its time
SAME_PLACE = 0.3  # intersection over union of one thing seen at two sizes
LEAST_MEAN = 0.15
# A mean over looks is lower than the best of them; scaled so that 0.25 means "report it" for every class.
SCALE = 0.25 / LEAST_MEAN


class Looks(Protocol):
    """One pass of the network over a picture whose long side becomes `size`; boxes in the picture's pixels."""

    def look(self, pixels: Pixels, *, size: int, at_least: float) -> Boxes: ...


def phones(finder: Looks, pixels: Pixels, *, first: Boxes, phone: int, alike: frozenset[int]) -> Boxes:
    """Phones by two or four larger looks; `first` is the look at 640 pixels, `alike` the classes taken for a phone."""
    classes = list(alike | {phone})
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    looks: list[Boxes] = []
    for size in SIZES:
        looks.append(_of(finder.look(pixels, size=size, at_least=LEAST_HINT), classes))
        reflected = finder.look(mirrored, size=size, at_least=LEAST_HINT)
        looks.append(_turned(_of(reflected, classes), pixels.shape[1]))
        if not any(len(seen.confidences) for seen in (*looks, _of(first, classes))):
            return looks[0]
    means = np.concatenate([_means(seen, [other for other in looks if other is not seen]) for seen in looks])
    corners = np.concatenate([seen.corners for seen in looks])
    sure = means >= LEAST_MEAN
    numbers = np.full(int(sure.sum()), phone, dtype=np.int64)
    return suppressed(Boxes(corners[sure], np.minimum(means[sure] * SCALE, 1.0), numbers), overlap=SAME_PLACE)


def joined(found: Boxes, phones: Boxes, *, phone: int) -> Boxes:
    """All boxes, but of the first look's phones those that the larger looks confirm: on phones these decide."""
    return _both(found.of(found.classes != phone), phones)


def _both(one: Boxes, other: Boxes) -> Boxes:
    return Boxes(
        np.concatenate([one.corners, other.corners]),
        np.concatenate([one.confidences, other.confidences]),
        np.concatenate([one.classes, other.classes]),
    )


def _of(found: Boxes, classes: list[int]) -> Boxes:
    return found.of(np.isin(found.classes, classes))


def _turned(found: Boxes, width: int) -> Boxes:
    """The boxes of a mirrored picture of that width, in the picture itself."""
    left, top, right, bottom = found.corners.T
    return Boxes(np.stack([width - right, top, width - left, bottom], axis=1), found.confidences, found.classes)


def _means(ones: Boxes, others: list[Boxes]) -> Floats:
    """For each of `ones` the mean of its confidence and those of the best at its place in each of the other looks."""
    sums = ones.confidences.astype(np.float32)
    for other in others:
        if len(ones.confidences) and len(other.confidences):
            there = overlaps(ones.corners, other.corners) >= SAME_PLACE
            sums = sums + np.where(there, other.confidences[None, :], 0.0).max(axis=1)
    return np.asarray(sums / (len(others) + 1), dtype=np.float32)


def overlaps(ones: Floats, others: Floats) -> Floats:
    """Intersection over union of every box of one list (n x 4) with every one of the other (m x 4): n x m."""
    low = np.maximum(ones[:, None, :2], others[None, :, :2])
    high = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    areas = [(each[:, 2:] - each[:, :2]).prod(axis=1) for each in (ones, others)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-9), dtype=np.float32)
