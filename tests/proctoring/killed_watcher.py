"""A process to be killed: looks at the waiting pictures of an installation until then."""

import time
from collections.abc import Sequence

from lms_core.kit.settings import Settings
from proctoring.detection.schemas import Check, PictureAnalysis
from tests.factories.proctoring import look_with
from tests.simulators.looking import PaintedDetector
from workers import runtime as runtimes


class SlowDetector(PaintedDetector):
    """Takes five milliseconds a picture, so that a kill comes in the middle."""

    def analyse(self, pictures: Sequence[bytes], *, checks: frozenset[Check]) -> list[PictureAnalysis]:
        """As the painted one."""
        time.sleep(0.005 * len(pictures))
        return super().analyse(pictures, checks=checks)


def main() -> None:
    """Work until killed."""
    runtime = runtimes.build(Settings())
    look_with(runtime, SlowDetector())
    print("ready", flush=True)
    runtime.start()
    time.sleep(600)
