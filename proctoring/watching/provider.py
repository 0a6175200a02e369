"""The detector of this process: made when first needed, then kept; made anew when the weights on disk change."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from proctoring.detection.detector import EXPORTED
from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.watching.apart import CPU, DetectorApart

Signature = tuple[tuple[str, int, int], ...]


class Looks(Protocol):
    """What watching needs of a detector."""

    def analyse(self, pictures: Sequence[bytes], *, checks: frozenset[Check]) -> list[PictureAnalysis]: ...


class DetectorProvider:
    """Makes the detector by `make`, whoever asks first. `folders` hold the weights."""

    def __init__(self, make: Callable[[], Looks], *, folders: Sequence[Path]) -> None:
        self._make, self._folders = make, tuple(folders)
        self._detector: Looks | None = None
        self._made_from: Signature = ()
        self._lock = threading.Lock()

    @classmethod
    def of_weights(
        cls, *, models_dir: Path | None, cache_dir: Path, object_model: str = "", device: str = CPU
    ) -> "DetectorProvider":
        """The product's detector, in a process of its own: weights in `models_dir` or fetched into `cache_dir`.

        `object_model` and `device` as in `detection.open_detector`.
        """
        return cls(
            lambda: DetectorApart(models_dir=models_dir, cache_dir=cache_dir, object_model=object_model, device=device),
            folders=[each for each in (models_dir, cache_dir) if each is not None],
        )

    def get(self) -> Looks:
        """The detector, over the weights that are there now."""
        with self._lock:
            present = self._signature()
            if self._detector is None or present != self._made_from:
                self._detector, self._made_from = self._make(), present
            return self._detector

    def _signature(self) -> Signature:
        files = [
            file
            for folder in self._folders
            for file in folder.rglob("*")
            if file.is_file() and EXPORTED not in file.relative_to(folder).parts
        ]
        stats = [(file, file.stat()) for file in sorted(files)]
        return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in stats)
