"""Measures what is seen on the labelled photographs: faces, persons, things, who it is, and camera faults.

One row per confusion table: what the labels say, and how many pictures were
answered how. Every picture is looked at twice, as in a quiet exam. Those marked
`hard` are counted apart. Pictures and labels come from the shared folder;
nothing here is tuned to them.
"""

import csv
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from benchmarks.datasets import SHARED, DatasetMissing
from proctoring.detection import compare, open_detector
from proctoring.detection.schemas import Likeness, PictureAnalysis

Row = tuple[str, str, str]

FOLDER = SHARED / "data" / "proctoring"
THINGS = (("phones", "cell phone"), ("books", "book"), ("laptops", "laptop"))
NOT_FAULTY = frozenset({"syn_lowlight_face.jpg", "syn_white.jpg"})  # a face is still visible; light, not a fault
WORDS = ("none", "one", "many")


@dataclass(frozen=True, slots=True)
class Photograph:
    """A labelled picture and what was seen on it."""

    name: str
    label: dict[str, str]
    seen: PictureAnalysis

    @property
    def hard(self) -> bool:
        """Whether the labels call it hard."""
        return self.label["hard"] == "1"

    @property
    def fault(self) -> bool:
        """Whether it shows a fault of the camera and not a scene."""
        return self.label["pose"] == "fault"


def run() -> list[Row]:
    """The confusion tables."""
    photographs = _photographs()
    scenes = [each for each in photographs if not each.fault]
    easy, hard = [each for each in scenes if not each.hard], [each for each in scenes if each.hard]
    rows = [("photographs", f"{len(easy)}, and {len(hard)} hard ones", "")]
    for name, goal in (("faces", "98 %"), ("persons", "97 %")):
        rows += _counted(f"{name} none/one/many", easy, name, goal)
        rows += _counted(f"{name} none/one/many, hard ones", hard, name, "")
    for column, label in THINGS:
        rows.append(_present(scenes, column, label))
    return [*rows, *_identity(scenes), *_camera(photographs)]


def _photographs() -> list[Photograph]:
    if not (FOLDER / "labels.csv").is_file():
        raise DatasetMissing(f"{FOLDER} is not there; set MWALIMU_SHARED_DIR")
    with (FOLDER / "labels.csv").open(newline="", encoding="utf-8") as opened:
        labels = list(csv.DictReader(opened))
    names = [label["file"].removeprefix("visible/") for label in labels]
    with tempfile.TemporaryDirectory() as cache:
        detector = open_detector(models_dir=SHARED / "models", cache_dir=Path(cache))
        seen = detector.analyse([(FOLDER / name).read_bytes() for name in names], second_look=True)
        detector.close()
    return [Photograph(*each) for each in zip(names, labels, seen, strict=True)]


def _counted(measure: str, photographs: list[Photograph], column: str, goal: str) -> list[Row]:
    """Right answers, and the confusion: what it is > what was said."""
    confusion: Counter[tuple[int, int]] = Counter()
    for each in photographs:
        seen = len(each.seen.faces) if column == "faces" else each.seen.persons
        confusion[min(2, int(each.label[column])), min(2, seen)] += 1
    right = sum(count for (is_, said), count in confusion.items() if is_ == said)
    table = "; ".join(f"{WORDS[is_]}: " + "/".join(str(confusion[is_, said]) for said in range(3)) for is_ in range(3))
    return [
        (measure, f"{right} of {len(photographs)} ({right / max(1, len(photographs)):.1%})", goal and f">= {goal}"),
        ("  is: said none/one/many", table, ""),
    ]


def _present(photographs: list[Photograph], column: str, label: str) -> Row:
    hits = [(int(each.label[column]) > 0, any(o.label == label for o in each.seen.objects)) for each in photographs]
    found, false = hits.count((True, True)), hits.count((False, True))
    there = found + hits.count((True, False))
    recall, precision = found / max(1, there), found / max(1, found + false)
    goal = "recall 0.75, precision 0.85" if column == "phones" else ""
    return (
        f"{label}: found",
        f"{found} of {there} (recall {recall:.2f}), {false} false (precision {precision:.2f})",
        goal,
    )


def _identity(photographs: list[Photograph]) -> list[Row]:
    """Every pair of single people whose names are known."""
    known = [
        (each.label["identity"], each.seen.faces[0].embedding)
        for each in photographs
        if each.label["identity"] and each.seen.faces and each.seen.faces[0].embedding
    ]
    same, other = [], []
    for (one, numbers), (another, others) in combinations(known, 2):
        (same if one == another else other).append(compare(numbers, others))
    wrong = sum(verdict is Likeness.MISMATCH for _, verdict in same) + sum(
        verdict is Likeness.MATCH for _, verdict in other
    )
    unsure = sum(verdict is Likeness.UNSURE for _, verdict in (*same, *other))
    lowest, highest = min(value for value, _ in same), max(value for value, _ in other)
    return [
        ("identity errors", f"{wrong} of {len(same)} same and {len(other)} different pairs; {unsure} unsure", "0"),
        ("  lowest likeness of one person, highest of two", f"{lowest:.3f}, {highest:.3f}", ""),
    ]


def _camera(photographs: list[Photograph]) -> list[Row]:
    clean = [each for each in photographs if not each.fault]
    faulty = [each for each in photographs if each.fault and each.name not in NOT_FAULTY]
    found = [each for each in faulty if each.seen.quality.faults]
    called = [each for each in clean if each.seen.quality.faults]
    said = ", ".join(
        f"{each.name}: {'/'.join(each.seen.quality.faults) or 'none'}" for each in photographs if each.fault
    )
    return [
        ("camera faults found", f"{len(found)} of {len(faulty)}", "all"),
        (
            "clean pictures called faulty",
            f"{len(called)} of {len(clean)} {[each.name for each in called] or ''}".strip(),
            "0",
        ),
        ("  said of each", said, ""),
    ]
