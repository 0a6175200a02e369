"""`mwalimu proctor`: what the detectors see on pictures, and how far reviewers agreed with them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console

from api.cli import proctor_stats
from api.cli.console import CommandFailed
from lms_core.kit.clock import SystemClock
from lms_core.kit.settings import Settings
from proctoring.anomalies.rules import DEFAULTS
from proctoring.detection import Detector, PictureRefused, open_detector
from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.signals.pictures import read
from proctoring.signals.schemas import Picture, Rules

app = typer.Typer(no_args_is_help=True, help="Proctored exams.")
app.command("stats")(proctor_stats.stats)
out = Console()
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def analyse(images: list[Path], as_json: JsonFlag = False) -> None:
    """Look at pictures, or all that lie in a folder, as the worker does, one by one; nothing is stored.

    A single picture is judged without any before or after it, so what is named
    here is a signal; an exam's report counts only what lasts.
    """
    settings = Settings()
    detector = open_detector(
        models_dir=settings.models_dir,
        cache_dir=settings.data_dir / "models",
        threads=settings.embedding_threads or None,
        object_model=settings.proctoring_model,
        device=settings.proctoring_device,
    )
    try:
        found = [_one(detector, path) for path in _pictures(images)]
    finally:
        detector.close()
    if as_json:
        print(json.dumps(found))
    else:
        for each in found:
            _show(each)
    if any("error" in each for each in found):
        raise typer.Exit(1)


def _pictures(paths: list[Path]) -> list[Path]:
    """The files named, and instead of a folder the pictures in it, by name."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.glob("*") if each.suffix.lower() in PICTURES) if path.is_dir() else [path]
        if not inside:
            raise CommandFailed(f"{path} holds no picture ({', '.join(sorted(PICTURES))}).")
        found += inside
    return found


def _one(detector: Detector, path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}.") from error
    try:
        analysis = detector.analyse([data])[0]
    except PictureRefused as error:
        return {"path": str(path), "error": {"code": error.code, "detail": error.detail}}
    return {
        "path": str(path),
        "faces": len(analysis.faces),
        "persons": analysis.persons if Check.OBJECTS in analysis.looked_for else None,
        "objects": [
            {"label": thing.label, "confidence": thing.confidence, "box": list(asdict(thing.box).values())}
            for thing in analysis.objects
        ],
        "quality": _quality(analysis),
        "anomalies": _anomalies(analysis),
        "looked_for": sorted(analysis.looked_for),
        "unavailable": {str(check): reason for check, reason in analysis.unavailable.items()},
        "models": analysis.models,
        "ms": analysis.milliseconds,
    }


def _quality(analysis: PictureAnalysis) -> dict[str, Any]:
    quality = analysis.quality
    numbers = {name: getattr(quality, name) for name in ("width", "height", "brightness", "contrast", "sharpness")}
    return numbers | {"faults": list(quality.faults)}


def _anomalies(analysis: PictureAnalysis) -> list[dict[str, Any]]:
    """The signals of this one picture, against nobody's own position: nothing before it is known."""
    now = SystemClock().now()
    reading = read(Picture(uuid4(), 1, now, analysis), rules=Rules(), baseline=None)
    return [
        {"type": signal.kind, "severity": DEFAULTS[signal.kind].severity, "confidence": signal.confidence}
        for signal in (reading.signals if reading is not None else ())
    ]


def _show(found: dict[str, Any]) -> None:
    if "error" in found:
        out.print(f"{found['path']}: {found['error']['detail']}", markup=False)
        return
    things = ", ".join(f"{thing['label']} {thing['confidence']:.2f}" for thing in found["objects"]) or "none"
    persons = "not looked for" if found["persons"] is None else found["persons"]
    out.print(
        f"{found['path']}: {found['faces']} faces, persons: {persons}, things: {things} ({found['ms']:.0f} ms)",
        markup=False,
        highlight=False,
    )
    for anomaly in found["anomalies"]:
        out.print(f"  {anomaly['type']} ({anomaly['severity']}, {anomaly['confidence']:.2f})", markup=False)
    for reason in found["unavailable"].values():
        out.print(f"  {reason}", markup=False)
