"""Measures episodes: three snapshots of one scene through detector and rules, as an exam would judge them.

A photograph becomes three snapshots the way a webcam would take them some
seconds apart: moved by a few pixels, a little brighter or darker, encoded anew.
Episodes of phones come from every photograph labelled with one, clean episodes
from single people without a phone and from the recorded sequences, whose frames
are used as they are. Nothing here is tuned to the pictures.
"""

import csv
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from uuid import UUID

from PIL import Image, ImageEnhance

from benchmarks.datasets import SHARED, DatasetMissing
from proctoring.anomalies.findings import Material, assess
from proctoring.detection import open_detector
from proctoring.detection.schemas import PictureAnalysis
from proctoring.signals.schemas import Kind, Picture, Rules

Row = tuple[str, str, str]

FOLDER = SHARED / "data" / "proctoring"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
INTERVAL = 10.0
SNAPSHOTS = 3
MOVED, BRIGHTER = 0.02, 0.1  # shares of the side and of the brightness
SEQUENCES = ("seq_center", "seq_left")


def run() -> list[Row]:
    """Recall of phone episodes, and false episodes on clean ones."""
    labels = _labels()
    phones = [label for label in labels if int(label["phones"]) > 0]
    easy = [label for label in phones if label["hard"] == "0"]
    single = [
        label
        for label in labels
        if label["phones"] == "0" and label["persons"] == "1" and label["hard"] == "0" and "/seq_" not in label["file"]
    ]
    with tempfile.TemporaryDirectory() as cache:
        detector = open_detector(models_dir=SHARED / "models", cache_dir=Path(cache))

        def flagged(pictures: Sequence[bytes]) -> bool:
            return Kind.PHONE in kinds(detector.analyse(list(pictures)))

        found = {label["file"]: flagged(_three(_path(label))) for label in phones}
        false = [label["file"] for label in single if flagged(_three(_path(label)))]
        recorded = [frames for name in SEQUENCES for frames in _recorded(name)]
        moved = sum(flagged([frame.read_bytes() for frame in frames]) for frames in recorded)
        detector.close()
    hits = sum(found.values())
    hits_easy = sum(found[label["file"]] for label in easy)
    return [
        (
            "phone episodes of three snapshots found",
            f"{hits} of {len(phones)} ({hits / max(1, len(phones)):.2f})",
            ">= 0.90",
        ),
        ("  of those not marked hard", f"{hits_easy} of {len(easy)}", ""),
        ("false phone episodes, recorded sequences", f"{moved} of {len(recorded)}", "0"),
        ("false phone episodes, single people without one", f"{len(false)} of {len(single)}", "0"),
        ("  which", ", ".join(Path(name).name for name in false) or "none", ""),
    ]


def kinds(analyses: Sequence[PictureAnalysis]) -> set[Kind]:
    """What the rules flag when these pictures come one interval after the other."""
    pictures = [
        Picture(UUID(int=number), number, START + timedelta(seconds=INTERVAL * number), analysis)
        for number, analysis in enumerate(analyses, start=1)
    ]
    end = START + timedelta(seconds=INTERVAL * (len(pictures) + 1))
    found = assess(
        Material(started_at=START, ended_at=end, now=end, pictures=pictures, rules=Rules(interval_seconds=INTERVAL))
    )
    return {anomaly.kind for anomaly in found.anomalies}


def _labels() -> list[dict[str, str]]:
    if not (FOLDER / "labels.csv").is_file():
        raise DatasetMissing(f"{FOLDER} is not there; set MWALIMU_SHARED_DIR")
    with (FOLDER / "labels.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def _path(label: dict[str, str]) -> Path:
    return FOLDER / label["file"].removeprefix("visible/")


def _three(path: Path) -> list[bytes]:
    """Three snapshots of one scene, each the same for every run."""
    chance = Random(path.name)
    with Image.open(path) as opened:
        scene = opened.convert("RGB")
    return [_snapshot(scene, chance) for _ in range(SNAPSHOTS)]


def _snapshot(scene: Image.Image, chance: Random) -> bytes:
    across, down = (round(side * chance.uniform(0, MOVED)) for side in scene.size)
    moved = scene.crop((across, down, scene.width - across // 2, scene.height - down // 2))
    lit = ImageEnhance.Brightness(moved).enhance(chance.uniform(1 - BRIGHTER, 1 + BRIGHTER))
    out = BytesIO()
    lit.save(out, "JPEG", quality=chance.randint(72, 88))
    return out.getvalue()


def _recorded(name: str) -> list[list[Path]]:
    """The frames of a recorded sequence, three by three."""
    frames = sorted((FOLDER / name).glob("*.jpg"))
    return [frames[start : start + SNAPSHOTS] for start in range(0, len(frames) - SNAPSHOTS + 1, SNAPSHOTS)]


if __name__ == "__main__":
    for row in run():
        print(*row, sep=" | ")
