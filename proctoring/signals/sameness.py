"""The same picture again: frozen (as the one before) or looped (as an earlier one, with others between).

Living pictures of a still person one second apart differ by 1.6 grey levels or
more on average; the same frame encoded anew differs by 0.7. `Rules.frozen_difference` lies between.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.signals.schemas import Kind, Picture, Reading, Rules, Signal

LOOKED_BACK = 360  # pictures: an hour at the usual interval
LOOP_APART = 3  # pictures at least between a picture and its repetition
FINGERPRINT_BITS = 6  # of 64: more differ between two pictures that are not one
SURE, LIKELY = 0.95, 0.8


def add_sameness(pictures: Sequence[Picture], readings: Sequence[Reading], *, rules: Rules) -> list[Reading]:
    """The readings with frozen and looped put in; `pictures` are the analysed ones, in the order of `readings`."""
    analyses = [picture.analysis for picture in pictures]
    prints = np.array([each.quality.fingerprint if each else 0 for each in analyses], dtype=np.uint64)
    done = []
    for index, (picture, reading) in enumerate(zip(pictures, readings, strict=True)):
        analysis = analyses[index]
        if analysis is None or not _comparable(analysis):
            done.append(reading)
            continue
        signals, looked = list(reading.signals), set(reading.looked)
        if index:
            looked.add(Kind.CAMERA_FROZEN)
            again = _same(analysis, analyses[index - 1], rules)
            if again is not None:
                signals.append(_signal(Kind.CAMERA_FROZEN, picture, pictures[index - 1], again))
        if index > LOOP_APART and Kind.CAMERA_FROZEN not in {signal.kind for signal in signals}:
            looked.add(Kind.CAMERA_LOOPED)
            earlier = _earlier(index, analyses, prints, rules)
            if earlier is not None:
                before, difference = earlier
                signals.append(_signal(Kind.CAMERA_LOOPED, picture, pictures[before], difference))
        done.append(replace(reading, signals=tuple(signals), looked=frozenset(looked)))
    return done


def _comparable(analysis: PictureAnalysis) -> bool:
    """A black or covered picture is like every other such picture: that is told as dark or covered."""
    return Check.CAMERA in analysis.looked_for and not analysis.quality.faults and bool(analysis.quality.digest)


def _same(analysis: PictureAnalysis, other: PictureAnalysis | None, rules: Rules) -> float | None:
    """How much two pictures differ (mean grey levels) when they are the same; None when they are not."""
    if other is None or not _comparable(other):
        return None
    if analysis.quality.digest == other.quality.digest:
        return 0.0
    one, two = analysis.quality.thumbnail, other.quality.thumbnail
    if not one or len(one) != len(two):
        return None
    greys = np.frombuffer(one, np.uint8).astype(np.int16), np.frombuffer(two, np.uint8).astype(np.int16)
    difference = float(np.abs(greys[0] - greys[1]).mean())
    return difference if difference < rules.frozen_difference else None


def _earlier(
    index: int, analyses: Sequence[PictureAnalysis | None], prints: np.ndarray, rules: Rules
) -> tuple[int, float] | None:
    """The latest picture, `LOOP_APART` or more back, that this one repeats; the one just before is another one."""
    analysis = analyses[index]
    if analysis is None:
        return None
    start = max(0, index - LOOKED_BACK)
    distances = np.bitwise_count(prints[start : index - LOOP_APART] ^ prints[index])
    for offset in np.flatnonzero(distances <= FINGERPRINT_BITS)[::-1]:
        before = start + int(offset)
        difference = _same(analysis, analyses[before], rules)
        if difference is not None:
            return before, difference
    return None


def _signal(kind: Kind, picture: Picture, other: Picture, difference: float) -> Signal:
    confidence = SURE if difference == 0 else LIKELY
    return Signal(
        kind, picture.at, picture.at, confidence, (other.id, picture.id), {"difference": round(difference, 2)}
    )
