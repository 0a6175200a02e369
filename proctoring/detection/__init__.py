"""Looks at pictures: faces, persons and things, identity, where head and eyes point, what the camera shows.

Pure computation: bytes in, `schemas.PictureAnalysis` out; no database, no rule, no judgement of people.
What could not be looked for is named with its reason and is never called clean.
"""

from proctoring.detection.decode import inspect
from proctoring.detection.detector import Detector, open_detector
from proctoring.detection.errors import PictureRefused
from proctoring.detection.identity import compare

__all__ = ["Detector", "PictureRefused", "compare", "inspect", "open_detector"]
