"""YOLOv8's raw heads: an exported network of one fixed input size made to take pictures of any size.

An export of fixed size ends in tables of places computed for that size. Cut off
before them the network is convolutions alone, and these take any multiple of
the stride; the few steps after the cut are done here, for the places that matter
only. As ultralytics does it (`Detect`, `DFL`, `dist2bbox`); distributions of
distances come from Li et al., "Generalized Focal Loss", 2020.
"""

import math
from typing import Any

import numpy as np

from proctoring.detection.errors import ModelUnavailable
from proctoring.detection.runtime import Floats

STRIDES = (8, 16, 32)
BINS = 16  # of the distribution of each side's distance from its place, in strides
SIDES = 4
_PICTURE = 4  # dimensions of a tensor that still has height and width
_LIST = 3


def cut(model: Any) -> Any:
    """The OpenVINO model with its three heads as outputs, distances and class scores by stride, for any input size.

    Raises ModelUnavailable where it has no such heads.
    """
    import openvino  # large; only for those who look at pictures

    ends = []
    for node in model.get_ordered_ops():
        if node.get_type_name() != "Reshape" or len(node.output(0).get_partial_shape()) != _LIST:
            continue
        before = node.input_value(0)
        if len(before.get_partial_shape()) == _PICTURE and _channels(before) > 1:
            ends.append(before)
    distances = _by_size([end for end in ends if _channels(end) == SIDES * BINS])
    scores = _by_size([end for end in ends if _channels(end) != SIDES * BINS])
    # An exporter joins distances and scores of a stride, or does not.
    if len(scores) != len(STRIDES) or len(distances) not in (0, len(STRIDES)):
        raise ModelUnavailable(
            f"{model.get_friendly_name()} has not the heads of YOLOv8; export it for any input size."
        )
    joined = [openvino.opset13.concat(list(pair), axis=1) for pair in zip(distances, scores, strict=True)] or scores
    results = [openvino.opset13.result(end) for end in joined]
    return openvino.Model(results, model.get_parameters(), model.get_friendly_name())


def places(outputs: list[Floats], *, at_least: float) -> Floats:
    """What an uncut network answers of one picture: centre, sides and class scores (4 + classes, n).

    Only the n places of which some class has `at_least` are there.
    """
    limit = math.log(at_least / (1 - at_least))
    found = [_decoded(output[0], stride, limit) for output, stride in zip(outputs, STRIDES, strict=True)]
    return np.concatenate(found, axis=1)


def _decoded(head: Floats, stride: int, limit: float) -> Floats:
    """One head: 64 channels of distances, then the class scores before their sigmoid (channels, height, width)."""
    columns = head.shape[2]
    scores = head[SIDES * BINS :].reshape(head.shape[0] - SIDES * BINS, -1)
    at = np.flatnonzero(scores.max(axis=0) >= limit)
    bins = head[: SIDES * BINS].reshape(SIDES, BINS, -1)[:, :, at]
    shares = np.exp(bins - bins.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    left, top, right, bottom = np.einsum("sbn,b->sn", shares, np.arange(BINS, dtype=np.float32))
    x, y = at % columns + 0.5, at // columns + 0.5
    box = np.stack([x + (right - left) / 2, y + (bottom - top) / 2, left + right, top + bottom]) * stride
    return np.concatenate([box, 1 / (1 + np.exp(-scores[:, at]))]).astype(np.float32)


def _channels(end: Any) -> int:
    return int(end.get_partial_shape()[1].get_length())


def _by_size(ends: list[Any]) -> list[Any]:
    """Finest first: the height of a head's map falls with its stride."""
    return sorted(ends, key=lambda end: -end.get_partial_shape()[2].get_length())
