"""YOLO weights to OpenVINO, once per weights, in a process of its own: `python -m proctoring.detection.exporting`.

Torch and ultralytics then never enter the worker, whose memory is a third without them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from proctoring.detection.errors import ModelUnavailable

EXPORT_SECONDS = 300
NAME = "model.xml"


def exported(weights: Path, *, digest: str, cache: Path) -> Path:
    """The OpenVINO form of `weights` (whose hash was checked) in the cache folder, made there if it is not yet.

    Raises ModelUnavailable when ultralytics cannot export them.
    """
    target = cache / f"{weights.stem}-{digest[:16]}"
    if not (target / NAME).is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".exporting-") as scratch:
            made = _export(weights, Path(scratch))
            try:
                made.rename(target)
            except OSError:  # another process was first: its export is as good
                if not (target / NAME).is_file():
                    raise
    return target / NAME


def _export(weights: Path, scratch: Path) -> Path:
    copy = Path(shutil.copyfile(weights, scratch / "model.pt"))  # ultralytics writes beside the weights
    surroundings = os.environ | {
        "YOLO_AUTOINSTALL": "false",
        "YOLO_OFFLINE": "true",
        "YOLO_CONFIG_DIR": str(scratch),
        "YOLO_VERBOSE": "false",
    }
    command = [sys.executable, "-m", "proctoring.detection.exporting", str(copy)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=EXPORT_SECONDS, env=surroundings)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ModelUnavailable(f"{weights.name} was not exported within {EXPORT_SECONDS} s.") from error
    folder = scratch / "model_openvino_model"
    if done.returncode or not (folder / NAME).is_file():
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise ModelUnavailable(f"{weights.name} cannot be exported for this processor: {reason[:300]}")
    return folder


def main() -> None:
    """Export the `.pt` named on the command line beside itself, for pictures of any size."""
    from ultralytics import YOLO

    YOLO(sys.argv[1], task="detect").export(format="openvino", dynamic=True, imgsz=640)


if __name__ == "__main__":
    main()
