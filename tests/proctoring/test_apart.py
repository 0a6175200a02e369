"""The detector's own process: it answers, refuses, ends when idle, and comes back after it was killed."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proctoring.detection import PictureRefused
from proctoring.detection.schemas import Check
from proctoring.watching.apart import DetectorApart, DetectorEnded
from tests.proctoring.reviewing import jpeg

CAMERA = frozenset({Check.CAMERA})


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[DetectorApart]:
    """A detector without weights: it tells light and sharpness."""
    detector = DetectorApart(models_dir=None, cache_dir=tmp_path, idle_seconds=1.0)
    yield detector
    detector.close()


def _until(holds: Callable[[], bool], *, seconds: float = 120.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_it_looks_and_refuses_as_the_detector_does(apart: DetectorApart) -> None:
    found = apart.analyse([jpeg(), jpeg()], checks=CAMERA)
    assert [Check.CAMERA in each.looked_for for each in found] == [True, True]
    with pytest.raises(PictureRefused):
        apart.analyse([b"no picture"], checks=CAMERA)
    assert apart.analyse([jpeg()], checks=CAMERA)[0].quality.width == found[0].quality.width


def test_its_process_ends_when_nobody_asks_and_a_new_one_answers(apart: DetectorApart) -> None:
    apart.analyse([jpeg()], checks=CAMERA)
    first = apart.pid
    assert first is not None
    assert _until(lambda: apart.pid is None and not Path(f"/proc/{first}").exists())
    apart.analyse([jpeg()], checks=CAMERA)
    assert apart.pid not in (None, first)


def test_a_killed_process_is_told_once_and_replaced(apart: DetectorApart) -> None:
    apart.analyse([jpeg()], checks=CAMERA)
    killed = apart.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    try:
        apart.analyse([jpeg()], checks=CAMERA)  # noticed before asking, or while
    except DetectorEnded:
        apart.analyse([jpeg()], checks=CAMERA)
    assert apart.pid not in (None, killed)
