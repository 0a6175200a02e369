"""Persons and things by YOLOv8, with a second look where a phone would be."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from proctoring.detection import catalogue, exporting, heads, runtime, secondlook, yolo
from proctoring.detection.catalogue import digest_of
from proctoring.detection.decode import Pixels
from proctoring.detection.errors import ModelUnavailable
from proctoring.detection.runtime import CPU, Network
from proctoring.detection.schemas import Box, FoundObject

PERSON, PHONE, REMOTE = "person", "cell phone", "remote"
LABELS = frozenset({PERSON, PHONE, REMOTE, "book", "laptop", "tv", "keyboard"})
SIZE = 640  # long side of the first look in pixels
QUICK_UP_TO = 960  # what a larger look says decides, so the float network takes it
LEAST_PERSON = 0.35
LEAST_THING = 0.25
SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class ObjectFinder:
    """A loaded object detector. `names` are its classes in order; `version` goes into every analysis.

    `network` answers with boxes, `quick` with its heads (`heads.cut`): the same weights in 8-bit numbers, which look
    twice as fast and a little worse. One of the two may be missing.
    """

    network: Network | None
    names: tuple[str, ...]
    version: str
    quick: Network | None = None

    def find(self, pixels: Pixels, *, labels: frozenset[str], second_look: bool = True) -> tuple[FoundObject, ...]:
        """What of `labels` an upright BGR picture shows, the most confident first."""
        first = self.look(pixels, size=SIZE, at_least=secondlook.LEAST_HINT)
        found = first.of(first.confidences >= LEAST_THING)
        if second_look and PHONE in labels and PHONE in self.names:
            alike = frozenset(self.names.index(name) for name in (REMOTE,) if name in self.names)
            phone = self.names.index(PHONE)
            phones = secondlook.phones(self, pixels, first=first, phone=phone, alike=alike)
            found = secondlook.joined(found, phones, phone=phone)
        height, width = pixels.shape[:2]
        things = []
        for corners, confidence, number in zip(found.corners, found.confidences, found.classes, strict=True):
            label = self.names[int(number)]
            if label in labels and (label != PERSON or confidence >= LEAST_PERSON):
                things.append(FoundObject(label, round(float(confidence), 4), _box(corners.tolist(), width, height)))
        return tuple(sorted(things, key=lambda thing: -thing.confidence))

    def look(self, pixels: Pixels, *, size: int, at_least: float) -> yolo.Boxes:
        """One pass of the network over a picture whose long side becomes `size`; boxes in the picture's pixels."""
        fitted = yolo.letterbox(pixels, size=size)
        height, width = pixels.shape[:2]
        if self.quick is not None and (size <= QUICK_UP_TO or self.network is None):
            output = heads.places(self.quick.run(fitted.tensor), at_least=at_least)
        else:
            assert self.network is not None  # `load` finds one of the two
            output = self.network.run(fitted.tensor)[0][0]
        return yolo.boxes(output, of=fitted, width=width, height=height, at_least=at_least)


def load(
    *, folders: tuple[Path, ...], cache: Path, threads: int, model: str = "", device: str = CPU, quick: bool = True
) -> ObjectFinder:
    """The detector that `model` names, or YOLOv8n: with its 8-bit form where that is there, unless `quick` is False.

    `model` is a path, or a file's name in one of `folders`: an exported network (.xml
    with its .bin, a folder with one, or .onnx), or weights as `NAME.pt@SHA256`: a pickle
    is opened only when its hash is the one expected. Raises ModelUnavailable.
    """
    if model:
        path, digest = _named(model, folders=folders, cache=cache)
        version = f"{Path(model.partition('@')[0]).name} {digest[:12]}"
        network = runtime.load(path, threads=threads, device=device, pictures=True)
        if network.any_size:
            return ObjectFinder(network, _names(path), version)
        return ObjectFinder(None, _names(path), version, _cut(path, threads, device))
    small = _quick(folders, threads, device) if quick else None
    try:
        found = catalogue.find(catalogue.OBJECTS, folders=folders)
    except ModelUnavailable:
        if small is None:
            raise
        return ObjectFinder(None, COCO, "yolov8n int8", small)
    path = exporting.exported(found.path, digest=found.digest, cache=cache)
    network = runtime.load(path, threads=threads, device=device, pictures=True)
    version = f"{found.path.name} {found.digest[:12]}" + (" + int8" if small else "")
    return ObjectFinder(network, _names(path), version, small)


def _quick(folders: tuple[Path, ...], threads: int, device: str) -> Network | None:
    try:
        return _cut(catalogue.find(catalogue.QUICK_OBJECTS, folders=folders).path, threads, device)
    except ModelUnavailable:
        return None  # the float network sees the same, only slower


def _cut(path: Path, threads: int, device: str) -> Network:
    return runtime.load(path, threads=threads, device=device, shape=(1, 3, -1, -1), change=heads.cut, pictures=True)


def _named(model: str, *, folders: tuple[Path, ...], cache: Path) -> tuple[Path, str]:
    given, _, expected = model.partition("@")
    path = next((folder / given for folder in folders if (folder / given).exists()), Path(given))
    if path.is_dir():
        path = next(iter(sorted(path.glob("*.xml"))), path / "model.xml")
    if not path.is_file():
        raise ModelUnavailable(f"weights {path} not found; MWALIMU_PROCTORING_MODEL names them.")
    status = path.stat()
    digest = digest_of(path, status.st_mtime_ns, status.st_size)
    if expected and digest != expected.lower():
        raise ModelUnavailable(f"{path.name} has SHA-256 {digest}, not the one that MWALIMU_PROCTORING_MODEL expects.")
    if path.suffix != ".pt":
        return path, digest
    if len(expected) != SHA256_DIGITS:
        raise ModelUnavailable(
            f"{path.name} is a pickle, which runs code when opened; name it as {given}@SHA256, the file you trust."
        )
    return exporting.exported(path, digest=digest, cache=cache), digest


def _names(path: Path) -> tuple[str, ...]:
    """The classes that ultralytics wrote beside an exported network; COCO's where it wrote none."""
    notes = path.with_name("metadata.yaml")
    if not notes.is_file():
        return COCO
    names = yaml.safe_load(notes.read_text("utf-8")).get("names", {})
    return tuple(str(names[number]) for number in sorted(names)) or COCO


def _box(corners: list[float], width: int, height: int) -> Box:
    left, top, right, bottom = corners
    return Box(round(left / width, 5), round(top / height, 5), round(right / width, 5), round(bottom / height, 5))


# The 80 classes of COCO 2017 in the order of YOLO networks.
_COCO = """
    person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
    stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
    backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball
    bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork, knife,
    spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake, chair,
    couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard, cell phone,
    microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, hair drier,
    toothbrush
"""
COCO = tuple(" ".join(name.split()) for name in _COCO.split(","))
