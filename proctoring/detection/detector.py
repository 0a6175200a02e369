"""One detector per process: loads networks when first needed, and looks from as many threads as cores."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from proctoring.detection import catalogue, decode, faces, gaze, head, identity, objects, quality, runtime
from proctoring.detection.errors import ModelUnavailable
from proctoring.detection.schemas import Check, Face, FoundObject, PictureAnalysis

ALL_CHECKS = frozenset(Check)
ROLES = {
    Check.OBJECTS: (catalogue.OBJECTS,),
    Check.IDENTITY: (catalogue.FACES, catalogue.IDENTITY),
    Check.HEAD: (catalogue.FACES,),
    Check.GAZE: (catalogue.FACES, catalogue.HEAD, catalogue.GAZE),
}
WHAT = {
    Check.OBJECTS: "object detection unavailable, faces only",
    Check.IDENTITY: "identity is not checked",
    Check.HEAD: "the direction of the head is not watched",
    Check.GAZE: "the direction of the eyes is not watched",
}
LOOKED_AT_TWICE = 4  # pictures at once; more mean that a queue grows, and a late look helps nobody
RETRY_SECONDS = 60.0  # how long a missing file is believed to be missing
EXPORTED = "exported"  # the folder in the cache that holds what was made from weights
HAAR = "OpenCV Haar cascade frontalface_alt2"
CV_QUALITY = "OpenCV light and sharpness"

T = TypeVar("T")


@dataclass(slots=True)
class _Slot:
    """What was loaded for a role, or why it could not be and until when that is believed."""

    loaded: Any = None
    reason: str = ""
    until: float = 0.0


class Detector:
    """Looks at pictures. Thread-safe; open one per process with `open_detector`."""

    def __init__(
        self,
        *,
        folders: tuple[Path, ...],
        cache: Path,
        threads: int,
        object_model: str = "",
        device: str = runtime.CPU,
        fetch: bool = False,
    ) -> None:
        self._folders, self._cache, self._threads = folders, cache, threads
        self._object_model, self._device, self._fetch = object_model, device, fetch
        self._slots: dict[str, _Slot] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="looking")

    def analyse(
        self,
        pictures: Sequence[bytes],
        *,
        checks: frozenset[Check] = ALL_CHECKS,
        labels: frozenset[str] = objects.LABELS,
        second_look: bool | None = None,
    ) -> list[PictureAnalysis]:
        """What each picture shows, in order; several are looked at side by side.

        `labels` are the COCO classes to report. `second_look` costs seven times the first; unless it is said, few
        pictures at once get it and many do not. Raises PictureRefused for bytes that are no usable picture: callers
        who took them over the network have already asked `decode.inspect`.
        """
        missing = {check: reason for check, reason in self.available().items() if check in checks and reason}

        twice = len(pictures) <= LOOKED_AT_TWICE if second_look is None else second_look

        def look(data: bytes) -> PictureAnalysis:
            return self._one(data, checks, labels, twice, missing)

        if len(pictures) == 1:
            return [look(pictures[0])]
        return list(self._pool.map(look, pictures))

    def available(self) -> dict[Check, str]:
        """For each check '' when it can be made, else why not; loads what is not loaded yet."""
        return {check: self._reason(check) for check in Check}

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _reason(self, check: Check) -> str:
        for role in ROLES.get(check, ()):
            try:
                self._get(role)
            except ModelUnavailable as error:
                return f"{WHAT[check]}: {error}"
        return ""

    def _one(
        self,
        data: bytes,
        checks: frozenset[Check],
        labels: frozenset[str],
        second_look: bool,
        missing: dict[Check, str],
    ) -> PictureAnalysis:
        begun = time.perf_counter()
        pixels = decode.decode(data)
        models = {"camera": CV_QUALITY}
        found: tuple[Face, ...] = ()
        things: tuple[FoundObject, ...] = ()
        wanted = checks - missing.keys()
        if wanted - {Check.CAMERA, Check.OBJECTS}:
            found, models["faces"] = self._faces(pixels)
            found = self._measured(found, pixels, wanted, models)
        if Check.OBJECTS in wanted:
            finder = self._get(catalogue.OBJECTS)
            things = finder.find(pixels, labels=labels, second_look=second_look)
            models["objects"] = finder.version
        return PictureAnalysis(
            quality=quality.measure(pixels, data=data),
            faces=found,
            objects=things,
            looked_for=wanted,
            unavailable=missing,
            models=models,
            milliseconds=round((time.perf_counter() - begun) * 1000, 2),
        )

    def _faces(self, pixels: decode.Pixels) -> tuple[tuple[Face, ...], str]:
        try:
            network = self._get(catalogue.FACES)
        except ModelUnavailable:
            return tuple(self._get("haar").find(pixels)), HAAR
        return tuple(faces.yunet(network, pixels)), catalogue.BY_ROLE[catalogue.FACES].name

    def _measured(
        self, found: tuple[Face, ...], pixels: decode.Pixels, wanted: frozenset[Check], models: dict[str, str]
    ) -> tuple[Face, ...]:
        """The faces with angles; the largest also with gaze and embedding, as far as wanted."""
        height, width = pixels.shape[:2]
        if Check.HEAD in wanted:
            turned = [(face, head.angles(face, width=width, height=height)) for face in found]
            found = tuple(
                replace(face, yaw=angles[0], pitch=angles[1], roll=angles[2]) if angles else face
                for face, angles in turned
            )
        if not found:
            return found
        largest = found[0]
        if Check.GAZE in wanted:
            looking = gaze.direction(self._get(catalogue.HEAD), self._get(catalogue.GAZE), pixels, largest)
            largest = replace(largest, gaze=looking)
            models["gaze"] = catalogue.BY_ROLE[catalogue.GAZE].name
        if Check.IDENTITY in wanted:
            largest = replace(largest, embedding=identity.embedding(self._get(catalogue.IDENTITY), pixels, largest))
            models["identity"] = catalogue.BY_ROLE[catalogue.IDENTITY].name
        return (largest, *found[1:])

    def _get(self, role: str) -> Any:
        """The loaded network of a role. Raises ModelUnavailable, and looks again for a missing file after a while."""
        with self._lock:
            slot = self._slots.setdefault(role, _Slot())
            if slot.loaded is None and time.monotonic() >= slot.until:
                try:
                    slot.loaded = self._loader(role)()
                except ModelUnavailable as error:
                    slot.reason, slot.until = str(error), time.monotonic() + RETRY_SECONDS
            if slot.loaded is None:
                raise ModelUnavailable(slot.reason)
            return slot.loaded

    def _loader(self, role: str) -> Callable[[], Any]:
        if role == "haar":
            return faces.HaarFaces
        if role == catalogue.OBJECTS:
            return self._load_objects
        shape = (1, 3, -1, -1) if role == catalogue.FACES else None
        # Small networks gain nothing from bfloat16, and points and embeddings lose by it.
        return lambda: runtime.load(self._found(role), threads=self._threads, shape=shape, exact=True)

    def _load_objects(self) -> objects.ObjectFinder:
        if self._fetch and not self._object_model:
            self._found(catalogue.OBJECTS)
        return objects.load(
            folders=self._folders,
            cache=self._cache / EXPORTED,
            threads=self._threads,
            model=self._object_model,
            device=self._device,
        )

    def _found(self, role: str) -> Path:
        try:
            return catalogue.find(role, folders=self._folders).path
        except ModelUnavailable:
            if not self._fetch:
                raise
            return catalogue.fetch(role, into=self._cache).path


def open_detector(
    *,
    models_dir: Path | None,
    cache_dir: Path,
    threads: int | None = None,
    object_model: str = "",
    device: str = runtime.CPU,
    fetch: bool = False,
) -> Detector:
    """A detector for this process; nothing is loaded yet.

    Weights are looked for in `models_dir`, then in `cache_dir`, where exported and
    fetched ones are kept. `object_model` names another object detector (`objects.load`).
    `device`, as OpenVINO names it, is where that one computes; the small networks stay on the processor.
    `fetch`: get missing weights from their makers.
    """
    folders = ((models_dir,) if models_dir is not None else ()) + (cache_dir,)
    return Detector(
        folders=folders,
        cache=cache_dir,
        threads=threads or os.cpu_count() or 1,
        object_model=object_model,
        device=device,
        fetch=fetch,
    )
